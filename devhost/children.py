"""The host's child processes: started so that they die with it, started again when they die."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from devhost.guard import guarded

log = logging.getLogger(__name__)

QUICK_S = 5.0  # a child that lived shorter than this is given a pause before the next try


class Child:
    """One child process that is to run as long as the host does.

    A `quiet` one knows nothing of our log: what it complains of on stderr is written there for it, the rest is dropped.
    """

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], death: signal.Signals, quiet: bool = False
    ) -> None:
        self.name, self._command, self.env, self._death = name, command, env, death
        self._quiet = quiet
        self._process = self._start()
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process id of the child that runs now."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the child is alive."""
        return self._process.poll() is None

    def keep(self, tidy: Callable[[], object]) -> None:
        """Start the child again whenever it ends; `tidy` is called before that."""
        self._watch = asyncio.get_running_loop().create_task(self._kept(tidy))

    def stop(self) -> None:
        """Ask the child to end."""
        if self._watch is not None:
            self._watch.cancel()
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)

    def reap(self, until: float) -> None:
        """Wait for the child's end until `until` (monotonic seconds), then kill it."""
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        self._started = time.monotonic()
        command = guarded(self._command, self._death)
        if not self._quiet:
            return subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(command, env=self.env, stdin=nothing, stdout=nothing, stderr=subprocess.PIPE)
        threading.Thread(target=_log_lines, args=(self.name, process.stderr), daemon=True).start()
        return process

    async def _kept(self, tidy: Callable[[], object]) -> None:
        pause_s = 0.1
        while True:
            while self.is_running:  # noqa: ASYNC110 - a process has no event to wait for
                await asyncio.sleep(0.05)
            pause_s = min(5.0, pause_s * 2) if time.monotonic() - self._started < QUICK_S else 0.1
            log.warning("%s ended (%s), it is started again", self.name, self._process.returncode)
            await asyncio.sleep(pause_s)
            await asyncio.to_thread(tidy)
            self._process = self._start()


def _log_lines(name: str, stream: IO[bytes]) -> None:
    with stream:
        for line in stream:
            if text := line.decode("utf-8", "replace").rstrip():
                log.warning("%s says: %s", name, text)
