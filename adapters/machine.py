"""This worker's machine: how much of it is free, and how many videos it encodes at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from adapters.workspace import Workspace

MOST_MEMORY_SHARE = 0.8
SPARE_DISK_BYTES = 256 * 1024**2

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


class VideoSlots:
    """The bounded places for video encodes: photos never wait behind them, since a video without a place gives way."""

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count)

    @contextmanager
    def one(self) -> Iterator[bool]:
        """Whether a place was free; it is held while the block runs. Never waits."""
        held = self._free.acquire(blocking=False)
        try:
            yield held
        finally:
            if held:
                self._free.release()


@cache
def video_slots(count: int) -> VideoSlots:
    """The places of this process."""
    return VideoSlots(count)


def no_room(size_bytes: int, workspace: Workspace) -> str | None:
    """Why nothing should be encoded here just now, in words; None where there is room.

    The disk must hold the input and an output of the same size; memory must not be used beyond 80 %.
    """
    wanted = 2 * size_bytes + SPARE_DISK_BYTES
    if workspace.free_bytes() < wanted:
        return f"the worker's disk has less than {wanted // 1024**2} MiB free"
    if memory_share() > MOST_MEMORY_SHARE:
        return "the worker's memory is more than 80 % in use"
    return None


def memory_share(meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> float:
    """How much of the memory is in use, from 0 to 1: of the container where it has a limit, of the machine otherwise.

    Page cache does not count: the kernel gives it back when it is needed.
    """
    lines = (line.split() for line in meminfo.read_text().splitlines())
    kib = {words[0].rstrip(":"): int(words[1]) for words in lines}
    machine = 1 - kib["MemAvailable"] / kib["MemTotal"]
    try:
        limit = (cgroup / "memory.max").read_text().strip()
        used = int((cgroup / "memory.current").read_text())
        stat = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return machine
    if limit == "max":
        return machine
    return max(machine, (used - int(stat.get("inactive_file", 0))) / int(limit))
