"""Give up rights before touching untrusted media, then run a command. Standard library only: it starts in milliseconds.

Layers, each used where the kernel has it: resource limits, death with the parent, no new privileges, Landlock (no file
but those named, no TCP, no signals to others), and a seccomp filter (see sandbox_calls).

    python -I -S sandbox_confine.py '{"memory_bytes": …}' COMMAND…
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 36, 38
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REMOVE_FILE, MAKE_REG, TRUNCATE = 1 << 5, 1 << 8, 1 << 14
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | 1 << 15
READ = EXECUTE | READ_FILE | READ_DIR
WRITE = READ_FILE | READ_DIR | WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE

libc = ctypes.CDLL(None, use_errno=True)


def limit_resources(memory_bytes: int | None, file_bytes: int | None, cpu_s: float | None, files: int | None) -> None:
    """Address space, size of written files, CPU seconds and open files; core dumps are off."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    wishes = (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CPU, None if cpu_s is None else max(1, round(cpu_s))),
        (resource.RLIMIT_NOFILE, files),
    )
    for what, most in wishes:
        if most is None:
            continue
        hard = resource.getrlimit(what)[1]
        most = int(most) if hard == resource.RLIM_INFINITY else min(int(most), hard)
        resource.setrlimit(what, (most, most))


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to kill this process when the thread that started it ends (Linux)."""
    if sys.platform != "linux":
        return
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent_pid:  # it ended before we asked
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind, so that it can be noticed (Linux)."""
    if sys.platform == "linux":
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def no_new_privileges() -> bool:
    """No setuid program can give rights back; the other layers need it."""
    return sys.platform == "linux" and int(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) == 0


def landlock_version() -> int:
    """The kernel's Landlock version, 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(libc.syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1))))


def landlock(read: Iterable[str], write: Iterable[str]) -> bool:
    """From here on only these files and folders can be opened, and no TCP connection made. False: the kernel cannot."""
    version = landlock_version()
    if version < 1:
        return False
    handled = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    attributes = struct.pack("=QQQ", handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint(0))
    if ruleset < 0:
        return False
    try:
        for rights, paths in ((READ, read), (WRITE, write)):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        return bool(libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, ctypes.c_uint(0)) == 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - pathlib would cost start-up time
            rights &= FILE_RIGHTS
        rule = struct.pack("=Qi", rights, target)
        if libc.syscall(LANDLOCK_ADD_RULE, ruleset, ctypes.c_int(1), rule, ctypes.c_uint(0)) != 0:
            raise OSError(ctypes.get_errno(), f"landlock: {path}")
    finally:
        os.close(target)


def confine(config: dict[str, Any]) -> list[str]:
    """Give up everything that `config` does not name; returns the layers that hold.

    With `alone`, no process can be started (a program can still take this one's place, as FFmpeg does).
    """
    from adapters.sandbox_calls import deny_calls, deny_processes

    die_with_parent(config["parent_pid"])
    limit_resources(config.get("memory_bytes"), config.get("file_bytes"), config.get("cpu_s"), config.get("files"))
    layers = ["limits"]
    if config.get("open"):  # switched off by the operator
        return layers
    if no_new_privileges():
        if landlock(config.get("read", ()), config.get("write", ())):
            layers.append("landlock")
        if deny_calls() and (not config.get("alone") or deny_processes(programs=False)):
            layers.append("seccomp")
    return layers


def main() -> None:
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120 - as above
    config = json.loads(sys.argv[1])
    command = sys.argv[2:]
    layers = confine(config)
    if command == ["--layers"]:
        sys.stdout.write(json.dumps(layers))
        return
    os.execve(command[0], command, dict(os.environ))  # noqa: S606


if __name__ == "__main__":
    main()
