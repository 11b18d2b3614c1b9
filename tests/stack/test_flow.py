"""From upload to receipt on a real stack: Azurite, devhost, two workers, FFmpeg, Pillow."""

from __future__ import annotations

import base64
import io
import json

import av
import pytest
import requests
from azure.storage.queue import QueueMessage
from PIL import Image

from core import naming
from devhost.testing import eventually
from tests.stack.media import clip, photo
from tests.stack.running import Stack


def test_a_photo_becomes_a_smaller_webp_and_a_thumbnail(stack: Stack) -> None:
    receipt = stack.compressed("step-9-1716200000000.jpg", photo(3000, 2000))
    assert (receipt["status"], receipt["kind"], receipt["action"]) == ("success", "image", "compressed")
    assert receipt["step_id"] == "9"
    assert receipt["compressed_size"] < receipt["original_size"]
    assert [output["role"] for output in receipt["outputs"]] == ["main", "thumb"]
    for role, side in (("main", 2048), ("thumb", 480)):
        data = stack.output(receipt, role)
        picture = Image.open(io.BytesIO(data))
        assert (picture.format, max(picture.size)) == ("WEBP", side)
    assert receipt["compressed_size"] == len(stack.output(receipt))
    main = stack.blobs.get_blob_client(naming.PROCESSED, receipt["outputs"][0]["blob"]).get_blob_properties()
    assert main.content_settings.content_type == "image/webp"
    assert "immutable" in main.content_settings.cache_control


def test_a_video_becomes_a_smaller_one_with_a_poster(stack: Stack) -> None:
    receipt = stack.compressed("clip.mov", clip())
    assert (receipt["status"], receipt["kind"]) == ("success", "video")
    assert [output["role"] for output in receipt["outputs"]] == ["main", "poster"]
    assert receipt["compressed_size"] < receipt["original_size"]
    with av.open(io.BytesIO(stack.output(receipt))) as video:
        assert video.streams.video[0].codec_context.name == "h264"
        assert video.duration is not None
        assert video.duration / 1e6 == pytest.approx(2, abs=0.2)
    assert Image.open(io.BytesIO(stack.output(receipt, "poster"))).format == "WEBP"


def test_a_job_leaves_its_receipt_twice_and_nothing_in_temp(stack: Stack) -> None:
    receipt = stack.compressed("tidy.jpg", photo())
    id_ = receipt["instance_id"]
    assert stack.names(naming.TEMP, id_) == []
    day = receipt["completed_at"][:10].replace("-", "/")
    for name in (f"{day}/{id_}.json", f"by-instance/{id_}.json"):
        stored = stack.blobs.get_blob_client(naming.RECEIPTS, name).download_blob().readall()
        assert json.loads(stored) == receipt


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.jpg", b"", "empty"),
        ("one-byte.png", b"x", "unsupported_type"),
        ("notes.mp4", b"this is no video\n" * 100, "unsupported_type"),
        ("archive.zip", b"PK\x03\x04" + bytes(1000), "unsupported_type"),
        ("cut-off.jpg", photo()[:20_000], "corrupt"),
        ("cut-off.mp4", clip()[:60_000], "corrupt"),
    ],
)
def test_what_cannot_be_compressed_is_rejected_with_a_code_and_a_sentence(
    stack: Stack, name: str, data: bytes, code: str
) -> None:
    receipt = stack.compressed(name, data)
    assert (receipt["status"], receipt["error_code"]) == ("rejected", code)
    assert receipt["error"]
    assert receipt["outputs"] == []
    assert receipt["attempts"] == 1


def test_an_upload_is_noticed_within_three_seconds(stack: Stack) -> None:
    id_ = stack.upload("quick.jpg", photo(seed=2))
    eventually(lambda: stack.host.status(id_), 3.0)
    stack.receipt(id_)


def test_the_built_in_status_shows_stages_and_percent_and_then_the_receipt(stack: Stack) -> None:
    id_ = stack.upload("watched.mp4", clip(12, "1280x720", crf=30))
    answers = []

    def over() -> bool:
        """the job has ended"""
        answer = stack.status(id_)
        if answer.status_code != 404:
            answers.append(answer)
        return answer.status_code == 200

    eventually(over, 120)
    running = answers[:-1]
    assert {answer.status_code for answer in running} == {202}
    assert id_ in running[0].headers["location"]
    assert int(running[0].headers["retry-after"]) >= 1
    shown = [answer.json()["customStatus"] for answer in running if answer.json()["customStatus"]]
    percents = [status["percent"] for status in shown if status["stage"] == "compressing"]
    assert percents == sorted(percents)
    assert len(set(percents)) > 1, "the encoder's progress never showed"
    assert shown[-1].keys() >= {"stage", "percent", "message", "blob_name", "kind"}
    final = answers[-1].json()
    assert final["runtimeStatus"] == "Completed"
    assert final["output"]["status"] == "success"
    assert len(stack.host.status(id_, "?showHistory=true")["historyEvents"]) < 200


def test_the_durable_api_needs_its_key(stack: Stack) -> None:
    answer = requests.get(f"{stack.url}/runtime/webhooks/durabletask/instances/media-{'0' * 32}", timeout=10)
    assert answer.status_code == 401


