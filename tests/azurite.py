"""An Azurite for tests that need storage but no host."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from devhost.azurite_server import Azurite
from devhost.state import DataDir


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def running_azurite(folder: Path) -> Iterator[str]:
    """A running Azurite; its connection string."""
    data = DataDir(folder)
    data.remember("azurite-ports", free_ports(3))
    azurite = Azurite(data, dict(os.environ))
    try:
        asyncio.run(azurite.ready())
        yield azurite.connection_string
    finally:
        azurite.child.stop()
        azurite.child.reap(time.monotonic() + 5)
        data.close()
