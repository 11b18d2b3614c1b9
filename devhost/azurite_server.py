"""Azurite, the storage emulator: started when no storage is configured, on ports that stay the same."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from devhost.children import Child
from devhost.host_json import ConfigError
from devhost.node import node
from devhost.state import DataDir

HOME = Path(__file__).with_name("azurite")
PREFERRED = (10000, 10001, 10002)
# The emulator's well-known account: documented, the same everywhere, reachable on loopback only.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class Azurite:
    """A running Azurite."""

    def __init__(self, data: DataDir, env: Mapping[str, str]) -> None:
        script = HOME / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
        if not script.is_file():
            raise ConfigError(f"Azurite is not installed: run `npm ci` in {HOME}")
        self._ports = _ports(data)
        blob, queue, table = (str(port) for port in self._ports)
        ports = ["--blobPort", blob, "--queuePort", queue, "--tablePort", table]
        options = ["--location", str(data.path / "azurite"), "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
        command = [str(node()), "-r", str(HOME / "save_often.js"), str(script), *ports, *options]
        # SIGTERM, so that it can still write its index when the host is killed.
        self.child = Child("azurite", command, env, signal.SIGTERM)

    @property
    def connection_string(self) -> str:
        """How to reach it."""
        services = zip(("Blob", "Queue", "Table"), self._ports, strict=True)
        endpoints = "".join(f"{name}Endpoint=http://127.0.0.1:{port}/{ACCOUNT};" for name, port in services)
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{endpoints}"

    async def ready(self, timeout_s: float = 30.0) -> None:
        """Wait until it answers on all its ports.

        Raises: ConfigError, if it does not in time, or ends.
        """
        end = time.monotonic() + timeout_s
        for port in self._ports:
            while not _answers(port):
                if time.monotonic() > end or not self.child.is_running:
                    raise ConfigError("Azurite did not start")
                await asyncio.sleep(0.02)


def _ports(data: DataDir) -> tuple[int, ...]:
    remembered = data.remembered("azurite-ports")
    if remembered is not None and all(_is_free(port) for port in remembered):
        return tuple(remembered)
    ports = PREFERRED if all(_is_free(port) for port in PREFERRED) else _free_ports(len(PREFERRED))
    data.remember("azurite-ports", ports)
    return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_ports(count: int) -> tuple[int, ...]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return tuple(one.getsockname()[1] for one in sockets)
    finally:
        for one in sockets:
            one.close()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
