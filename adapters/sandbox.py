"""Where untrusted media is decoded: children with few rights, a clean environment, and an end when the parent ends.

`python_child` and `confined` start them; `layers` says which protections hold on this machine.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from config.logging import log_event

HERE = Path(__file__).resolve().parent
CONFINE = HERE / "sandbox_confine.py"
CHILD = HERE / "sandbox_child.py"
SYSTEM_PATHS = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/dev/null", "/dev/urandom", "/sys/devices/system/cpu")
OPEN_FILES = 64

_starter = ThreadPoolExecutor(1, thread_name_prefix="sandbox-starter")
"""Starts the warm children: the kernel kills a child when the *thread* that started it ends, so that thread must last."""


def clean_environment() -> dict[str, str]:
    """No setting, secret or search path of ours reaches a child."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent", "MALLOC_ARENA_MAX": "2"}


def python() -> str:
    return sys.executable or "python3"


def confined(
    command: list[str], read: Path, write: Path, *, memory_bytes: int, file_bytes: int, cpu_s: float
) -> list[str]:
    """The command line that runs `command` with one folder to read, one to write, and no network.

    Must be started, with `start`, by the thread that waits for it: the command dies with that thread.
    """
    config = {
        "parent_pid": os.getpid(),
        "memory_bytes": memory_bytes,
        "file_bytes": file_bytes,
        "cpu_s": cpu_s,
        "files": OPEN_FILES,
        "read": [*SYSTEM_PATHS, str(Path(command[0]).resolve().parent), str(read)],
        "write": [str(write), "/dev/null"],
        "alone": True,
    }
    return [python(), "-I", "-S", str(CONFINE), json.dumps(config), *command]


def start(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, so that all of it can be killed."""
    return subprocess.Popen(command, env=clean_environment(), start_new_session=True, **options)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a child and everything that it started, and wait until it is gone."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()


def python_child(memory_bytes: int, socket_fd: int) -> subprocess.Popen[bytes]:
    """Start a child that answers tasks on this socket (see sandbox_child)."""
    read, search = _python_paths()
    config = {
        "parent_pid": os.getpid(),
        "memory_bytes": memory_bytes,
        "file_bytes": memory_bytes,
        "files": OPEN_FILES,
        "read": [*SYSTEM_PATHS, *read],
        "write": ["/dev/null"],
        "search": search,
        "socket_fd": socket_fd,
    }
    command = [python(), "-I", "-S", str(CHILD), json.dumps(config)]
    options = {"pass_fds": (socket_fd,), "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    return _on_starter(lambda: start(command, stderr=subprocess.DEVNULL, cwd="/", **options))


@cache
def _say_what_is_missing() -> None:
    """Log, once in this process, which protections the machine lacks; the rest holds all the same."""
    if missing := missing_layers(layers()):
        log_event("sandbox_incomplete", level=logging.WARNING, missing=missing)


def _on_starter(work: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    started = _starter.submit(work)
    _starter.submit(_say_what_is_missing)
    return started.result()


def _python_paths() -> tuple[list[str], list[str]]:
    """What a Python child may read, and its module search path: Python, packages, our two folders; no settings."""
    root = HERE.parent
    search = [path for path in sys.path if path and Path(path).is_absolute() and Path(path).exists()]
    packages = [path for path in search if Path(path) != root and _holds_packages(Path(path))]
    read = [sys.base_prefix, sys.prefix, *packages, str(HERE), str(root / "core")]
    return read, [*(path for path in search if path in packages), str(root)]


def _holds_packages(path: Path) -> bool:
    return path.name in ("site-packages", "dist-packages", "lib-dynload") or path.name.startswith("python3")


@cache
def layers() -> tuple[str, ...]:
    """The protections that hold here: limits, landlock (files, TCP), seccomp (sockets)."""
    config = json.dumps({"parent_pid": os.getpid(), "read": [], "write": []})
    command = [python(), "-I", "-S", str(CONFINE), config, "--layers"]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, timeout=20, check=False)
    return tuple(json.loads(done.stdout)) if done.returncode == 0 else ()


def missing_layers(found: Iterable[str]) -> list[str]:
    """What this machine lacks, in words."""
    words = {"landlock": "Landlock: decoders could open other files", "seccomp": "seccomp: decoders could open sockets"}
    return [text for name, text in words.items() if name not in found]
