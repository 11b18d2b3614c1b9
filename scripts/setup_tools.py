"""What both halves of the set-up share: telling the user, running a tool into the log, stopping it again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

TAIL_LINES = 15

_children: set[subprocess.Popen[bytes]] = set()


class Failed(Exception):
    """The set-up cannot go on: the message says why and what would help."""


class Log:
    """Lines for the user on stderr, and everything that the tools said in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.busy: set[str] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin a new log file."""
        self.path.write_text("")

    def say(self, text: str) -> None:
        """Tell the user one thing."""
        with self._lock:
            sys.stderr.write(f"simpi: {text.rstrip()}\n")
            sys.stderr.flush()

    @contextlib.contextmanager
    def step(self, name: str, doing: str) -> Iterator[None]:
        """Say that a step begins, and how long it took."""
        started = time.monotonic()
        self.busy.add(name)
        self.say(f"  {name}: {doing}")
        yield
        self.busy.discard(name)
        self.say(f"  {name}: done in {time.monotonic() - started:.0f} s")


def run(log: Log, command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> bool:
    """Run a tool with its output in the log; true when it went well."""
    with log.path.open("ab") as file:
        file.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        file.flush()
        quiet, given = subprocess.DEVNULL, {**os.environ, **(env or {})}
        child = subprocess.Popen(list(map(str, command)), cwd=cwd, env=given, stdin=quiet, stdout=file, stderr=file)
        _children.add(child)
        try:
            return child.wait() == 0
        finally:
            _children.discard(child)


def stop_children() -> None:
    """End the tools that still run."""
    for child in list(_children):
        with contextlib.suppress(OSError):
            child.terminate()


def tail(log: Log) -> str:
    """The last lines that the tools wrote, for an error message."""
    lines = log.path.read_text(errors="replace").strip().splitlines()[-TAIL_LINES:]
    return "\n".join(f"    {line}" for line in lines) + f"\n  The whole log: {log.path}"


def write_stamp(path: Path, text: str) -> None:
    """Write a stamp whole or not at all."""
    half = path.with_name(f"{path.name}.{os.getpid()}")
    half.write_text(text, encoding="ascii")
    half.replace(path)