def test_a_repeated_announcement_does_not_encode_again(stack: Stack) -> None:
    receipt = stack.compressed("again.jpg", photo(seed=3))
    asked = [
        requests.post(f"{stack.url}/api/media", json={"blob_name": "again.jpg"}, timeout=10).json() for _ in range(10)
    ]
    assert {answer["instanceId"] for answer in asked} == {receipt["instance_id"]}
    assert {(answer["done"], answer["started"]) for answer in asked} == {(True, False)}
    queue = stack.queues.get_queue_client(naming.JOB_QUEUE)
    queue.send_message(json.dumps({"blob_name": "again.jpg"}))
    eventually(lambda: queue.get_queue_properties().approximate_message_count == 0, 20)
    assert len(stack.done_by("compress_image", receipt["instance_id"])) == 2  # main and thumbnail, once each


def test_a_new_version_of_an_upload_is_a_job_of_its_own(stack: Stack) -> None:
    first = stack.compressed("version.jpg", photo(seed=4))
    second = stack.compressed("version.jpg", photo(seed=5))
    assert first["instance_id"] != second["instance_id"]
    assert stack.output(first) != stack.output(second)


def test_post_media_answers_202_with_the_built_in_status_urls(stack: Stack) -> None:
    receipt = stack.compressed("posted.jpg", photo(seed=6))
    # Asked under another name: the URLs, which carry a key, are the host's own, whatever a proxy makes of the request.
    elsewhere = stack.url.replace("127.0.0.1", "localhost")
    answer = requests.post(f"{elsewhere}/api/media", json={"blob_name": "posted.jpg"}, timeout=10)
    assert answer.status_code == 202
    assert answer.json()["statusQueryGetUri"].startswith(stack.url)
    assert requests.get(answer.json()["statusQueryGetUri"], timeout=10).json()["output"] == receipt
    assert answer.headers["location"] == answer.json()["statusQueryGetUri"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"no json", 400, "bad_request"),
        (b"{}", 400, "bad_request"),
        (b'{"blob_name": "a", "priority": "now"}', 400, "bad_request"),
        (b'{"blob_name": "again.jpg", "step_id": "\\ud800"}', 400, "bad_request"),
        (b'{"blob_name": "no-such-upload.jpg"}', 404, "source_gone"),
    ],
)
def test_a_bad_request_gets_problem_json_with_a_stable_code(stack: Stack, body: bytes, status: int, code: str) -> None:
    answer = requests.post(f"{stack.url}/api/media", data=body, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_status_page_shows_the_receipt_but_nothing_that_is_the_operators(stack: Stack) -> None:
    receipt = stack.compressed("shown.jpg", photo(seed=7))
    for url in (f"/api/status/{receipt['instance_id']}", "/api/status?blobName=shown.jpg"):
        answer = requests.get(stack.url + url, timeout=10)
        assert answer.json()["status"] == "success"
        assert answer.json()["receipt"]["compressed_size"] == receipt["compressed_size"]
        assert stack.host.stack["system_key"] not in answer.text
        assert not answer.json()["receipt"].keys() & {"recipe", "tools", "deliveries"}


@pytest.mark.parametrize("url", ["/media-x", f"/media-{'0' * 32}", "?blobName=no", ""])
def test_a_job_that_is_not_there_is_404(stack: Stack, url: str) -> None:
    answer = requests.get(f"{stack.url}/api/status{url}", timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_health_says_how_each_dependency_is(stack: Stack) -> None:
    health = requests.get(f"{stack.url}/api/health", timeout=10).json()
    assert health["status"] == "ok"
    assert {"storage", "ffmpeg", "disk", "rules"} <= health["checks"].keys()


def test_a_message_that_can_never_be_a_job_ends_on_the_poison_queue_with_its_reason(stack: Stack) -> None:
    poison = stack.queues.get_queue_client(naming.POISON_QUEUE)
    stack.queues.get_queue_client(naming.JOB_QUEUE).send_message("not json")
    message = eventually(lambda: poison.receive_message(), 20)
    assert message is not None
    content = json.loads(message.content)
    assert (content["error_code"], content["message"]) == ("bad_message", "not json")


def test_a_message_that_a_tool_has_wrapped_in_base64_is_the_job_that_it_holds(stack: Stack) -> None:
    poison = stack.queues.get_queue_client(naming.POISON_QUEUE)
    wrapped = base64.b64encode(json.dumps({"blob_name": "never-uploaded.jpg"}).encode()).decode()
    stack.queues.get_queue_client(naming.JOB_QUEUE).send_message(wrapped)

    def refused() -> QueueMessage | None:
        """our message is on the poison queue"""
        found = poison.receive_messages(max_messages=32, visibility_timeout=1)
        return next((message for message in found if "never-uploaded.jpg" in message.content), None)

    message = eventually(refused)
    assert json.loads(message.content)["error_code"] == "source_gone"
    poison.delete_message(message)


@pytest.mark.parametrize(
    "name",
    [
        "a b/ü%20.jpg",
        "-y.jpg",
        "%03d.jpg",
        "a#b?c=d&e.jpg",
        "日本語.jpg",
        "n" * 250 + ".jpg",
        "d/" * 500 + "x.jpg",
        "a\nb.jpg",
    ],
)
def test_a_strange_name_works_from_upload_to_output(stack: Stack, name: str) -> None:
    receipt = stack.compressed(name, photo(400, 300))
    assert receipt["status"] == "success"
    assert receipt["blob_name"] == name
    assert len(stack.output(receipt)) == receipt["compressed_size"]
    assert requests.get(f"{stack.url}/api/status", params={"blobName": name}, timeout=10).json()["status"] == "success"
