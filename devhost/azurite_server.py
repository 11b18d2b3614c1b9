"""Azurite, the storage emulator: started when no storage is configured, on ports that stay the same."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from devhost.children import Child
from devhost.host_json import ConfigError
from devhost.node import node
from devhost.ports import free_ports, is_free
from devhost.state import DataDir

HOME = Path(__file__).with_name("azurite")
LOADED_BEFORE = ("save_often.js", "not_by_ctrl_c.js", "only_local.js", "listable_names.js")
PORTS = "azurite-ports.json"  # in the data folder
PREFERRED = (10000, 10001, 10002)
# The emulator's well-known account: documented, the same everywhere, reachable on loopback only.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class Azurite:
    """A running Azurite."""

    def __init__(self, data: DataDir, env: Mapping[str, str], *, on_usual_ports: bool = True) -> None:
        script = HOME / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
        if not script.is_file():
            raise ConfigError(f"Azurite is not installed: run `npm ci` in {HOME}")
        self._ports = _ports(data, PREFERRED if on_usual_ports else ())
        blob, queue, table = (str(port) for port in self._ports)
        ports = ["--blobPort", blob, "--queuePort", queue, "--tablePort", table]
        options = ["--location", str(data.path / "azurite"), "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
        before = [word for name in LOADED_BEFORE for word in ("-r", str(HOME / name))]
        command = [str(node()), *before, str(script), *ports, *options]
        # SIGTERM, so that it can still write its index when the host is killed.
        self.child = Child("azurite", command, env, signal.SIGTERM, quiet=True)

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
        while not self._listens():
            if time.monotonic() > end or not self.child.is_running:
                raise ConfigError(f"Azurite did not start: are the ports {self._ports} free?")
            await asyncio.sleep(0.02)

    def _listens(self) -> bool:
        """Whether it is our Azurite that listens there, not somebody else's."""
        with contextlib.suppress(psutil.Error):
            child = psutil.Process(self.child.pid)
            connections = [c for p in (child, *child.children()) for c in p.net_connections("tcp")]
            return set(self._ports) <= {c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN}
        return False


def _ports(data: DataDir, usual: tuple[int, ...]) -> tuple[int, ...]:
    remembered = data.remembered(PORTS)
    if remembered is not None and all(is_free(port) for port in remembered):
        return tuple(remembered)
    ports = usual if usual and all(is_free(port) for port in usual) else free_ports(len(PREFERRED))
    data.remember(PORTS, ports)
    return ports
