"""The host: puts the parts together, starts them in order, and ends them all."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

from devhost import MOST_WORKERS, VERSION
from devhost.azurite_server import Azurite
from devhost.children import Child
from devhost.environment import for_worker, local_settings, prepare
from devhost.host_json import ConfigError, HostJson
from devhost.logs import keep_small, log_to_file
from devhost.ports import FIRST_PORT
from devhost.state import WORKER, DataDir
from devhost.storage import HOST_STORAGE, configured_storage
from devhost.surface.urls import Urls

if TYPE_CHECKING:
    from devhost.app_index import App
    from devhost.engine.engine import Engine

log = logging.getLogger(__name__)

WORKER_START_S = 60.0
STOP_S = 2.0
LOG_LOOK_S = 10.0


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    app: Path
    data: Path
    port: int | None = None
    workers: int = 2
    storage: str | None = None


class Host:
    """One app, running."""

    def __init__(self, options: Options) -> None:
        if not 1 <= options.workers <= MOST_WORKERS:
            raise ConfigError(f"--workers must be between 1 and {MOST_WORKERS}")
        self._options = options
        self._app_dir = options.app.resolve()
        self._settings = HostJson.read(self._app_dir)
        self._data = DataDir(options.data)
        log_to_file(self._data.log, "host")
        self._children: list[Child] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Start everything, run until told to stop, end everything."""
        stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        starting, waiting = asyncio.create_task(self._start()), asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                await waiting
        finally:
            self._stop()

    async def _start(self) -> None:
        began = time.monotonic()
        if left := self._data.sweep():
            log.warning("%d processes of an earlier run were still there: ended", left)
        self._data.withdraw()
        from devhost.surface.server import listen

        public, private = listen(self._options.port), listen(0)
        urls = self._urls(public, private)
        azurite = self._start_storage(urls)
        from devhost.signalr.beside import start_hub

        await start_hub(self._data)
        engine = self._start_engine()
        self._start_worker(1, engine, urls)

        from devhost.app_index import load

        app = load(self._app_dir)
        await self._run_app(app, engine, urls, public, private, azurite)
        self._data.announce(self._stack(urls))
        log.info("ready in %.1f s: %s (%d functions)", time.monotonic() - began, urls.base, len(app.functions))
        for number in range(2, self._options.workers + 1):  # one is enough to begin with
            self._start_worker(number, engine, urls)
        for child in self._children:
            child.keep(partial(self._tidy, child))

    def _urls(self, public: socket, private: socket) -> Urls:
        return Urls(
            base=f"http://127.0.0.1:{public.getsockname()[1]}",
            rpc=f"http://127.0.0.1:{private.getsockname()[1]}",
            hub=self._settings.hub_name,
            key=self._data.system_key(),
        )

    def _start_storage(self, urls: Urls) -> Azurite | None:
        """Azurite, unless storage is configured; then the environment that everything below inherits."""
        local_settings(self._app_dir)
        storage = configured_storage(self._options.storage)
        azurite = None
        prepare(self._data.path, urls, storage)
        if storage is None:
            # Of several hosts that start at once, the one that has got the first port has Azurite's usual ones, too.
            first = urls.port == FIRST_PORT
            azurite = Azurite(self._data, dict(os.environ), on_usual_ports=first)
            self._children.append(azurite.child)
            prepare(self._data.path, urls, azurite.connection_string)
        return azurite

    def _start_engine(self) -> Engine:
        from devhost.engine.engine import Engine

        return Engine(self._options.workers)

    def _start_worker(self, number: int, engine: Engine, urls: Urls) -> None:
        what = ["--app", str(self._app_dir), "--engine", engine.address, "--number", str(number)]
        command = [
            sys.executable,
            "-P",
            "-m",
            "devhost.worker",
            *what,
            "--at-once",
            str(self._settings.activities_at_once),
        ]
        env = for_worker(self._data.path, number, urls)
        self._children.append(Child(f"worker {number}", command, env, signal.SIGKILL))

    async def _run_app(
        self, app: App, engine: Engine, urls: Urls, public: socket, private: socket, azurite: Azurite | None
    ) -> None:
        from devhost.invoke import Runner
        from devhost.outputs import Outputs
        from devhost.surface.durable_api import DurableApi
        from devhost.surface.functions import HttpFunctions
        from devhost.surface.server import public_app, rpc_app, serve
        from devhost.triggers.all import triggers

        settings = self._settings
        orchestrators = {f.durable_name: f.call for f in app.of("orchestrationTrigger")}
        activities = frozenset(f.durable_name for f in app.of("activityTrigger"))
        engine.run(orchestrators, activities, settings.default_version, settings.orchestrators_at_once)
        runner, outputs = Runner(32, urls.client_binding()), Outputs(settings.queues.base64)
        durable = DurableApi(engine.instances, frozenset(orchestrators), urls, settings.default_version)
        functions = HttpFunctions(app, settings.route_prefix, runner, outputs)
        waiting = triggers(app, settings, runner, outputs)
        if azurite is not None:
            await azurite.ready()
        await self._worker_connected(engine)
        await serve(rpc_app(durable), private)
        await serve(public_app(app, functions, durable, urls.key, engine, waiting.timers), public)
        self._tasks = [self._task(trigger) for trigger in waiting.watching]
        self._tasks.append(self._task(self._log_kept_small()))

    def _tidy(self, child: Child) -> None:
        """End what a dead worker has left running."""
        if (worker := child.env.get(WORKER)) and (left := self._data.sweep(worker)):
            log.warning("%s had left %d processes running: ended", child.name, left)

    async def _log_kept_small(self) -> None:
        while True:
            await asyncio.to_thread(keep_small, self._data.log)
            await asyncio.sleep(LOG_LOOK_S)

    @staticmethod
    def _task(trigger: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and task.exception() is not None:
                log.error("a task of the host has stopped", exc_info=task.exception())

        task = asyncio.create_task(trigger)
        task.add_done_callback(ended)
        return task

    async def _worker_connected(self, engine: Engine) -> None:
        end = time.monotonic() + WORKER_START_S
        while not engine.connected_workers:
            ended = next((child for child in self._children if not child.is_running), None)
            if ended is not None or time.monotonic() > end:
                raise ConfigError(f"{ended.name if ended else 'a worker'} did not start: see its message above")
            await asyncio.sleep(0.02)

    def _stack(self, urls: Urls) -> dict[str, object]:
        return {
            "pid": os.getpid(),
            "url": urls.base,
            "port": urls.port,
            "data": str(self._data.path),
            "app": str(self._app_dir),
            "workers": self._options.workers,
            "system_key": urls.key,
            "storage": os.environ[HOST_STORAGE],
            "started_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "version": VERSION,
        }

    def _stop(self) -> None:
        if self._data.withdraw():
            log.info("stopping")
        for task in self._tasks:
            task.cancel()
        for child in self._children:
            child.stop()
        end = time.monotonic() + STOP_S
        for child in self._children:
            child.reap(end)
        self._data.sweep()  # what activities have started
