"""Give up rights before touching untrusted media, then run a command. Standard library only: it starts in milliseconds.

Layers, each used where the kernel has it: resource limits, death with the parent, no new privileges, Landlock (no file
but those named, no TCP, no signals to others), and a seccomp filter (no sockets, no tracing of other processes).

    python -I -S sandbox_confine.py '{"memory_bytes": …}' COMMAND…
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from typing import Any

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REMOVE_FILE, MAKE_REG, TRUNCATE = 1 << 5, 1 << 8, 1 << 14
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | 1 << 15
READ = EXECUTE | READ_FILE | READ_DIR
WRITE = READ_FILE | READ_DIR | WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE

# Numbers of the calls that no decoder needs, by machine: socket, connect, bind, listen, ptrace, process_vm_readv,
# process_vm_writev, mount, unshare, setns, bpf, keyctl, perf_event_open, userfaultfd, io_uring_setup, pidfd_open,
# pidfd_getfd.
DENIED_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 49, 50, 101, 310, 311, 165, 272, 308, 321, 250, 298, 323, 425, 434, 438)),
    "aarch64": (0xC00000B7, (198, 203, 200, 201, 117, 270, 271, 40, 97, 268, 280, 219, 241, 282, 425, 434, 438)),
}

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


def deny_calls() -> bool:
    """A seccomp filter under which sockets, tracing and mounts fail with EACCES. False: the kernel cannot."""
    known = DENIED_CALLS.get(platform.machine()) if sys.platform == "linux" else None
    if known is None:
        return False
    machine, numbers = known
    load, jump_equal, jump_above, answer = 0x20, 0x15, 0x35, 0x06
    allow, deny = 0x7FFF0000, 0x00050000 | errno.EACCES
    count = len(numbers)
    program = [  # each step: code, steps to skip if true, steps to skip if false, value
        (load, 0, 0, 4),
        (jump_equal, 0, count + 3, machine),
        (load, 0, 0, 0),
        (jump_above, count + 1, 0, 0x40000000),  # the x32 calls have numbers of their own
        *((jump_equal, count - position, 0, number) for position, number in enumerate(numbers)),
        (answer, 0, 0, allow),
        (answer, 0, 0, deny),
    ]
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    return bool(libc.prctl(PR_SET_SECCOMP, 2, header, 0, 0) == 0)


def confine(config: dict[str, Any]) -> list[str]:
    """Give up everything that `config` does not name; returns the layers that hold."""
    die_with_parent(config["parent_pid"])
    limit_resources(config.get("memory_bytes"), config.get("file_bytes"), config.get("cpu_s"), config.get("files"))
    layers = ["limits"]
    if config.get("open"):  # switched off by the operator
        return layers
    if no_new_privileges():
        if landlock(config.get("read", ()), config.get("write", ())):
            layers.append("landlock")
        if deny_calls():
            layers.append("seccomp")
    return layers


def main() -> None:
    config = json.loads(sys.argv[1])
    command = sys.argv[2:]
    layers = confine(config)
    if command == ["--layers"]:
        sys.stdout.write(json.dumps(layers))
        return
    os.execve(command[0], command, dict(os.environ))  # noqa: S606


if __name__ == "__main__":
    main()
