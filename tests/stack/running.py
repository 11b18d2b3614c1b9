"""A real stack for tests: devhost with workers and Azurite, our function app, and a client that knows no shortcut."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from core import naming
from devhost.testing import START_S, Host, eventually
from tests.conftest import ROOT

JOB_S = 120.0


class Stack:
    """One devhost in its own process group, with our app."""

    def __init__(
        self,
        data: Path,
        workers: int = 2,
        env: Mapping[str, str] | None = None,
        storage: str | None = None,
        port: int = 0,
    ) -> None:
        """`storage` is how this client reaches the storage, where that is not the stack's own way."""
        self._around, self._port = storage, port
        self.data, self._workers, self._env = data, workers, {"AzureWebJobsStorage": "", **(env or {})}

    def start(self) -> Stack:
        """Start it, and wait until it is ready for uploads. May be called again after `stop` or `kill`."""
        self.host = Host.start(ROOT, self.data, self._workers, self._env, self._port)
        self.url, self.storage = self.host.url, self._around or self.host.stack["storage"]
        self.blobs = BlobServiceClient.from_connection_string(self.storage)
        self.queues = QueueServiceClient.from_connection_string(self.storage)
        eventually(self._has_containers, START_S)
        return self

    def _has_containers(self) -> bool:
        """the app has made its containers"""
        names = {container.name for container in self.blobs.list_containers()}
        return {naming.UPLOADS, naming.PROCESSED, naming.TEMP, naming.RECEIPTS} <= names

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        self._hang_up()
        self.host.stop()

    def kill(self) -> None:
        """Kill everything at once, as a power cut does."""
        self._hang_up()
        self.host.kill()

    def _hang_up(self) -> None:
        self.blobs.close()
        self.queues.close()

    def upload(self, name: str, data: bytes | Path) -> str:
        """Upload as any Azure tool would; the id of the job that should follow."""
        content = data.read_bytes() if isinstance(data, Path) else data
        answer = self.blobs.get_blob_client(naming.UPLOADS, name).upload_blob(content, overwrite=True)
        return naming.instance_id(naming.UPLOADS, name, answer["etag"])

    def status(self, instance_id: str) -> requests.Response:
        """What the built-in durable status says."""
        url = f"{self.url}/runtime/webhooks/durabletask/instances/{instance_id}"
        return requests.get(url, params={"code": self.host.stack["system_key"]}, timeout=10)

    def receipt(self, instance_id: str, within_s: float = JOB_S) -> dict[str, Any]:
        """The receipt of a job, as soon as its orchestration has ended."""
        try:
            status = self.host.ended(instance_id, within_s)
        except TimeoutError as error:
            raise AssertionError(f"{error}; the log ends:\n{self.host.log[-3000:]}") from None
        assert status["runtimeStatus"] == "Completed", status
        receipt: dict[str, Any] = status["output"]
        return receipt

    def compressed(self, name: str, data: bytes | Path, within_s: float = JOB_S) -> dict[str, Any]:
        """Upload, and wait for the receipt."""
        return self.receipt(self.upload(name, data), within_s)

    def output(self, receipt: dict[str, Any], role: str = "main") -> bytes:
        """The bytes of one published output."""
        output = next(output for output in receipt["outputs"] if output["role"] == role)
        return self.blobs.get_blob_client(naming.PROCESSED, output["blob"]).download_blob().readall()

    def names(self, container: str, prefix: str = "") -> list[str]:
        """What lies in a container."""
        return list(self.blobs.get_container_client(container).list_blob_names(name_starts_with=prefix))

    def made_by(self, instance_id: str) -> list[dict[str, Any]]:
        """What the log says about each time that a rendition was really made, not taken from what was staged."""
        done = [*self.done_by("compress_image", instance_id), *self.done_by("compress_video", instance_id)]
        return [event for event in done if event.get("reused") is False]

    def done_by(self, step: str, instance_id: str) -> list[dict[str, Any]]:
        """What the log says about each time that a step of a job was done."""
        events = (line[line.index('{"event"') :] for line in self.host.log.splitlines() if '{"event"' in line)
        steps = (json.loads(event) for event in events)
        wanted = {"event": "step_done", "step": step, "instance_id": instance_id}
        return [event for event in steps if wanted.items() <= event.items()]
