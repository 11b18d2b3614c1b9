"""What a signed link lets arrive is not what was declared: what is too much, or no ordinary blob, ends there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from core.upload_name import upload_name
from tests.stack.running import Stack
from tests.web.person import Person, put

MOST_BYTES, QUOTA_BYTES = 200_000, 500_000
DAY_MS = 24 * 3600 * 1000


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One machine where uploads are small and few."""
    env = {"UPLOAD_MAX_BYTES": str(MOST_BYTES), "UPLOAD_QUOTA_BYTES": str(QUOTA_BYTES)}
    running = Stack(tmp_path_factory.mktemp("bounds"), workers=1, env=env).start()
    yield running
    running.stop()


def refused(anna: Person) -> Any:
    answer = anna.post("/api/upload", {"fileName": "a.jpg", "fileSize": 1000, "fileType": ""})
    return answer.json().get("code")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.mark.parametrize("days", [0, 2, 6])
def test_what_arrived_counts_however_old_its_name_is(anna: Person, days: int) -> None:
    name = upload_name(anna.owner, "a.jpg", "jpg", None, now_ms() - days * DAY_MS, "a0123456789")
    signed = anna.post("/api/upload/resume", {"blobName": name}).json()["uploadUrl"]
    assert put(signed, b"x" * QUOTA_BYTES).status_code == 201
    assert refused(anna) == "quota_used_up"


def test_nothing_new_is_resumed_over_the_quota_but_what_is_there_is_complete(anna: Person) -> None:
    room, waiting = anna.begin(size=1), anna.begin(size=1)
    assert put(room["uploadUrl"], b"x" * (QUOTA_BYTES + 1)).status_code == 201
    assert anna.post("/api/upload/resume", {"blobName": room["blobName"]}).json()["complete"]
    answer = anna.post("/api/upload/resume", {"blobName": waiting["blobName"]})
    assert (answer.status_code, answer.json()["code"]) == (429, "quota_used_up")
