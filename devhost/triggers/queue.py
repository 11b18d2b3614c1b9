"""Queue triggers: messages are hidden while a function has them, tried again when it fails, and poison in the end."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from datetime import datetime
from typing import Any

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.functions.meta import Datum

from devhost.app_index import Function
from devhost.host_json import Queues
from devhost.invoke import Runner, decode
from devhost.logs import first_line
from devhost.outputs import Outputs, put_message
from devhost.storage import POLLING, connection_string

log = logging.getLogger(__name__)

HIDDEN_S = 30  # how long a message stays hidden if the host dies; renewed while a function has it
QUICKEST_S, SLOWEST_S = 0.1, 1.0  # between two looks at an empty queue


class QueueTrigger:
    """Takes one function's messages from its queue."""

    def __init__(self, function: Function, settings: Queues, runner: Runner, outputs: Outputs) -> None:
        self._function, self._settings, self._runner, self._outputs = function, settings, runner, outputs
        self._queue = str(function.trigger.settings["queueName"])
        self._connection = function.trigger.settings.get("connection")
        self._running: set[asyncio.Task[None]] = set()
        connection_string(self._connection)  # a missing setting is a start-up error

    async def run(self) -> None:
        """Poll for ever, slower while there is nothing."""
        from azure.storage.queue import QueueClient

        client = QueueClient.from_connection_string(connection_string(self._connection), self._queue, **POLLING)
        pause_s, silent = QUICKEST_S, False
        while True:
            messages: list[Any] = []
            try:
                if free := self._settings.batch_size - len(self._running):
                    messages = await asyncio.to_thread(self._receive, client, free)
                    if silent:
                        log.info("queue '%s' can be read again", self._queue)
                    silent = False
            except ResourceNotFoundError:
                pass  # no queue yet
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may succeed
                if not silent:
                    log.warning("queue '%s' cannot be read: %s", self._queue, first_line(error))
                silent = True
            for message in messages:
                task = asyncio.get_running_loop().create_task(self._handle(client, message))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            slowest_s = min(SLOWEST_S, self._settings.max_polling_interval_s)
            pause_s = QUICKEST_S if messages else min(pause_s * 1.5, slowest_s)
            await asyncio.sleep(pause_s)

    @staticmethod
    def _receive(client: Any, count: int) -> list[Any]:
        return list(client.receive_messages(max_messages=min(count, 32), visibility_timeout=HIDDEN_S))

    async def _handle(self, client: Any, message: Any) -> None:
        renewing = asyncio.get_running_loop().create_task(self._renew(client, message))
        try:
            done = await self._call(message)
            renewing.cancel()
            if done:
                await asyncio.to_thread(client.delete_message, message)
            elif message.dequeue_count >= self._settings.max_dequeue_count:
                await asyncio.to_thread(self._poison, client, message)
            else:
                retry_after_s = int(self._settings.retry_after_s)
                await asyncio.to_thread(client.update_message, message, visibility_timeout=retry_after_s)
        except AzureError as error:  # it becomes visible by itself
            log.warning("a message of '%s' could not be settled: %s", self._queue, first_line(error))
        finally:
            renewing.cancel()

    async def _call(self, message: Any) -> bool:
        """Whether the function has dealt with the message."""
        try:
            given = decode(self._function.trigger, Datum(self._body(message.content), "bytes"), _metadata(message))
            returned, outs = await asyncio.wrap_future(self._runner.call(self._function, given))
            await self._outputs.send(self._function, outs, returned)
        except Exception:
            log.exception("'%s' failed on a message (%d)", self._function.name, message.dequeue_count)
            return False
        return True

    def _body(self, text: str) -> bytes:
        if not self._settings.base64:
            return text.encode()
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            raise ValueError("the message is not base64, which host.json's queues.messageEncoding asks for") from None

    async def _renew(self, client: Any, message: Any) -> None:
        while True:
            await asyncio.sleep(HIDDEN_S / 2)
            renewed = await asyncio.to_thread(client.update_message, message, visibility_timeout=HIDDEN_S)
            message.pop_receipt = renewed.pop_receipt

    def _poison(self, client: Any, message: Any) -> None:
        queue = f"{self._queue}-poison"
        put_message(queue, message.content.encode(), False, self._connection)
        client.delete_message(message)
        log.error("a message of '%s' failed %d times: see queue '%s'", self._queue, message.dequeue_count, queue)


def _metadata(message: Any) -> dict[str, Datum]:
    def text(moment: datetime | None) -> Datum:
        return Datum(f"{moment:%Y-%m-%dT%H:%M:%S+00:00}" if moment else "", "string")

    return {
        "Id": Datum(message.id, "string"),
        "DequeueCount": Datum(message.dequeue_count, "int"),
        "ExpirationTime": text(message.expires_on),
        "InsertionTime": text(message.inserted_on),
        "NextVisibleTime": text(message.next_visible_on),
        "PopReceipt": Datum(message.pop_receipt, "string"),
    }
