"""Blobs, queues and the workspace on a real Azurite."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from adapters.blobs import Blobs
from adapters.queues import open_queues
from adapters.workspace import Workspace
from config.settings import Settings
from core.errors import Unprocessable
from core.job import Job, job_for

MIB = 1024**2


def put(service: BlobServiceClient, name: str, data: bytes) -> Job:
    """Upload as a user would, and make the job of it."""
    answer = service.get_blob_client("uploads", name).upload_blob(data, overwrite=True)
    return job_for(name, answer["etag"], len(data))


def fetched(blobs: Blobs, job: Job) -> bytes:
    target = io.BytesIO()
    blobs.download(job.container, job.blob_name, job.etag, target)
    return target.getvalue()


def test_a_blob_of_many_blocks_comes_back_byte_for_byte(service: BlobServiceClient, blobs: Blobs) -> None:
    data = os.urandom(40 * MIB)
    assert fetched(blobs, put(service, "large.bin", data)) == data


@pytest.mark.parametrize(
    "name", ["a b.jpg", "ü/ñ/日本.jpg", "100%25.jpg", "a#b?c.jpg", "-y.jpg", "%03d.png", "a+b&c=d.jpg"]
)
def test_any_name_that_storage_takes_goes_through_every_operation(
    service: BlobServiceClient, blobs: Blobs, name: str
) -> None:
    job = put(service, name, b"data")
    assert fetched(blobs, job) == b"data"
    blobs.copy(("uploads", name), ("processed", f"{name}/copy"))
    facts = blobs.facts("processed", f"{name}/copy")
    assert facts is not None
    assert facts.size_bytes == 4
    assert list(blobs.names("processed", f"{name}/")) == [f"{name}/copy"]


def test_an_upload_that_was_overwritten_is_never_mixed_with_its_newer_version(
    service: BlobServiceClient, blobs: Blobs
) -> None:
    old = put(service, "changing.jpg", b"old")
    put(service, "changing.jpg", b"new")
    with pytest.raises(Unprocessable) as caught:
        fetched(blobs, old)
    assert caught.value.code == "superseded"


def test_an_upload_that_is_gone_says_so(service: BlobServiceClient, blobs: Blobs) -> None:
    job = put(service, "gone.jpg", b"x")
    service.get_blob_client("uploads", "gone.jpg").delete_blob()
    with pytest.raises(Unprocessable) as caught:
        fetched(blobs, job)
    assert caught.value.code == "source_gone"
    assert blobs.facts("uploads", "gone.jpg") is None


def test_an_output_keeps_the_headers_that_we_gave_it(service: BlobServiceClient, blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"webp")
    headers = {"content_type": "image/webp", "cache_control": "public, max-age=9", "metadata": {"role": "main"}}
    blobs.upload(tmp_path / "f", "temp", "id/main.webp", **headers)  # type: ignore[arg-type]
    blobs.copy(("temp", "id/main.webp"), ("processed", "p/main.webp"))
    props = service.get_blob_client("processed", "p/main.webp").get_blob_properties()
    assert (props.content_settings.content_type, props.content_settings.cache_control) == (
        "image/webp",
        "public, max-age=9",
    )
    assert props.metadata == {"role": "main"}
    assert "?" not in blobs.url("processed", "p/main.webp")


def test_cleaning_up_twice_removes_only_what_is_below_the_prefix(service: BlobServiceClient, blobs: Blobs) -> None:
    for name in ("job1/a", "job1/b", "job10/a"):
        service.get_blob_client("temp", name).upload_blob(b"x", overwrite=True)
    assert blobs.delete("temp", "job1/") == 2
    assert blobs.delete("temp", "job1/") == 0
    assert list(blobs.names("temp", "job10/")) == ["job10/a"]


def test_a_document_that_is_not_there_is_none(blobs: Blobs) -> None:
    assert blobs.get_json("receipts", "by-instance/none.json") is None
    blobs.put_json("receipts", "x.json", {"a": "ü"})
    assert blobs.get_json("receipts", "x.json") == {"a": "ü"}


def test_making_a_container_twice_is_harmless(blobs: Blobs) -> None:
    assert blobs.make_container("again")
    assert not blobs.make_container("again")


def test_a_poison_message_waits_in_a_queue_that_is_made_when_needed(connection: str) -> None:
    from azure.storage.queue import QueueClient

    queues = open_queues(Settings.load({"AzureWebJobsStorage": connection}))
    queues.send("poison-test", {"blob_name": "ü\n"})
    message = QueueClient.from_connection_string(connection, "poison-test").receive_message()
    assert message is not None
    assert json.loads(message.content) == {"blob_name": "ü\n"}


def test_a_second_step_on_the_same_worker_does_not_fetch_again(
    service: BlobServiceClient, blobs: Blobs, tmp_path: Path
) -> None:
    workspace, job = Workspace(tmp_path, 10 * MIB), put(service, "warm.jpg", b"data")
    with workspace.source(job, blobs) as path:
        assert path.read_bytes() == b"data"
    service.get_blob_client("uploads", "warm.jpg").delete_blob()
    with workspace.source(job, blobs) as path:
        assert path.read_bytes() == b"data"
    workspace.forget(job)
    with pytest.raises(Unprocessable), workspace.source(job, blobs):
        pass


def test_the_oldest_source_makes_room_for_a_new_one_but_never_one_in_use(
    service: BlobServiceClient, blobs: Blobs, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path, 3 * MIB)
    old, used, new = (put(service, f"room-{n}", os.urandom(MIB + MIB // 2)) for n in range(3))
    with workspace.source(used, blobs) as in_use:
        with workspace.source(old, blobs):
            pass
        with workspace.source(new, blobs):
            held = {path.name for path in (tmp_path / "sources").iterdir()}
            assert held == {used.instance_id, new.instance_id}
            assert in_use.exists()


def test_a_download_that_breaks_leaves_no_half_source(service: BlobServiceClient, blobs: Blobs, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, 10 * MIB)
    old = put(service, "half.jpg", b"old")
    put(service, "half.jpg", b"new")
    with pytest.raises(Unprocessable), workspace.source(old, blobs):
        pass
    assert list((tmp_path / "sources").iterdir()) == []


def test_the_folder_of_a_piece_of_work_is_gone_afterwards(
    service: BlobServiceClient, blobs: Blobs, tmp_path: Path
) -> None:
    workspace, job = Workspace(tmp_path, MIB), job_for("a", "1", 1)
    with pytest.raises(RuntimeError), workspace.folder(job) as folder:
        (folder / "out.mp4").write_bytes(b"x")
        raise RuntimeError("ffmpeg died")
    assert list((tmp_path / "jobs").iterdir()) == []
