"""Run a host from a test, as a process of its own: start it, talk to it, stop it or kill it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar

from devhost.azurite_server import PORTS
from devhost.environment import python_path
from devhost.guard import guarded
from devhost.ports import free_ports

T = TypeVar("T")

START_S = 60.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


def eventually(what: Callable[[], T | None], timeout_s: float = 20.0, every_s: float = 0.02) -> T:
    """Wait until `what` gives something that is true, and return it.

    Raises: TimeoutError.
    """
    end = time.monotonic() + timeout_s
    while not (found := what()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {timeout_s} s: {getattr(what, '__doc__', None) or what}")
        time.sleep(every_s)
    return found


def with_own_ports(data_dir: Path) -> Path:
    """A data folder whose Azurite has ports of its own: several may start at the same time."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if not (data_dir / PORTS).exists():
        (data_dir / PORTS).write_text(json.dumps(free_ports(3)), encoding="utf-8")
    return data_dir


class Host:
    """A running host and everything that it started: one process group. It ends with the test run."""

    def __init__(self, process: subprocess.Popen[bytes], data: Path) -> None:
        self._process, self.data = process, data
        self.stack: dict[str, Any] = {}

    @classmethod
    def start(
        cls,
        app_dir: Path,
        data_dir: Path,
        workers: int = 2,
        env: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> Host:
        """Start a host, by default on any free port, and wait until it is ready. Its log is DATA/host.log.

        Raises: RuntimeError with the log, if it ends instead.
        """
        with_own_ports(data_dir)
        (data_dir / "stack.json").unlink(missing_ok=True)
        environment = {**os.environ, **(env or {})}
        environment["PYTHONPATH"] = python_path(environment)
        options = ["--app", str(app_dir), "--data", str(data_dir), "--workers", str(workers), "--port", str(port)]
        with (data_dir / "host.log").open("ab") as log:
            command = guarded([sys.executable, "-m", "devhost", *options], signal.SIGTERM)
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        host = cls(process, data_dir)
        try:
            eventually(host._is_up, START_S)
        except BaseException:
            host.kill()
            raise
        return host

    def _is_up(self) -> bool:
        """the host is ready"""
        if self._process.poll() is not None:
            raise RuntimeError(f"the host ended with {self._process.returncode}:\n{self.log}")
        path = self.data / "stack.json"
        if path.exists():
            self.stack = json.loads(path.read_text(encoding="utf-8"))
        return bool(self.stack)

    @property
    def log(self) -> str:
        """Everything that the host and its children have logged."""
        return (self.data / "host.log").read_text(encoding="utf-8", errors="replace")

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.stack["url"])

    def stop(self) -> int:
        """End it as Ctrl-C does; returns the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(10)

    def kill(self) -> None:
        """End it and all that it started at once, without a chance to tidy up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """One HTTP request; a body that is not bytes is sent as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if data is not None else {}
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, data, {**kind, **(headers or {})}, method=method)  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - our own
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def durable(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """One request to the durable API, with the system key: `instances/ID`, `orchestrators/NAME`…"""
        key = {"x-functions-key": self.stack["system_key"]}
        return self.call(method, f"/runtime/webhooks/durabletask/{path}", body, {**key, **(headers or {})})

    def status(self, instance_id: str, query: str = "") -> dict[str, Any]:
        """An instance's status; empty if there is none."""
        answer = self.durable("GET", f"instances/{instance_id}{query}")
        return {} if answer.status == 404 else dict(answer.json)

    def ended(self, instance_id: str, timeout_s: float = 30.0) -> dict[str, Any]:
        """Wait for an instance's end and return its status."""

        def over() -> dict[str, Any] | None:
            """the instance has ended"""
            status = self.status(instance_id)
            return status if status.get("runtimeStatus") in ("Completed", "Failed", "Terminated") else None

        return eventually(over, timeout_s)
