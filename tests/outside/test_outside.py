"""What SIMPI, the subscriber and the open page get to know, on a real stack."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import psutil
import pytest
import requests

from core import naming
from core.deliveries import UNDELIVERED
from core.owner import owner_id
from devhost.testing import eventually
from tests.adapters.test_telemetry import all_spans
from tests.outside.conftest import HOOK, TOKEN, World
from tests.outside.receiver import SECRET, Receiver
from tests.outside.signalr_client import Client
from tests.outside.test_queries import EVENTS, OPTIONAL
from tests.stack.media import clip, photo

SMALL = (320, 240)
FAULTY = ("f-500", "f-429", "f-hang", "f-401")
LONG = {"seconds": 12, "size": "640x360", "crf": 34}


def receipt_in_storage(world: World, instance_id: str) -> dict[str, Any]:
    blob = world.stack.blobs.get_blob_client(naming.RECEIPTS, naming.receipt_by_id(instance_id))
    receipt: dict[str, Any] = json.loads(blob.download_blob().readall())
    return receipt


def all_delivered(world: World) -> bool:
    """nothing is left to deliver"""
    return not world.stack.names(naming.RECEIPTS, UNDELIVERED)


def upload(world: World, step: str, data: bytes, extension: str = "jpg") -> str:
    return world.stack.upload(f"step-{step}-1716200000000.{extension}", data)


def encoders(world: World) -> list[psutil.Process]:
    """The encoders of this stack"""
    family = psutil.Process(world.stack.host._process.pid).children(recursive=True)
    return [one for one in family if one.is_running() and "libx264" in _command(one)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_twenty_jobs_of_every_end_leave_the_right_rows_and_events(world: World) -> None:
    jobs = {upload(world, f"fine-{n}", photo(*SMALL, seed=n)): ("success", "completed") for n in range(14)}
    jobs |= {upload(world, f"bad-{n}", b"<html>" + bytes([n])): ("rejected", "rejected") for n in range(2)}
    failing = [upload(world, "broken-1", clip(**LONG), "mp4")]
    eventually(lambda: [one.kill() for one in encoders(world)], 60)
    cancelled = [upload(world, f"cancel-{n}", clip(**LONG, preset="superfast") + bytes([n]), "mp4") for n in range(2)]
    for id_ in cancelled:
        eventually(
            lambda id_=id_: requests.post(f"{world.stack.url}/api/jobs/{id_}/cancel", timeout=9).status_code == 202
        )
    failing.append(upload(world, "broken-2", clip(**LONG, preset="superfast"), "mp4"))
    for id_ in cancelled:
        world.stack.receipt(id_)
    eventually(lambda: [one.kill() for one in encoders(world)], 60)
    jobs |= dict.fromkeys(failing, ("failed", "failed")) | dict.fromkeys(cancelled, ("cancelled", "cancelled"))
    assert len(jobs) == 20

    receipts = {id_: world.stack.receipt(id_) for id_ in jobs}
    assert {id_: receipt["status"] for id_, receipt in receipts.items()} == {id_: end for id_, (end, _) in jobs.items()}
    rows = world.simpi.state()
    for id_, (status, event) in jobs.items():
        receipt = receipts[id_]
        step, job = rows["steps"][receipt["step_id"]], rows["jobs"][id_]
        assert step["processing_status"] == job["status"] == status
        assert (step["original_file_size"], step["compressed_file_size"]) == (
            receipt["original_size"],
            receipt["compressed_size"],
        )
        assert step["compression_ratio"] == pytest.approx(receipt["compression_ratio"])
        assert step["compressed_url"] == receipt["output_url"]
        assert step["processing_started_at"] <= step["processing_completed_at"]
        assert receipt["started_at"] <= step["processing_started_at"]
        assert world.events(id_) == ["started", event]
        assert receipt["deliveries"]["update_simpi"]["tries"] == receipt["deliveries"]["notify"]["tries"] == 1
    listed = requests.get(f"{world.stack.url}/api/jobs?limit=500", timeout=20).json()["jobs"]
    assert {job["instance_id"]: job["status"] for job in listed} == {id_: end for id_, (end, _) in jobs.items()}
    saved = requests.get(f"{world.stack.url}/api/savings", timeout=20).json()["totals"]
    assert saved["by_status"] == {"cancelled": 2, "failed": 2, "rejected": 2, "success": 14}
    assert saved["saved_bytes"] == sum(receipt["saved_bytes"] for receipt in receipts.values())
    text = requests.get(f"{world.stack.url}/metrics", timeout=20).text
    assert 'simpi_jobs{status="success"} 14.0' in text
    assert 'simpi_queue_messages{queue="media-processing-poison-queue"} 2.0' in text


def test_whatever_simpi_answers_the_row_is_right_in_the_end_and_the_media_is_published(world: World) -> None:
    world.simpi.set_faults(
        {
            "f-500": [{}, {"status": 500}],
            "f-429": [{}, {"status": 429, "retry_after": 7}],
            "f-hang": [{}, {"hang_s": 30}],
            "f-401": [{}, {"status": 401}],
        }
    )
    jobs = {
        step: upload(world, step, photo(*SMALL, seed=50 + n))
        for n, step in enumerate(("f-500", "f-429", "f-hang", "f-401"))
    }
    receipts = {step: world.stack.receipt(id_) for step, id_ in jobs.items()}
    assert {receipt["status"] for receipt in receipts.values()} == {"success"}
    assert {receipt["processing_time"] < 10 for receipt in receipts.values()} == {True}

    told = {step: receipt["deliveries"]["update_simpi"] for step, receipt in receipts.items()}
    assert {step: (entry["delivery"], entry["tries"]) for step, entry in told.items()} == {
        "f-500": ("delivered", 2),
        "f-429": ("pending", 1),
        "f-hang": ("pending", 1),
        "f-401": ("refused", 1),
    }
    eventually(lambda: all_delivered(world), 40)
    rows = world.simpi.state()["steps"]
    assert [rows[step]["processing_status"] for step in ("f-500", "f-429", "f-hang", "f-401")] == ["success"] * 3 + [
        "processing"
    ]
    late = {step: receipt_in_storage(world, jobs[step])["deliveries"]["update_simpi"] for step in ("f-429", "f-hang")}
    assert {(entry["delivery"], entry["tries"]) for entry in late.values()} == {("delivered", 2)}
    assert "429" in told["f-429"]["detail"]
    messages = world.stack.queues.get_queue_client(naming.POISON_QUEUE).peek_messages(max_messages=32)
    codes = [json.loads(message.content)["error_code"] for message in messages]
    assert codes.count("simpi_refused") == 1


def test_the_newest_upload_of_a_step_keeps_its_row_though_an_older_one_ends_last(world: World) -> None:
    older = upload(world, "twice", clip(**LONG), "mp4")
    eventually(lambda: encoders(world), 60)
    # Later by the storage's clock, which counts in seconds: an encode that runs already took longer than one.
    newer = world.stack.upload("step-twice-1716200000001.jpg", photo(*SMALL, seed=60))
    photo_receipt, film_receipt = world.stack.receipt(newer), world.stack.receipt(older)
    assert photo_receipt["completed_at"] < film_receipt["completed_at"]
    assert film_receipt["status"] == "success"
    told = film_receipt["deliveries"]["update_simpi"]
    assert (told["delivery"], told["detail"]) == ("skipped", "the step has a newer upload")

    assert requests.post(f"{world.stack.url}/api/jobs/{older}/redeliver", timeout=10).status_code == 202
    eventually(lambda: all_delivered(world), 30)
    row = world.simpi.state()["steps"]["twice"]
    assert (row["processing_status"], row["compressed_url"]) == ("success", photo_receipt["output_url"])
    assert world.events(older)[:2] == ["started", "completed"], "subscribers hear of every job"


def test_a_receiver_that_is_down_gets_each_event_later_once_by_id_even_after_a_crash(world: World) -> None:
    port = world.receiver.port
    world.receiver.close()
    ids = [upload(world, f"down-{n}", photo(*SMALL, seed=70 + n)) for n in range(3)]
    receipts = [world.stack.receipt(id_) for id_ in ids]
    assert {receipt["deliveries"]["notify"]["delivery"] for receipt in receipts} == {"pending"}
    assert len(world.stack.names(naming.RECEIPTS, UNDELIVERED)) == 3
    world.stack.kill()
    world.receiver = Receiver(port)
    try:
        world.stack.start()
        eventually(lambda: all_delivered(world), 60)
        for id_ in ids:
            assert sorted(world.events(id_)) == ["completed", "started"]
            log = receipt_in_storage(world, id_)["deliveries"]
            # A job whose last writes the power cut took has run again, and told of its beginning at once.
            assert {log[name]["delivery"] for name in ("notify", "notify_started") if name in log} == {"delivered"}
        event_ids = [request.headers["webhook-id"] for request in world.receiver.accepted]
        assert len(event_ids) == len(set(event_ids)) == 6

        again = requests.post(f"{world.stack.url}/api/jobs/{ids[0]}/redeliver", timeout=10)
        assert again.status_code == 202
        assert {"notify", "update_simpi"} <= set(again.json()["delivering"])
        eventually(lambda: all_delivered(world), 30)
        repeated = [request.headers["webhook-id"] for request in world.receiver.accepted][6:]
        assert set(repeated) <= set(event_ids)
        assert f"{ids[0]}.media.processing.completed" in repeated
    finally:
        _restore(world, port)


def _restore(world: World, port: int) -> None:
    """Leave a receiver to the fixture that it closes."""
    world.receiver.close()
    fresh = Receiver(port)
    world.receiver.__dict__.update(fresh.__dict__)


def page(world: World) -> tuple[str, Client]:
    """An open page: its owner, and its SignalR client."""
    cookie = requests.get(f"{world.stack.url}/api/session", timeout=10).headers["set-cookie"].partition(";")[0]
    owner = owner_id(f"cookie:{cookie.partition('=')[2]}")
    return owner, Client(f"{world.stack.url}/api", headers={"cookie": cookie})


def test_each_page_sees_the_way_of_its_own_uploads_and_no_others_also_after_a_restart(world: World) -> None:
    (anna, first), (otto, second) = page(world), page(world)
    with first, second:
        first.state("connected")
        second.state("connected")
        video = world.stack.upload(f"u/{anna}/film.mp4", clip(12, "1280x720", crf=34))
        picture = world.stack.upload(f"u/{otto}/photo.jpg", photo(*SMALL, seed=90))
        nobodys = world.stack.upload("nobodys.jpg", photo(*SMALL, seed=91))
        assert second.complete(picture)["status"] == "success"
        assert first.complete(video)["receipt"]["output_url"]
        world.stack.receipt(nobodys)
        percents = [told["percent"] for told in first.messages("MediaProcessingProgress")]
        assert percents == sorted(percents)
        assert len([percent for percent in percents if 10 < percent < 92]) >= 1
        stages = {told["stage"] for told in second.messages("MediaProcessingProgress")}
        assert stages == {"downloading", "probing", "compressing", "uploading"}

        world.stack.stop()
        world.stack.start()
        first.state("reconnected")
        second.state("reconnected")
        later = world.stack.upload(f"u/{anna}/later.jpg", photo(*SMALL, seed=92))
        assert first.complete(later)["status"] == "success"
        for client, own in ((first, anna), (second, otto)):
            seen = {said["message"]["blobName"] for said in client.said if "message" in said}
            assert seen
            assert all(name.startswith(f"u/{own}/") for name in seen)


def test_a_job_is_one_trace_from_the_trigger_to_the_last_message(world: World) -> None:
    id_ = upload(world, "traced", photo(*SMALL, seed=95))
    world.stack.receipt(id_)
    wanted = {"announce", "begin", "download", "probe", "compress_image", "upload", "update_simpi", "notify", "record"}

    def whole() -> bool:
        """the trace of the job is there"""
        ids = {name for name, span in all_spans(world.collector) if span.trace_id.hex() == id_.removeprefix("media-")}
        return ids >= wanted | {"compress_media", "show_end"}

    eventually(whole, 20)


def test_what_the_app_logs_is_what_the_queries_ask_for(world: World) -> None:
    logged: defaultdict[str, set[str]] = defaultdict(set)
    for text in world.stack.host.log.splitlines():
        if (at := text.find('{"event"')) >= 0:
            line = json.loads(text[at:])
            logged[line["event"]] |= set(line)
    assert {"job_done", "step_done", "delivery", "announced"} <= set(logged)
    for event, fields in EVENTS.items():
        if event in logged:
            assert fields <= logged[event] | OPTIONAL, event


def test_no_secret_is_in_a_log_a_history_a_receipt_a_webhook_or_an_answer(world: World) -> None:
    stack, url = world.stack, world.stack.url
    cookie = requests.get(f"{url}/api/session", timeout=10).headers["set-cookie"].partition(";")[0]
    hub = json.loads((stack.data / "signalr.json").read_text())
    account = dict(part.split("=", 1) for part in stack.storage.split(";") if "=" in part)["AccountKey"]
    access = requests.post(f"{url}/api/negotiate", headers={"cookie": cookie}, timeout=10).json()
    secrets = [
        TOKEN,
        SECRET,
        SECRET.removeprefix("whsec_"),
        HOOK.rpartition("/")[2],
        hub["key"],
        account,
        access["accessToken"],
    ]
    key = str(stack.host.stack["system_key"])
    id_ = upload(world, "canary", photo(*SMALL, seed=99))
    stack.receipt(id_)

    def answer(path: str, **more: Any) -> str:
        got = requests.get(url + path, headers={"cookie": cookie}, timeout=20, **more)
        return got.text + str(got.headers)

    durable = {"code": key, "showHistory": "true", "showHistoryOutput": "true", "showInput": "true", "top": "1000"}
    listed = requests.get(f"{url}/runtime/webhooks/durabletask/instances", params=durable, timeout=20).json()
    histories = [
        requests.get(
            f"{url}/runtime/webhooks/durabletask/instances/{one['instanceId']}", params=durable, timeout=20
        ).text
        for one in listed
    ]
    assert len(histories) >= 1
    places: dict[str, Callable[[], str]] = {
        "log": lambda: stack.host.log,
        "history": lambda: "".join(histories).replace(key, ""),  # its own URLs are for whoever has the key
        "receipts": lambda: "".join(
            stack.blobs.get_blob_client(naming.RECEIPTS, name).download_blob().readall().decode()
            for name in stack.names(naming.RECEIPTS)
        ),
        "webhooks": lambda: "".join(request.body.decode() for request in world.receiver.requests),
        "answers": lambda: "".join(
            answer(path)
            for path in (
                f"/api/status/{id_}",
                "/api/jobs",
                "/api/savings",
                "/api/health",
                "/metrics",
                "/",
                "/api/status?blobName=x",
            )
        ),
        "traces": lambda: "".join(request.body.decode("latin-1") for request in world.collector.requests),
        "simpi": lambda: json.dumps(world.simpi.state()),
    }
    for place, read in places.items():
        text = read()
        assert text
        found = [secret[:9] for secret in [*secrets, key, "&sig=", "?sig="] if secret in text]
        assert not found, f"{place} holds {found}"
