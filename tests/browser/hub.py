"""A live hub in a process of its own, so that a test can kill it: `python -m tests.browser.hub PORT KEY`."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from devhost.ports import free_ports
from devhost.signalr.hub import Hub
from devhost.testing import eventually
from tests.conftest import ROOT


class HubProcess:
    """A hub that can be killed and started again on the same port."""

    def __init__(self) -> None:
        (self._port,) = free_ports(1)
        self._key = "0123456789abcdef0123456789abcdef"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def connection_string(self) -> str:
        """How the app reaches it."""
        return f"Endpoint=http://127.0.0.1:{self._port};AccessKey={self._key};Version=1.0;"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        command = [sys.executable, "-m", "tests.browser.hub", str(self._port), self._key]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert self._process.stdout is not None

        def listens() -> bool:
            """the hub listens"""
            return bool(self._process and self._process.stdout and self._process.stdout.readline())

        eventually(listens, 20)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None


async def _serve(port: int, key: str) -> None:
    async with Hub(port, key):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), sys.argv[2]))
