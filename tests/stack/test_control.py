"""What operators can do to jobs, on a real stack."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from core import naming
from core.job import job_for
from devhost.testing import eventually
from tests.stack.media import clip, photo
from tests.stack.running import Stack

LONG = clip(30, "1280x720", crf=30)


def post(stack: Stack, id_: str, verb: str, **params: str) -> requests.Response:
    return requests.post(f"{stack.url}/api/jobs/{id_}/{verb}", params=params, timeout=20)


def custom(stack: Stack, id_: str) -> dict[str, Any]:
    return stack.host.status(id_).get("customStatus") or {}


def encoding(stack: Stack, id_: str) -> bool:
    return custom(stack, id_).get("percent", 0) > 10


def ffmpegs(folder: Path) -> list[str]:
    """The FFmpeg processes that work below a folder."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            if "ffmpeg" in (process / "cmdline").read_text() and str(folder) in str((process / "cwd").readlink()):
                found.append(process.name)
        except OSError:
            continue
    return found


def test_a_cancelled_encode_ends_within_five_seconds_with_a_receipt_and_an_empty_temp(stack: Stack) -> None:
    id_ = stack.upload("cancel-me.mp4", LONG)
    eventually(lambda: encoding(stack, id_), 60)
    assert ffmpegs(stack.data)
    begun = time.monotonic()
    assert post(stack, id_, "cancel").status_code == 202
    eventually(lambda: not ffmpegs(stack.data), 20)
    assert time.monotonic() - begun < 5
    receipt = stack.receipt(id_)
    assert (receipt["status"], receipt["outputs"]) == ("cancelled", [])
    assert stack.names(naming.TEMP, id_) == []
    assert stack.names(naming.PROCESSED, "cancel-me.mp4/") == []


def test_a_cancelled_job_can_be_driven_again_under_its_id(stack: Stack) -> None:
    id_ = stack.upload("regret.mp4", LONG)
    eventually(lambda: encoding(stack, id_), 60)
    post(stack, id_, "cancel")
    first = stack.receipt(id_)
    assert post(stack, id_, "redrive", dryRun="true").json() == {
        "instanceId": id_,
        "blobName": "regret.mp4",
        "started": False,
    }
    assert post(stack, id_, "redrive").status_code == 202
    second = stack.receipt(id_)
    assert (second["status"], second["attempts"]) == ("success", first["attempts"] + 1)
    earlier = stack.blobs.get_blob_client(naming.RECEIPTS, second["redriven_from"]).download_blob().readall()
    assert json.loads(earlier) == first


def test_forty_jobs_that_are_driven_again_in_a_row_leave_no_poison_message_and_take_nobody_elses(stack: Stack) -> None:
    ids = [stack.upload(f"again/{n}.jpg", b"no picture %d" % n) for n in range(40)]
    poison = stack.queues.get_queue_client(naming.POISON_QUEUE)
    for number in range(7):
        poison.send_message(json.dumps({"message": f"somebody else's {number}", "error_code": "bad_message"}))
    for id_ in ids:
        ended = stack.receipt(id_)["completed_at"]
        poison.send_message(json.dumps({"instance_id": id_, "error_code": "upload_failed", "failed_at": ended}))
    try:
        assert [post(stack, id_, "redrive").status_code for id_ in ids] == [202] * 40
        left = [json.loads(message.content) for message in poison.peek_messages(max_messages=32)]
        assert not {message.get("instance_id") for message in left} & set(ids)
        assert len([message for message in left if "somebody else's" in str(message.get("message"))]) == 7
        for id_ in ids:
            stack.receipt(id_)
    finally:
        poison.clear_messages()


def test_a_success_has_nothing_to_redrive_and_an_unknown_job_is_404(stack: Stack) -> None:
    receipt = stack.compressed("fine.jpg", photo(seed=21))
    answer = post(stack, receipt["instance_id"], "redrive")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_redrive")
    for verb, code in (("redrive", "not_found"), ("cancel", "not_running"), ("run-now", "not_running")):
        answer = post(stack, f"media-{'0' * 32}", verb)
        assert (answer.status_code, answer.json()["code"]) == (404, code)


