"""One line per event, which no field can break and no secret gets into."""

from __future__ import annotations

import json

import pytest

from config.logging import log_event


def line(caplog: pytest.LogCaptureFixture, **fields: object) -> str:
    with caplog.at_level("INFO", "simpi"):
        log_event("tried", **fields)
    return caplog.messages[-1]


@pytest.mark.parametrize("name", ["a\nb", "a\r\nb", "a\u2028b", 'a"b', "\x1b[31m", "日本"])
def test_any_name_stays_within_one_line_of_json(caplog: pytest.LogCaptureFixture, name: str) -> None:
    text = line(caplog, blob_name=name)
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text) == {"event": "tried", "blob_name": name}


@pytest.mark.parametrize(
    "text",
    [
        "https://x/y?sv=1&sig=canary%3D&se=2",
        "AccountName=a;AccountKey=canary==;",
        "Endpoint=https://x;AccessKey=canary;Version=1.0;",
        "Authorization: Bearer canary.canary.canary",
        "/instances/x?code=canary",
        "wss://x/client/?hub=h&access_token=canary",
        "whsec_canary",
    ],
)
def test_what_looks_like_a_secret_in_somebody_elses_text_is_left_out(
    caplog: pytest.LogCaptureFixture, text: str
) -> None:
    logged = line(caplog, detail=f"it failed: {text}")
    assert "canary" not in logged
    assert json.loads(logged)["detail"].startswith("it failed: ")
