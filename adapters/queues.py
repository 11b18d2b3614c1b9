"""Storage queues: where the poison messages go."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueServiceClient

from config.settings import Settings

KEEP_FOR_EVER = -1
LOOK_S = 5


class Queues:
    """One storage account's queues. Messages are plain JSON, not base64 (host.json says the same)."""

    def __init__(self, service: QueueServiceClient) -> None:
        self._service = service

    def send(self, queue: str, message: dict[str, Any]) -> None:
        """Put a message on a queue, where it stays until somebody takes it; the queue is made if there is none."""
        client = self._service.get_queue_client(queue)
        text = json.dumps(message, ensure_ascii=True)
        try:
            client.send_message(text, time_to_live=KEEP_FOR_EVER)
        except ResourceNotFoundError:
            self.make_queue(queue)
            client.send_message(text, time_to_live=KEEP_FOR_EVER)

    def remove(self, queue: str, matches: Callable[[str], bool]) -> int:
        """Remove the messages whose text matches; how many there were. The others are back within seconds."""
        client, removed = self._service.get_queue_client(queue), 0
        try:
            for message in client.receive_messages(messages_per_page=32, visibility_timeout=LOOK_S):
                if matches(message.content):
                    client.delete_message(message)
                    removed += 1
        except ResourceNotFoundError:
            return removed
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


@cache
def open_queues(settings: Settings) -> Queues:
    """The queues of the configured account, one client per process."""
    if settings.storage_connection:
        return Queues(QueueServiceClient.from_connection_string(settings.storage_connection))
    from azure.identity import DefaultAzureCredential

    url = f"https://{settings.storage_account}.queue.core.windows.net"
    return Queues(QueueServiceClient(url, credential=DefaultAzureCredential()))
