"""Blob triggers: each version of each blob is announced once, and all of them again after a start of the host."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import time
import typing
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.functions.meta import Datum

from devhost.app_index import Function
from devhost.invoke import Runner, decode
from devhost.logs import first_line
from devhost.outputs import Outputs, put_message
from devhost.storage import HOST_STORAGE, POLLING, connection_string

log = logging.getLogger(__name__)

POISON_QUEUE = "webjobs-blobtrigger-poison"
BUSY_S, IDLE_S = 0.25, 0.7  # between two looks at a container: soon after an upload, and otherwise
BUSY_FOR_S = 30.0
FIRST_RETRY_S = 0.2  # doubled each time


class BlobTrigger:
    """Looks at one function's container again and again."""

    def __init__(self, function: Function, runner: Runner, outputs: Outputs, at_once: int, tries: int) -> None:
        self._function, self._runner, self._outputs, self._tries = function, runner, outputs, tries
        settings = function.trigger.settings
        self._connection = str(settings.get("connection") or HOST_STORAGE)
        os.environ[self._connection] = connection_string(self._connection)  # the SDK binding looks there
        self._container, _, name = str(settings["path"]).partition("/")
        self._name = re.compile(_pattern(name or "{name}"), re.DOTALL)
        self._wanted = _annotation(function, function.trigger.name)
        self._slots = asyncio.Semaphore(at_once)
        self._announced: dict[str, str] = {}
        self._has_looked = False
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Poll for ever."""
        from azure.storage.blob import ContainerClient

        client = ContainerClient.from_connection_string(connection_string(self._connection), self._container, **POLLING)
        last_new = time.monotonic()
        silent = False
        while True:
            began = time.monotonic()
            try:
                if await self._look(client):
                    last_new = time.monotonic()
                if silent:
                    log.info("container '%s' can be listed again", self._container)
                silent = False
            except ResourceNotFoundError:
                self._announced = {}  # no container yet, or no longer
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may succeed
                if not silent:
                    log.warning("container '%s' cannot be listed: %s", self._container, first_line(error))
                silent = True
            now = time.monotonic()
            pause_s = BUSY_S if now - last_new < BUSY_FOR_S else IDLE_S
            await asyncio.sleep(max(pause_s, 4 * (now - began)))

    async def _look(self, client: Any) -> bool:
        def listing() -> dict[str, str]:
            return {blob.name: blob.etag for blob in client.list_blobs() if self._name.fullmatch(blob.name)}

        found = await asyncio.to_thread(listing)
        new = [name for name, etag in found.items() if self._announced.get(name) != etag]
        self._announced = found
        if new and not self._has_looked:
            again = "there already in '%s', seen again by '%s': %d"
            log.info(again, self._container, self._function.name, len(new))
        self._has_looked = True
        for name in new:
            task = asyncio.get_running_loop().create_task(self._announce(client, name, found[name]))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return bool(new)

    async def _announce(self, client: Any, name: str, etag: str) -> None:
        for attempt in range(1, self._tries + 1):
            async with self._slots:
                try:
                    given = await asyncio.to_thread(self._given, client, name)
                    returned, outs = await asyncio.wrap_future(self._runner.call(self._function, given))
                    await self._outputs.send(self._function, outs, returned)
                    return
                except ResourceNotFoundError:
                    log.info("blob '%s/%s' is gone before '%s' saw it", self._container, name, self._function.name)
                    return
                except Exception:
                    log.exception("'%s' failed on '%s/%s' (%d)", self._function.name, self._container, name, attempt)
            if attempt < self._tries:
                await asyncio.sleep(FIRST_RETRY_S * 2 ** (attempt - 1))
        await asyncio.to_thread(self._poison, name, etag)

    def _given(self, client: Any, name: str) -> Any:
        if getattr(self._wanted, "__module__", "").startswith("azurefunctions.extensions.bindings.blob"):
            return self._sdk_client(name)
        blob = client.get_blob_client(name)
        stream = blob.download_blob()
        properties = {"Length": stream.size, "ContentLength": stream.size, "ETag": stream.properties.etag}
        metadata = {
            "BlobTrigger": Datum(f"{self._container}/{name}", "string"),
            "Uri": Datum(blob.url, "string"),
            "Properties": Datum(json.dumps(properties), "json"),
            "Metadata": Datum(json.dumps(stream.properties.metadata or {}), "json"),
        }
        value = decode(self._function.trigger, Datum(stream.readall(), "bytes"), metadata)
        return value.read() if self._wanted is bytes else value.read().decode() if self._wanted is str else value

    def _sdk_client(self, name: str) -> Any:
        from azurefunctions.extensions.bindings.blob import BlobClientConverter

        content = {"Connection": self._connection, "ContainerName": self._container, "BlobName": name}
        data = ModelBindingData(json.dumps(content))
        return BlobClientConverter.decode(Datum(data, "model_binding_data"), trigger_metadata={}, pytype=self._wanted)

    def _poison(self, name: str, etag: str) -> None:
        message = {
            "Type": "BlobTrigger",
            "FunctionId": f"Host.Functions.{self._function.name}",
            "BlobType": "BlockBlob",
            "ContainerName": self._container,
            "BlobName": name,
            "ETag": f'"{etag.strip(chr(34))}"',
        }
        put_message(POISON_QUEUE, json.dumps(message).encode(), self._outputs.base64_queues, self._connection)
        log.error("blob '%s/%s' failed %d times: see queue '%s'", self._container, name, self._tries, POISON_QUEUE)


class ModelBindingData:
    """What the real host sends for a parameter that binds to an SDK type."""

    version, source, content_type = "1.0", "AzureStorageBlobs", "application/json"

    def __init__(self, content: str) -> None:
        self.content = content


def _annotation(function: Function, parameter: str) -> Any:
    """The type that a function's parameter is annotated with, None if there is none."""
    try:
        return typing.get_type_hints(function.call).get(parameter)
    except Exception:  # noqa: BLE001 - annotations may name anything
        return function.call.__annotations__.get(parameter)


def _pattern(template: str) -> str:
    """`{name}.jpg` as a regular expression: a placeholder takes anything, folders too."""
    parts = re.split(r"\{(\w+)\}", template)
    return "".join(f"(?P<{part}>.+)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