def test_an_upload_that_is_overwritten_while_it_is_encoded_is_superseded_and_the_newer_wins(stack: Stack) -> None:
    old = stack.upload("changing.mp4", LONG)
    eventually(lambda: encoding(stack, old), 60)
    new = stack.upload("changing.mp4", photo(seed=22))
    receipt = stack.receipt(new)
    assert (receipt["status"], receipt["kind"]) == ("success", "image")
    assert stack.receipt(old)["status"] == "superseded"
    published = {output["blob"] for output in receipt["outputs"]}
    assert set(stack.names(naming.PROCESSED, "changing.mp4/")) == published
    assert stack.names(naming.TEMP, old) == []


def test_an_upload_that_is_deleted_while_it_is_encoded_ends_as_source_gone(stack: Stack) -> None:
    id_ = stack.upload("deleted.mp4", LONG)
    eventually(lambda: encoding(stack, id_), 60)
    stack.blobs.get_blob_client(naming.UPLOADS, "deleted.mp4").delete_blob()
    receipt = stack.receipt(id_)
    assert (receipt["status"], receipt["error_code"], receipt["attempts"]) == ("rejected", "source_gone", 1)
    assert stack.names(naming.PROCESSED, "deleted.mp4/") == []


def test_photos_do_not_wait_behind_videos(stack: Stack) -> None:
    videos = [stack.upload(f"busy-{n}.mp4", LONG) for n in range(4)]
    eventually(lambda: any(encoding(stack, id_) for id_ in videos), 60)
    photos = [stack.receipt(stack.upload(f"quick-{n}.jpg", photo(800, 600, seed=n))) for n in range(4)]
    assert {receipt["status"] for receipt in photos} == {"success"}
    assert any(stack.host.status(id_)["runtimeStatus"] == "Running" for id_ in videos)
    assert any("every place for videos is taken" in custom(stack, id_).get("message", "") for id_ in videos)
    listed = requests.get(f"{stack.url}/api/jobs?status=running", timeout=20).json()["jobs"]
    assert any("every place for videos is taken" in job["message"] for job in listed)
    for id_ in videos:
        post(stack, id_, "cancel")
    assert {stack.receipt(id_)["status"] for id_ in videos} <= {"cancelled", "success"}


def test_a_batch_reports_each_item_and_one_that_is_missing_stops_nothing(stack: Stack) -> None:
    names = [f"batch/{n}.jpg" for n in range(5)]
    for n, name in enumerate(names):
        stack.upload(name, photo(400, 300, seed=n) if n else b"no picture")
    wish = {"blob_names": [*names, "batch/missing.jpg", names[0]]}
    answer = requests.post(f"{stack.url}/api/batch", json=wish, timeout=20)
    assert (answer.status_code, answer.json()["total"]) == (202, 6)
    url = f"{stack.url}/api/batch/{answer.json()['batchId']}"
    eventually(lambda: requests.get(url, timeout=10).json()["runtimeStatus"] == "Completed", 60)
    report = requests.get(url, params={"page": "0"}, timeout=10).json()
    assert report["progress"]["by_status"] == {"success": 4, "rejected": 2}
    assert report["progress"]["saved_bytes"] > 0
    assert {item["blob_name"]: item["error_code"] for item in report["items"]} == {
        **dict.fromkeys(names[1:]),
        names[0]: "unsupported_type",
        "batch/missing.jpg": "source_gone",
    }


@pytest.mark.parametrize(
    "body",
    [
        *("x", "{}", '{"prefix": 1}', '{"blob_names": [1]}', '{"blob_names": [], "prefix": ""}'),
        *(r'{"prefix": "\ud800"}', r'{"prefix": "a\u0000"}', r'{"blob_names": ["\ud800.jpg"]}'),
    ],
)
def test_a_batch_that_cannot_be_read_is_refused(stack: Stack, body: str) -> None:
    assert requests.post(f"{stack.url}/api/batch", data=body, timeout=20).status_code == 400


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Stack]:
    """A stack whose off-peak window never comes while a test runs."""
    hour = (time.gmtime().tm_hour + 12) % 24
    rules = (Path(__file__).parents[2] / "config" / "compression.toml").read_text()
    window = f'enabled = true\nstart = "{hour:02d}:00"\nend = "{hour:02d}:30"'
    changed = rules.replace('enabled = false\nstart = "02:00"\nend = "06:00"', window)
    changed = changed.replace("immediate_below_bytes = 5_000_000", "immediate_below_bytes = 500_000")
    assert changed.count("enabled = true") > rules.count("enabled = true")
    (tmp_path / "rules.toml").write_text(changed)
    stack = Stack(tmp_path / "data", env={**os.environ, "COMPRESSION_RULES": str(tmp_path / "rules.toml")}).start()
    yield stack
    stack.stop()


