"""A real stack for tests: devhost with its workers and Azurite, our function app on it, and a client that knows no shortcut."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import requests
from azure.storage.blob import BlobServiceClient

from core import naming
from tests.conftest import ROOT

T = TypeVar("T")
START_S, JOB_S = 60.0, 90.0


def eventually(ask: Callable[[], T | None], within_s: float, what: str) -> T:
    """Ask until there is an answer; fail with what was waited for."""
    deadline = time.monotonic() + within_s
    while True:
        if (answer := ask()) is not None:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within_s:.0f} s for {what}")
        time.sleep(0.05)


class Stack:
    """One devhost in its own process group."""

    def __init__(self, data: Path, workers: int = 2, **env: str) -> None:
        self.data, self._workers, self._env = data, workers, env

    def start(self) -> Stack:
        """Start it, and wait until it says that it is ready."""
        command = [sys.executable, "-m", "devhost", "--app", ROOT, "--data", self.data, "--port", "0"]
        clean = {key: value for key, value in os.environ.items() if key != "AzureWebJobsStorage"}
        self.data.mkdir(parents=True, exist_ok=True)
        state = self.data / "stack.json"
        state.unlink(missing_ok=True)
        with (self.data / "devhost.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*map(str, command), "--workers", str(self._workers)],
                cwd=ROOT,
                env={**clean, **self._env},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(lambda: state.exists() or self._process.poll() is not None or None, START_S, "the stack to be ready")
        assert self._process.poll() is None, self.log[-3000:]
        facts = json.loads(state.read_text())
        self.url, self.system_key, self.storage = facts["url"], facts["system_key"], facts["storage"]
        self.blobs = BlobServiceClient.from_connection_string(self.storage)
        eventually(self._has_containers, START_S, "the containers")
        return self

    def _has_containers(self) -> bool | None:
        names = {container.name for container in self.blobs.list_containers()}
        return {naming.UPLOADS, naming.PROCESSED, naming.TEMP, naming.RECEIPTS} <= names or None

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        assert self._process.wait(20) is not None
        self.blobs.close()

    def kill(self) -> None:
        """Kill everything at once, as a power cut does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(20)
        self.blobs.close()

    @property
    def log(self) -> str:
        """Everything that the stack said."""
        return (self.data / "devhost.log").read_text(errors="replace")

    def upload(self, name: str, data: bytes | Path) -> str:
        """Upload as any Azure tool would; the id of the job that should follow."""
        content = data.read_bytes() if isinstance(data, Path) else data
        answer = self.blobs.get_blob_client(naming.UPLOADS, name).upload_blob(content, overwrite=True)
        return naming.instance_id(naming.UPLOADS, name, answer["etag"])

    def status(self, instance_id: str) -> requests.Response:
        """What the built-in durable status says."""
        url = f"{self.url}/runtime/webhooks/durabletask/instances/{instance_id}"
        return requests.get(url, params={"code": self.system_key}, timeout=10)

    def receipt(self, instance_id: str, within_s: float = JOB_S) -> dict[str, Any]:
        """The receipt of a job, as soon as its orchestration has ended."""

        def ended() -> dict[str, Any] | None:
            answer = self.status(instance_id)
            if answer.status_code != 200:
                return None
            status = answer.json()
            assert status["runtimeStatus"] == "Completed", status
            receipt: dict[str, Any] = status["output"]
            return receipt

        return eventually(ended, within_s, f"job {instance_id}; the log ends:\n{self.log[-2000:]}")

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
