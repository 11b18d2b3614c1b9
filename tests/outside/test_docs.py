"""What the guide to webhooks shows works, and it says what there is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from adapters.webhooks import send
from core import events
from core.events import Event
from tests.conftest import ROOT
from tests.outside.receiver import SECRET, Receiver

GUIDE = (ROOT / "docs" / "webhooks.md").read_text()


def test_the_verifier_in_the_guide_takes_each_real_event_once_and_no_forged_one() -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    there: dict[str, Any] = {}
    exec(compile(snippet, "docs/webhooks.md", "exec"), there)
    event = Event("media-1.x", "media.processing.completed", "2026-01-01T00:00:00.000Z", {"a": 1})
    with Receiver() as receiver:
        for _ in range(2):
            send(receiver.url, SECRET, event, allow_private=True)
        first, second = receiver.requests
    assert there["take"](first.headers, first.body, SECRET) == event.payload()
    assert there["take"](second.headers, second.body, SECRET) is None
    with pytest.raises(WebhookVerificationError):
        there["take"](first.headers, first.body + b" ", SECRET)


def test_every_event_and_every_field_is_in_the_guide() -> None:
    for word in (events.STARTED, *events.ENDED.values(), *events.TOLD_AT_END):
        assert f"`{word}`" in GUIDE, word
