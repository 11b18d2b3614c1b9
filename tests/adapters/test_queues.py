"""The poison queue on a real Azurite: what is to go goes, and what stays is never out of sight."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.storage.queue import QueueServiceClient

from adapters.queues import Message, Queues
from core import poison

QUEUE, JOBS = "poison-tests", [f"media-{number:032x}" for number in range(40)]


@pytest.fixture
def queues(connection: str) -> Iterator[Queues]:
    """The queue with a message of each job, and seven of somebody else."""
    with QueueServiceClient.from_connection_string(connection) as service:
        queues = Queues(service)
        for number in range(7):
            queues.send(QUEUE, {"message": f"not a job {number}"})
        for job in JOBS:
            queues.send(QUEUE, {"instance_id": job, "error_code": "upload_failed"})
        yield queues
        service.delete_queue(QUEUE)


def forget(queues: Queues, job: str) -> int:
    return queues.remove(QUEUE, lambda message: poison.is_of(message.text, job))


def test_one_removal_right_after_another_finds_its_message(queues: Queues) -> None:
    assert [forget(queues, job) for job in JOBS] == [1] * 40
    assert queues.length(QUEUE) == 7


def test_two_workers_that_remove_at_the_same_time_do_not_hide_messages_from_each_other(
    queues: Queues, connection: str
) -> None:
    with QueueServiceClient.from_connection_string(connection) as service, ThreadPoolExecutor(4) as pool:
        workers = (queues, Queues(service))
        assert sum(pool.map(forget, workers * 4, JOBS[:8])) == 8
    assert queues.length(QUEUE) == 47 - 8


def test_to_look_takes_nothing_away_and_everything_is_there_for_the_next_one(queues: Queues) -> None:
    for _ in range(2):
        assert len(queues.messages(QUEUE)) == 47
    assert all(isinstance(message, Message) and message.sent_at for message in queues.messages(QUEUE))


def test_a_queue_that_is_not_there_is_empty(queues: Queues) -> None:
    assert queues.messages("never-made") == []
    assert queues.remove("never-made", lambda _: True) == 0


def test_the_message_of_a_later_run_is_told_from_that_of_an_earlier_one() -> None:
    text = json.dumps({"instance_id": JOBS[0], "failed_at": "2026-01-31T12:00:05.000Z", "error_code": "upload_failed"})
    assert poison.is_of(text, JOBS[0], until="2026-01-31T12:00:05.000Z")
    assert not poison.is_of(text, JOBS[0], until="2026-01-31T12:00:04.999Z")
    assert not poison.is_of(text, JOBS[0], codes=frozenset({"simpi_refused"}))


def test_what_the_host_wrote_in_base64_is_read_as_well() -> None:
    event = json.dumps({"Type": "BlobTrigger", "ContainerName": "uploads", "BlobName": "a/b.jpg"})
    for text in (event, base64.b64encode(event.encode()).decode()):
        told = poison.told("webjobs-blobtrigger-poison", "1", None, text)
        assert (told["blob_name"], told["code"]) == ("a/b.jpg", poison.GIVEN_UP)
    assert poison.told("q", "1", None, "not json")["message"] == "not json"
