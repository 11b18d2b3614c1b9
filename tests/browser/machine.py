"""A stack on a port that stays the same, so that an open page finds it again after a restart."""

from __future__ import annotations

import json
from pathlib import Path

from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from devhost.testing import Host, eventually
from tests.azurite import free_ports
from tests.conftest import ROOT
from tests.stack.running import START_S, Stack


class Machine(Stack):
    """One machine with two workers."""

    def __init__(self, data: Path, env: dict[str, str] | None = None) -> None:
        super().__init__(data, workers=2, env=env)
        (self.port,) = free_ports(1)

    def start(self) -> Machine:
        """Start it, or start it again."""
        self.data.mkdir(parents=True, exist_ok=True)
        ports = self.data / "azurite-ports.json"
        if not ports.exists():
            ports.write_text(json.dumps(free_ports(3)))
        options = ("--port", str(self.port))
        self.host = Host.start(ROOT, self.data, self._workers, self._env, options, START_S)
        self.url, self.storage = self.host.url, self.host.stack["storage"]
        self.blobs = BlobServiceClient.from_connection_string(self.storage)
        self.queues = QueueServiceClient.from_connection_string(self.storage)
        eventually(self._has_containers, START_S)
        return self
