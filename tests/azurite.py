"""An Azurite for tests that need storage but no host."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devhost.azurite_server import Azurite
from devhost.state import DataDir
from devhost.testing import with_own_ports


@contextmanager
def running_azurite(folder: Path) -> Iterator[str]:
    """A running Azurite; its connection string."""
    data = DataDir(with_own_ports(folder))
    azurite = Azurite(data, dict(os.environ))
    try:
        asyncio.run(azurite.ready())
        yield azurite.connection_string
    finally:
        azurite.child.stop()
        azurite.child.reap(time.monotonic() + 5)
        data.close()
