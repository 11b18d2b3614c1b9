"""Runs the real `@microsoft/signalr` client in Node, installed once under `.simpi/`."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from devhost.node import node, npm
from tests.conftest import ROOT

HERE = Path(__file__).with_name("client")
WAIT_S, JOB_S = 30.0, 100.0


@cache
def installed() -> Path:
    """The folder with the client's packages, exactly as locked."""
    home = ROOT / ".simpi" / "signalr-client"
    home.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package-lock.json").read_bytes()
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = home / "node_modules" / ".installed"
        if not done.exists() or done.read_bytes() != wanted:
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(HERE / name, home / name)
            subprocess.run([*npm(), "ci"], cwd=home, check=True, capture_output=True)
            done.write_bytes(wanted)
    return home


class Client:
    """One client, like one open page. `said` is everything that it printed, in order."""

    def __init__(self, url: str, *, token: str | None = None, headers: dict[str, str] | None = None) -> None:
        self.said: list[dict[str, Any]] = []
        self._news = threading.Condition()
        given = json.dumps({"url": url, "token": token, "headers": headers or {}})
        self._process = subprocess.Popen(
            [str(node()), str(HERE / "listen.mjs"), given],
            cwd=installed(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.said.append(json.loads(line))
                self._news.notify_all()

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], within_s: float = WAIT_S) -> dict[str, Any]:
        """The first thing said that is wanted."""
        with self._news:
            assert self._news.wait_for(lambda: any(map(wanted, self.said)), within_s), self.said
            return next(filter(wanted, self.said))

    def state(self, name: str) -> dict[str, Any]:
        """Wait until it is in this state."""
        return self.wait_for(lambda said: said.get("state") == name)

    def messages(self, target: str) -> list[dict[str, Any]]:
        """The messages of one kind so far."""
        with self._news:
            return [said["message"] for said in self.said if said.get("target") == target]

    def complete(self, instance_id: str) -> dict[str, Any]:
        """Wait until it hears that this job has ended; what it was told."""
        said = self.wait_for(
            lambda said: (
                said.get("target") == "MediaProcessingComplete" and said["message"]["instanceId"] == instance_id
            ),
            JOB_S,
        )
        message: dict[str, Any] = said["message"]
        return message

    def invoke(self) -> None:
        """Try to call something on the server."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join(10)
        self._process.stdout.close()
