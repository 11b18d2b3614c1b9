"""Output bindings: what a function sets goes to a queue or a blob."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from devhost.app_index import Binding, Function
from devhost.invoke import encode
from devhost.storage import connection_string


class Outputs:
    """Sends the outputs of functions."""

    def __init__(self, base64_queues: bool) -> None:
        self.base64_queues = base64_queues

    async def send(self, function: Function, values: dict[str, Any], returned: Any = None) -> None:
        """Send what a function set, and what it returned if a queue or blob is bound to `$return`."""
        for binding in function.outputs:
            value = returned if binding.name == "$return" else values.get(binding.name)
            if binding.type != "http" and value is not None:
                send = self._enqueue if binding.type == "queue" else self._upload
                await asyncio.to_thread(send, binding, value)

    def _enqueue(self, binding: Binding, value: Any) -> None:
        datum = encode(binding, value)
        for message in _messages(datum.type, datum.value):
            put_message(
                str(binding.settings["queueName"]), message, self.base64_queues, binding.settings.get("connection")
            )

    def _upload(self, binding: Binding, value: Any) -> None:
        from azure.storage.blob import ContainerClient

        datum = encode(binding, value)
        container, _, name = str(binding.settings["path"]).partition("/")
        connection = connection_string(binding.settings.get("connection"))
        client = ContainerClient.from_connection_string(connection, container)
        try:
            client.upload_blob(name, datum.value, overwrite=True)
        except ResourceNotFoundError:
            with contextlib.suppress(ResourceExistsError):
                client.create_container()
            client.upload_blob(name, datum.value, overwrite=True)


def _messages(kind: str | None, value: Any) -> list[bytes]:
    if kind == "bytes":
        return [value]
    if kind == "string":
        return [value.encode()]
    items = json.loads(value)
    items = items if isinstance(items, list) else [items]
    return [(item if isinstance(item, str) else item["body"]).encode() for item in items]


def put_message(queue: str, message: bytes, as_base64: bool, connection: str | None = None) -> None:
    """Put a message on a queue, which is made if it is not there."""
    from azure.storage.queue import QueueClient

    text = base64.b64encode(message).decode() if as_base64 else message.decode()
    client = QueueClient.from_connection_string(connection_string(connection), queue)
    try:
        client.send_message(text)
    except ResourceNotFoundError:
        with contextlib.suppress(ResourceExistsError):  # somebody else was faster
            client.create_queue()
        client.send_message(text)
