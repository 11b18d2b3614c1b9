"""Blob, queue and timer triggers on a real Azurite."""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from devhost.testing import Host, eventually


def upload(storage: BlobServiceClient, container: str, name: str, data: bytes) -> None:
    with contextlib.suppress(ResourceExistsError):
        storage.create_container(container)
    storage.get_blob_client(container, name).upload_blob(data, overwrite=True)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def queue(host: Host) -> QueueClient:
    client = QueueClient.from_connection_string(host.stack["storage"], "jobs")
    with contextlib.suppress(ResourceExistsError):
        client.create_queue()
    return client


def test_an_upload_is_noticed_and_the_function_gets_a_blob_client(
    host: Host, storage: BlobServiceClient, name: str
) -> None:
    upload(storage, "uploads", "first", b"wakes the trigger")
    eventually(lambda: host.status("first"))
    upload(storage, "uploads", f"a/{name}", b"12345")
    assert eventually(lambda: host.status(f"a-{name}"), every_s=0.01)
    assert host.ended(f"a-{name}")["output"] == 10


def test_each_version_of_a_blob_is_announced_once(
    storage: BlobServiceClient, host: Host, proof: Path, name: str
) -> None:
    upload(storage, "uploads", name, b"one")
    assert host.ended(name)["output"] == 6
    upload(storage, "uploads", name, b"three")
    eventually(lambda: host.status(name).get("output") == 10)
    upload(storage, "uploads", f"{name}-last", b"")
    host.ended(f"{name}-last")
    assert lines(proof / "uploads").count(name) == 2


def test_a_function_can_take_a_blob_as_a_stream_if_its_name_fits(
    storage: BlobServiceClient, proof: Path, name: str
) -> None:
    upload(storage, "streams", f"{name}.jpg", b"not this one")
    upload(storage, "streams", f"{name}.txt", b"hello")
    eventually(lambda: f"streams/{name}.txt 5 hello" in lines(proof / "streams"))
    assert not any(".jpg" in line for line in lines(proof / "streams"))


def test_a_blob_that_always_fails_is_tried_five_times_and_then_poison(
    host: Host, storage: BlobServiceClient, proof: Path, name: str
) -> None:
    upload(storage, "bad", name, b"x")
    poison = QueueClient.from_connection_string(host.stack["storage"], "webjobs-blobtrigger-poison")

    def message() -> str | None:
        """the poison message is there"""
        try:
            return next((m.content for m in poison.peek_messages(32)), None)
        except Exception:
            return None

    found = json.loads(base64.b64decode(eventually(message, 30)))
    assert (found["ContainerName"], found["BlobName"], found["FunctionId"]) == ("bad", name, "Host.Functions.bad")
    assert lines(proof / "bad") == [f"bad/{name}"] * 5


def test_a_message_reaches_its_function_and_the_output_binding_its_queue(
    host: Host, queue: QueueClient, proof: Path, name: str
) -> None:
    queue.send_message(base64.b64encode(name.encode()).decode())
    done = QueueClient.from_connection_string(host.stack["storage"], "done")

    def sent() -> bool:
        """the output is there"""
        try:
            return name.upper() in [base64.b64decode(m.content).decode() for m in done.peek_messages(32)]
        except Exception:
            return False

    eventually(sent)
    assert f"{name} 1" in lines(proof / "jobs")
    eventually(lambda: queue.get_queue_properties().approximate_message_count == 0)


@pytest.mark.parametrize("content", [base64.b64encode(b"bad").decode(), "not base64!"], ids=["failing", "garbled"])
def test_a_message_that_always_fails_is_poison_after_five_times(host: Host, queue: QueueClient, content: str) -> None:
    queue.send_message(content)
    poison = QueueClient.from_connection_string(host.stack["storage"], "jobs-poison")

    def there() -> bool:
        """the poison message is there"""
        try:
            return content in [message.content for message in poison.peek_messages(32)]
        except Exception:
            return False

    eventually(there)


def test_a_timer_fires_on_startup_and_every_second_and_writes_its_blob(storage: BlobServiceClient, proof: Path) -> None:
    before = len(lines(proof / "ticks"))
    eventually(lambda: len(lines(proof / "ticks")) >= max(3, before + 1))
    assert storage.get_blob_client("ticks", "last").download_blob().readall() == b"tick"
