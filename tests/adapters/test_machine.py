"""Guards before an encode: places for videos, the disk, the memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.machine import VideoSlots, memory_share, no_room
from adapters.workspace import Workspace

MEMINFO = "MemTotal:       1000 kB\nMemFree:          50 kB\nMemAvailable:    {} kB\n"


def test_a_video_without_a_place_is_told_so_at_once_and_the_place_comes_back() -> None:
    slots = VideoSlots(1)
    with slots.one() as first, slots.one() as second:
        assert (first, second) == (True, False)
    with pytest.raises(RuntimeError), slots.one():
        raise RuntimeError("the encoder died")
    with slots.one() as again:
        assert again


def cgroup(folder: Path, limit: str, used: int, cache: int) -> Path:
    (folder / "memory.max").write_text(limit)
    (folder / "memory.current").write_text(str(used))
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cache}\n")
    return folder


def test_memory_is_the_machines_or_the_containers_whichever_is_shorter(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(MEMINFO.format(700))
    assert memory_share(meminfo, tmp_path) == pytest.approx(0.3)
    assert memory_share(meminfo, cgroup(tmp_path, "max", 999, 0)) == pytest.approx(0.3)
    assert memory_share(meminfo, cgroup(tmp_path, "1000", 950, 50)) == pytest.approx(0.9)
    meminfo.write_text(MEMINFO.format(20))
    assert memory_share(meminfo, cgroup(tmp_path, "1000", 500, 0)) == pytest.approx(0.98)


def test_an_encode_needs_room_for_the_input_and_an_output_of_its_size(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, 1024**3)
    assert no_room(1024, workspace) is None
    assert "disk" in (no_room(workspace.free_bytes(), workspace) or "")
