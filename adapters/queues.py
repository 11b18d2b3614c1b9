"""Storage queues: where the poison messages go."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueMessage, QueueServiceClient

from config.settings import Settings

KEEP_FOR_EVER = -1
HIDDEN_S = 30
"""How long a message that was looked at stays hidden if whoever looks dies; it is released as soon as all were seen."""
PATIENCE_S, LOOK_AGAIN_S = 5.0, 0.1
RELEASERS = 8


@dataclass(frozen=True)
class Message:
    """A message on a queue."""

    id: str
    text: str
    sent_at: datetime | None


class Queues:
    """One storage account's queues. Messages are plain JSON, not base64 (host.json says the same). Safe to share."""

    def __init__(self, service: QueueServiceClient) -> None:
        self._service, self._looking = service, threading.Lock()

    def send(self, queue: str, message: dict[str, Any]) -> None:
        """Put a message on a queue, where it stays until somebody takes it; the queue is made if there is none."""
        client = self._service.get_queue_client(queue)
        text = json.dumps(message, ensure_ascii=True)
        try:
            client.send_message(text, time_to_live=KEEP_FOR_EVER)
        except ResourceNotFoundError:
            self.make_queue(queue)
            client.send_message(text, time_to_live=KEEP_FOR_EVER)

    def messages(self, queue: str) -> list[Message]:
        """What lies on a queue, all of which stays there."""
        found: dict[str, Message] = {}

        def kept(message: Message) -> bool:
            found[message.id] = message
            return False

        self.remove(queue, kept)
        return list(found.values())

    def remove(self, queue: str, unwanted: Callable[[Message], bool]) -> int:
        """Remove what is not wanted; how many messages there were. The others are visible again at once.

        What another process holds at that moment cannot be seen: so it looks until all were seen, for a while.
        """
        client, removed = self._service.get_queue_client(queue), 0
        with self._looking:
            until = time.monotonic() + PATIENCE_S
            while there := self.length(queue):
                seen, gone = _look_through(client, unwanted)
                removed += gone
                if seen >= there or time.monotonic() > until:
                    break
                time.sleep(LOOK_AGAIN_S)
        return removed

    def length(self, queue: str) -> int:
        """About how many messages are on a queue; 0 where there is no queue."""
        try:
            return int(self._service.get_queue_client(queue).get_queue_properties().approximate_message_count or 0)
        except ResourceNotFoundError:
            return 0

    def make_queue(self, queue: str) -> bool:
        """Create a queue; False where it exists already."""
        try:
            self._service.create_queue(queue)
        except ResourceExistsError:
            return False
        return True


def _look_through(client: QueueClient, unwanted: Callable[[Message], bool]) -> tuple[int, int]:
    """How many messages were seen, and how many of them removed. All are held until the end, or none would be the last."""
    held: dict[str, QueueMessage] = {}
    removed = 0
    try:
        for message in client.receive_messages(messages_per_page=32, visibility_timeout=HIDDEN_S):
            if message.id in held:  # it took so long that the first ones came back
                break
            if unwanted(Message(message.id, str(message.content), message.inserted_on)):
                with suppress(ResourceNotFoundError):
                    client.delete_message(message)
                removed += 1
            else:
                held[message.id] = message
    finally:
        with ThreadPoolExecutor(RELEASERS) as pool:
            list(pool.map(lambda message: _release(client, message), held.values()))
    return len(held) + removed, removed


def _release(client: QueueClient, message: QueueMessage) -> None:
    with suppress(HttpResponseError):  # it came back by itself
        client.update_message(message, visibility_timeout=0)


@cache
def open_queues(settings: Settings) -> Queues:
    """The queues of the configured account, one client per process."""
    if settings.storage_connection:
        return Queues(QueueServiceClient.from_connection_string(settings.storage_connection))
    from azure.identity import DefaultAzureCredential

    url = f"https://{settings.storage_account}.queue.core.windows.net"
    return Queues(QueueServiceClient(url, credential=DefaultAzureCredential()))
