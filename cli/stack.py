"""The local stack: whether one runs, and stopping it.

devhost writes `stack.json` into its data folder when it is ready. A stack is running if that file's process lives and its
host answers.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cli import ROOT, http
from cli.errors import CliError, Unreachable

DEFAULT_DATA = ROOT / ".simpi" / "data"
PING_TIMEOUT_S = 3.0
STOP_WAIT_S = 25.0


@dataclass(frozen=True)
class Stack:
    """A running local stack, as its `stack.json` describes it."""

    pid: int
    url: str
    data: Path
    workers: int
    system_key: str
    storage: str
    started_at: datetime

    @property
    def port(self) -> int:
        """Where it listens on this machine."""
        return int(self.url.rpartition(":")[2])

    @property
    def log(self) -> Path:
        """Where a stack in the background writes what it does."""
        return self.data / "devhost.log"

    @property
    def in_background(self) -> bool:
        """Whether it was started by a command like `compress`, and not by `up`."""
        with contextlib.suppress(OSError, ValueError):
            return bool(json.loads((self.data / "background.json").read_text())["pid"] == self.pid)
        return False


def read(data: Path) -> Stack | None:
    """What `stack.json` says, whether or not it still runs."""
    try:
        told: dict[str, Any] = json.loads((data / "stack.json").read_text())
        same = {name: told[name] for name in ("pid", "url", "workers", "system_key", "storage")}
        return Stack(data=data, started_at=datetime.fromisoformat(told["started_at"]), **same)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def running(data: Path) -> Stack | None:
    """The stack that runs on this data folder, if there is one."""
    stack = read(data)
    return stack if stack is not None and is_alive(stack.pid) and answers(stack.url) else None


def answers(url: str) -> bool:
    """Whether a Functions host answers there."""
    try:
        return http.get(url, "/admin/host/ping", timeout_s=PING_TIMEOUT_S).status == 200
    except Unreachable:
        return False


def is_alive(pid: int) -> bool:
    """Whether the process lives. One that has ended and waits for its parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def stop(data: Path) -> Stack | None:
    """End the stack of this data folder; answers which one it was, or None if none ran."""
    stack = read(data)
    if stack is None or not is_alive(stack.pid) or not _is_devhost(stack.pid):
        return None
    with contextlib.suppress(ProcessLookupError):
        os.kill(stack.pid, signal.SIGTERM)
    until = time.monotonic() + STOP_WAIT_S
    while is_alive(stack.pid):
        if time.monotonic() > until:
            raise CliError(
                f"the stack (process {stack.pid}) does not end", f"Look at {stack.log}, or: kill -9 {stack.pid}"
            )
        time.sleep(0.05)
    for leftover in ("background.json", "stack.json"):
        (data / leftover).unlink(missing_ok=True)
    return stack


def _is_devhost(pid: int) -> bool:
    """A process id is used again one day: never end somebody else's."""
    try:
        return b"devhost" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:  # no /proc, as on macOS
        told = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return "-m devhost" in told.stdout
