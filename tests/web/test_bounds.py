"""What a signed link lets arrive is not what was declared: what is too much, or no ordinary blob, ends there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from core import naming
from core.upload_name import upload_name
from tests.stack.media import photo
from tests.stack.running import Stack
from tests.web.person import Person, put

MOST_BYTES, QUOTA_BYTES = 200_000, 500_000
DAY_MS = 24 * 3600 * 1000
SMALL = photo(320, 240)


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


def end_of(anna: Person, blob: str) -> tuple[str, str]:
    receipt = anna.ended(blob)["receipt"]
    return receipt["status"], receipt["error_code"]


def test_what_is_larger_than_the_page_takes_is_not_compressed(stack: Stack, anna: Person) -> None:
    room = anna.begin(size=1)
    assert put(room["uploadUrl"], SMALL + bytes(MOST_BYTES)).status_code == 201
    assert end_of(anna, room["blobName"]) == ("rejected", "too_large")
    large = stack.compressed("from a tool.jpg", SMALL + bytes(MOST_BYTES))
    assert large["status"] == "success", "that limit is the page's"


@pytest.mark.parametrize("kind", ["PageBlob", "AppendBlob"])
def test_a_blob_that_the_page_never_makes_is_not_compressed(anna: Person, kind: str) -> None:
    room = anna.begin(size=1)
    length = {"x-ms-blob-content-length": "512"} if kind == "PageBlob" else {}
    assert put(room["uploadUrl"], b"", **{"x-ms-blob-type": kind}, **length).status_code == 201
    if kind == "AppendBlob":
        assert requests.put(room["uploadUrl"], params={"comp": "appendblock"}, data=SMALL, timeout=20).ok
    assert end_of(anna, room["blobName"]) == ("rejected", "not_a_block_blob")


def test_an_archived_upload_is_rejected_once_and_poisons_nothing(stack: Stack, anna: Person) -> None:
    room = anna.begin(size=1)
    assert put(room["uploadUrl"], SMALL, **{"x-ms-access-tier": "Archive"}).status_code == 201
    assert end_of(anna, room["blobName"]) == ("rejected", "archived")
    poison = stack.queues.get_queue_client(naming.POISON_QUEUE)
    assert not [message for message in poison.peek_messages(32) if room["blobName"] in message.content]


def test_nothing_new_is_resumed_over_the_quota_but_what_is_there_is_complete(anna: Person) -> None:
    room, waiting = anna.begin(size=1), anna.begin(size=1)
    assert put(room["uploadUrl"], b"x" * (QUOTA_BYTES + 1)).status_code == 201
    assert anna.post("/api/upload/resume", {"blobName": room["blobName"]}).json()["complete"]
    answer = anna.post("/api/upload/resume", {"blobName": waiting["blobName"]})
    assert (answer.status_code, answer.json()["code"]) == (429, "quota_used_up")
