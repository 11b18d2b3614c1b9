"""A warm pool of disposable children: a decoder that crashes, hangs or eats memory costs one job and no worker.

A child does each task in a copy of itself that sees one upload and ends with it (see sandbox_child), which adds about
3 ms. The children are plain processes that share nothing with us: forking a process
full of threads is unsafe, and a forked child would hold our secrets in its memory (docs/decisions/0003).
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from adapters import sandbox
from core.errors import Unprocessable

MAX_CHILDREN = (os.cpu_count() or 1) + 2
"""At work at once in one process: more would only share the processors and need memory."""
IDLE_CHILDREN = min(4, MAX_CHILDREN)
"""Kept for the next tasks: they never decode, so they stay small (about 23 MB each)."""
POLL_S = 0.25

Stop = Callable[[], bool]


class ChildKilledError(RuntimeError):
    """Somebody else killed a child (the machine ran out of memory, an operator): worth another try."""


@dataclass
class Child:
    process: subprocess.Popen[bytes]
    connection: socket.socket
    memory_bytes: int

    def end(self) -> None:
        sandbox.kill(self.process)
        self.connection.close()


class Pool:
    """Children of one process; safe to call from many threads, each of which waits for its own task."""

    def __init__(self) -> None:
        self._idle: list[Child] = []
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(MAX_CHILDREN)
        self._pid = os.getpid()

    def run(
        self,
        task: str,
        files: list[int],
        *,
        memory_bytes: int,
        time_limit_s: float,
        cancelled: Stop = lambda: False,
        **arguments: Any,
    ) -> Any:
        """Do one task in a child, which may read and write the given open files and nothing else.

        Raises: Unprocessable (what the task says, time_limit, out_of_memory, corrupt when the decoder crashed, cancelled);
        OSError when the result could not be written; ChildKilledError.
        """
        self._wait_for_turn(cancelled)
        child, healthy = None, False
        try:
            child = self._take(memory_bytes)
            try:
                reply = _ask(child, {"task": task, "arguments": arguments}, files, time_limit_s, cancelled)
            except (ConnectionError, EOFError):
                raise _obituary(child) from None
            healthy = "failed" not in reply
        finally:
            self._turns.release()
            if child is not None:
                self._give_back(child, healthy)
        return _result(reply)

    def close(self) -> None:
        """End every idle child."""
        with self._lock:
            children, self._idle = self._idle, []
        for child in children:
            child.end()

    def _wait_for_turn(self, cancelled: Stop) -> None:
        while not self._turns.acquire(timeout=POLL_S):
            if cancelled():
                raise Unprocessable("cancelled", "the job was cancelled")

    def _take(self, memory_bytes: int) -> Child:
        with self._lock:
            if self._pid != os.getpid():  # we were forked: those are our parent's
                self._idle, self._pid = [], os.getpid()
            while self._idle:
                child = self._idle.pop()
                if child.memory_bytes == memory_bytes and child.process.poll() is None:
                    return child
                child.end()
        return start_child(memory_bytes)

    def _give_back(self, child: Child, healthy: bool) -> None:
        with self._lock:
            if healthy and len(self._idle) < IDLE_CHILDREN:
                self._idle.append(child)
                return
        child.end()


def start_child(memory_bytes: int) -> Child:
    """A new child; it is ready for its first task within about 0.1 s."""
    ours, theirs = socket.socketpair()
    with theirs:
        return Child(sandbox.python_child(memory_bytes, theirs.fileno()), ours, memory_bytes)


def _ask(child: Child, message: dict[str, Any], files: list[int], time_limit_s: float, cancelled: Stop) -> Any:
    deadline = time.monotonic() + time_limit_s
    child.connection.settimeout(POLL_S)
    socket.send_fds(child.connection, [json.dumps(message).encode() + b"\n"], files)
    data = b""
    while not data.endswith(b"\n"):
        try:
            more = child.connection.recv(65536)
        except TimeoutError:
            if cancelled():
                raise Unprocessable("cancelled", "the job was cancelled") from None
            if time.monotonic() > deadline:
                raise Unprocessable("time_limit", f"it took longer than {time_limit_s:g} s") from None
            continue
        if not more or len(data) > 1 << 20:
            raise EOFError
        data += more
    return _understood(data)


def _understood(data: bytes) -> dict[str, Any]:
    """The answer, which a decoder that was taken over may have written."""
    try:
        reply = json.loads(data)
    except (ValueError, RecursionError):
        reply = None
    if not isinstance(reply, dict):
        raise Unprocessable("corrupt", "the decoder's answer makes no sense")
    return reply


def _obituary(child: Child) -> Exception:
    """A child ended in the middle of a task: since it does not decode itself, that was not the file's doing."""
    with suppress(subprocess.TimeoutExpired):
        child.process.wait(5)
    return ChildKilledError(f"a decoder's process ended with {child.process.returncode}")


def _result(reply: dict[str, Any]) -> Any:
    if "signal" in reply:
        return _crashed(int(reply["signal"]))
    if "failed" in reply:
        raise ChildKilledError(f"a decoder's process failed: {reply['failed']}")
    if reply.get("ok"):
        return reply.get("result")
    if isinstance(reply.get("errno"), int):
        raise OSError(reply["errno"], reply.get("detail", ""))
    raise Unprocessable(str(reply.get("code")), str(reply.get("detail")))


def _crashed(number: int) -> NoReturn:
    if number in (signal.SIGKILL, signal.SIGTERM):
        raise ChildKilledError(f"a decoder's process was ended by {number}")
    raise Unprocessable("corrupt", f"the decoder crashed (signal {number})")


pool = Pool()
"""The pool of this process; children start at the first use."""
atexit.register(pool.close)
