"""What the clock tidies, fired by hand on a real stack."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities import tools, upkeep
from adapters.blobs import Blobs
from adapters.receipts import Receipts
from core import naming
from devhost.testing import eventually
from tests.stack.media import photo
from tests.stack.running import Stack


def fire(stack: Stack, timer: str) -> None:
    key = {"x-functions-key": stack.host.stack["system_key"]}
    assert stack.host.call("POST", f"/admin/functions/{timer}", {}, key).status == 202


def said(stack: Stack, event: str) -> list[dict[str, int]]:
    """What the log says about an event, each time."""
    lines = (line[line.index('{"event"') :] for line in stack.host.log.splitlines() if f'{{"event": "{event}"' in line)
    return [json.loads(line) for line in lines]


def test_an_upload_whose_event_was_lost_is_found_and_compressed(tmp_path: Path) -> None:
    stack = Stack(tmp_path, env={"LOST_AFTER_MINUTES": "0"}).start()
    try:
        id_ = stack.compressed("seen.jpg", photo())["instance_id"]
        # Its receipt gone and its instance forgotten, it looks like an upload that nobody ever announced.
        stack.blobs.get_blob_client(naming.RECEIPTS, naming.receipt_by_id(id_)).delete_blob()
        assert stack.host.durable("DELETE", f"instances/{id_}").status == 200
        fire(stack, "announce_lost")
        assert stack.receipt(id_)["status"] == "success"
        assert said(stack, "lost_announced")[-1] == {"event": "lost_announced", "looked_at": 1, "started": 1}
        fire(stack, "announce_lost")
        assert said(stack, "lost_announced")[-1]["looked_at"] == 0
    finally:
        stack.stop()


def test_leftovers_of_jobs_that_are_over_are_swept_and_young_ones_are_not(stack: Stack) -> None:
    stack.blobs.get_blob_client(naming.TEMP, f"media-{'1' * 32}/main.webp").upload_blob(b"left over", overwrite=True)
    fire(stack, "sweep_temp")
    assert said(stack, "temp_swept")[-1]["blobs"] == 0
    assert stack.names(naming.TEMP, f"media-{'1' * 32}/")


def test_what_a_job_left_that_was_cut_off_after_its_receipt_is_swept_at_once(stack: Stack) -> None:
    id_ = stack.compressed("cut-off.jpg", photo(seed=33))["instance_id"]
    stack.blobs.get_blob_client(naming.TEMP, f"{id_}/main.webp").upload_blob(b"left over")
    fire(stack, "sweep_temp")
    assert stack.names(naming.TEMP, id_) == []


def test_old_histories_are_purged_and_receipts_stay(stack: Stack) -> None:
    receipt = stack.compressed("history.jpg", photo(seed=31))
    fire(stack, "purge_history")
    assert said(stack, "history_purged")[-1]["instances"] == 0  # younger than HISTORY_KEEP_DAYS
    assert stack.status(receipt["instance_id"]).status_code == 200
    until = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = f"instances?createdTimeFrom=2020-01-01T00:00:00Z&createdTimeTo={until}&runtimeStatus=Completed"
    assert stack.host.durable("DELETE", query).json["instancesDeleted"] >= 1
    eventually(lambda: stack.status(receipt["instance_id"]).status_code == 404, 10)
    assert stack.names(naming.RECEIPTS, naming.receipt_by_id(receipt["instance_id"]))


@pytest.fixture
def ours(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Blobs:
    """The stack's storage, where this process's own activities look for theirs."""
    blobs = Blobs(stack.blobs)
    monkeypatch.setattr(tools, "blobs", lambda: blobs)
    monkeypatch.setattr(tools, "receipts", lambda: Receipts(blobs))
    return blobs


def test_what_is_stale_is_told_by_the_newest_blob_of_a_job(stack: Stack, ours: Blobs) -> None:
    for name in ("main.webp", "thumb.webp"):
        stack.blobs.get_blob_client(naming.TEMP, f"stale/{name}").upload_blob(io.BytesIO(b"12345"), overwrite=True)
    now = datetime.now(UTC)
    assert "stale" not in upkeep.stale_temp(now, timedelta(hours=24))
    assert upkeep.stale_temp(now + timedelta(hours=25), timedelta(hours=24))["stale"] == 10


def test_only_old_uploads_without_a_receipt_are_lost(stack: Stack, ours: Blobs) -> None:
    done = stack.compressed("with-receipt.jpg", photo(seed=32))
    now, older_than = datetime.now(UTC), timedelta(minutes=10)
    assert list(upkeep.without_receipt(now, older_than)) == []
    lost = {blob.name for blob in upkeep.without_receipt(now + timedelta(minutes=11), older_than)}
    assert done["blob_name"] not in lost
