"""The first call of `./simpi`: makes `.venv` and installs Azurite, side by side, and tells the user what it does.

Only the standard library. Safe when two first calls run at once (a lock) and when interrupted (stamps come last).
"""

from __future__ import annotations

import fcntl
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import setup_node
import setup_python
from setup_stamp import is_ready, node_is_ready, python_is_ready
from setup_tools import Failed, Log, stop_children

HEARTBEAT_S = 10


def set_up(root: str) -> None:
    """Bring `.venv` and `node_modules` to what the pins ask for, or leave with exit code 1 and the reason."""
    home = Path(root)
    log = Log(home / ".simpi" / "setup.log")
    try:
        (home / ".simpi").mkdir(exist_ok=True)
        with (home / ".simpi" / "setup.lock").open("w") as lock:
            _wait_for(lock.fileno(), log)
            if not is_ready(root):
                _install(home, log)
    except Failed as problem:
        stop_children()
        log.say(f"set-up failed: {problem}")
        sys.exit(1)
    except OSError as problem:
        stop_children()
        log.say(f"set-up failed: {problem}\nThe project's folder must be writable: {root}")
        sys.exit(1)
    except KeyboardInterrupt:
        stop_children()
        log.say("set-up interrupted; the next call goes on from here")
        sys.exit(130)


def _wait_for(lock: int, log: Log) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.say("another call is setting up; waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _install(root: Path, log: Log) -> None:
    """Both halves at once. Azurite waits for Python's half only where the machine has no Node of its own."""
    started = time.monotonic()
    needs_python, needs_node = not python_is_ready(str(root)), not node_is_ready(str(root))
    first = not (root / ".venv").exists()
    log.start()
    log.say("first use: setting up (once; about half a minute)" if first else "setting up what has changed")

    python_done, problems = threading.Event(), list[Exception]()

    def python_half() -> None:
        try:
            if needs_python:
                setup_python.install(root, log)
        finally:
            python_done.set()

    def node_half() -> None:
        if needs_node:
            setup_node.install(root, log, python_done)

    def guarded(half: Callable[[], None]) -> None:
        try:
            half()
        except (Failed, OSError) as problem:
            problems.append(problem)

    halves = [threading.Thread(target=guarded, args=(half,), daemon=True) for half in (python_half, node_half)]
    for half in halves:
        half.start()
    beat = started + HEARTBEAT_S
    while any(half.is_alive() for half in halves) and not problems:
        time.sleep(0.05)
        if time.monotonic() >= beat:
            beat += HEARTBEAT_S
            log.say(f"  still at it, {time.monotonic() - started:.0f} s ({' and '.join(sorted(log.busy))})")
    if problems:
        raise problems[0]
    log.say(f"ready in {time.monotonic() - started:.0f} s")
