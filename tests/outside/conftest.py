"""The outside world: SIMPI's stand-in on a real database, a receiver of webhooks, and a stack that tells both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devhost.ports import free_ports
from tests.conftest import ROOT
from tests.outside import postgres
from tests.outside.receiver import SECRET, Receiver
from tests.stack.running import Stack

TOKEN = "canary-simpi-token-5b1f"
HOOK = "/hook/canary-webhook-path-77ac"


class Simpi:
    """The sandbox in a process of its own."""

    def __init__(self, database: str) -> None:
        command = [sys.executable, "-m", "sandbox", "--database", database, "--port", "0"]
        env = {**os.environ, "SIMPI_API_TOKEN": TOKEN, "WEBHOOK_SECRET": SECRET}
        self._process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def state(self) -> dict[str, dict[str, dict[str, Any]]]:
        """All rows, by table and id."""
        with urllib.request.urlopen(f"{self.url}/sandbox/state") as answer:
            return {name: {row["id"]: row for row in rows} for name, rows in json.load(answer).items()}

    def set_faults(self, faults: dict[str, list[dict[str, Any]]]) -> None:
        """By step, what is to go wrong with its next updates."""
        request = urllib.request.Request(f"{self.url}/sandbox/faults", json.dumps(faults).encode(), method="PUT")
        urllib.request.urlopen(request).close()

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class World:
    """Everything that a job touches."""

    stack: Stack
    simpi: Simpi
    receiver: Receiver
    collector: Receiver

    def events(self, instance_id: str) -> list[str]:
        """The events of a job that were taken, as they came: `started`, `completed` …"""
        taken = [request.verified() for request in self.receiver.accepted]
        return [event["type"].rpartition(".")[2] for event in taken if event["data"]["instance_id"] == instance_id]


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A stack with two workers that tells SIMPI on PostgreSQL (SQLite where there is none) and a receiver of webhooks."""
    folder: Path = tmp_path_factory.mktemp("world")
    with ExitStack() as ends:
        database = f"sqlite:///{folder / 'simpi.db'}"
        if postgres.programs() or request.config.getoption("--postgres"):
            database = ends.enter_context(postgres.running(postgres.wanted(request.config)))
        simpi = Simpi(database)
        ends.callback(simpi.close)
        receiver, collector = ends.enter_context(Receiver()), ends.enter_context(Receiver())
        env = {
            "SIMPI_API_BASE_URL": simpi.url,
            "SIMPI_API_TOKEN": TOKEN,
            "WEBHOOK_URL": receiver.url + HOOK,
            "WEBHOOK_SECRET": SECRET,
            "WEBHOOK_ALLOW_PRIVATE": "true",
            "MAX_RETRY_ATTEMPTS": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        }
        stack = Stack(folder / "data", env=env, port=free_ports(1)[0])
        stack.start()
        ends.callback(stack.stop)
        yield World(stack, simpi, receiver, collector)