def test_a_large_upload_waits_for_the_night_until_somebody_hurries_or_cancels_it(night: Stack) -> None:
    small = night.compressed("small.jpg", photo(400, 300))
    assert small["status"] == "success"
    hurried, unwanted = night.upload("hurried.mp4", clip()), night.upload("unwanted.mp4", clip(3))
    for id_ in (hurried, unwanted):
        eventually(lambda id_=id_: custom(night, id_).get("stage") == "deferred", 20)
    assert post(night, hurried, "run-now").status_code == 202
    assert post(night, unwanted, "cancel").status_code == 202
    assert night.receipt(hurried)["status"] == "success"
    assert night.receipt(unwanted)["status"] == "cancelled"


def test_a_high_priority_takes_a_waiting_upload_out_of_the_queue_for_the_night(night: Stack) -> None:
    id_ = night.upload("urgent.mp4", clip())
    eventually(lambda: custom(night, id_).get("stage") == "deferred", 20)
    requests.post(f"{night.url}/api/media", json={"blob_name": "urgent.mp4", "priority": "high"}, timeout=20)
    assert night.receipt(id_)["status"] == "success"


def test_all_that_waits_is_listed_though_the_extension_lists_a_hundred_at_a_time(night: Stack) -> None:
    key = {"code": night.host.stack["system_key"]}
    jobs = [job_for(f"big-{number}.mp4", "e", 9, defer_until="2099-01-01T00:00:00.000Z") for number in range(101)]
    base = f"{night.url}/runtime/webhooks/durabletask"
    for job in jobs:
        url = f"{base}/orchestrators/compress_media/{job.instance_id}"
        assert requests.post(url, params=key, json=job.to_dict(), timeout=20).status_code == 202
    ids = {job.instance_id for job in jobs}
    running = {"runtimeStatus": "Running", "top": "1000"}

    def waiting() -> set[str]:
        found = requests.get(f"{base}/instances", params=key | running, timeout=20).json()
        return {one["instanceId"] for one in found if (one["customStatus"] or {}).get("stage") == "deferred"}

    eventually(lambda: waiting() == ids, 60)
    assert len(requests.get(f"{base}/instances", params=key, timeout=20).json()) == 100
    listed = requests.get(f"{night.url}/api/jobs", params={"status": "running"}, timeout=20).json()["jobs"]
    assert {job["instance_id"] for job in listed} == ids
    assert {job["blob_name"] for job in listed} == {job.blob_name for job in jobs}
    assert len(requests.get(f"{night.url}/api/jobs?status=running&prefix=big-10", timeout=20).json()["jobs"]) == 2


def test_a_job_that_failed_is_on_the_poison_queue_once_and_a_redrive_goes_on_from_what_is_staged(
    tmp_path: Path,
) -> None:
    stack = Stack(tmp_path, env={"MAX_RETRY_ATTEMPTS": "2"}).start()
    try:
        stack.blobs.delete_container(naming.PROCESSED)  # as an operator might, by mistake
        id_ = stack.upload("unlucky.jpg", photo(seed=41))
        failed = stack.receipt(id_)
        assert (failed["status"], failed["error_code"], failed["attempts"]) == ("failed", "upload_failed", 2)
        poison = stack.queues.get_queue_client(naming.POISON_QUEUE)
        (message,) = poison.peek_messages(max_messages=32)
        content = json.loads(message.content)
        assert (content["instance_id"], content["etag"]) == (id_, failed["etag"])
        assert (content["error_code"], bool(content["final_error"])) == ("upload_failed", True)
        assert stack.names(naming.TEMP, id_)

        stack.blobs.create_container(naming.PROCESSED)
        assert post(stack, id_, "redrive").status_code == 202
        receipt = stack.receipt(id_)
        assert (receipt["status"], receipt["attempts"]) == ("success", 3)
        assert len(stack.output(receipt)) == receipt["compressed_size"]
        assert len(stack.made_by(id_)) == 2, "the staged renditions were made again"
        eventually(lambda: not poison.peek_messages(), 20)
        assert stack.names(naming.TEMP, id_) == []
    finally:
        stack.stop()
