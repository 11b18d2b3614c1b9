"""Many uploads at once, with storage restarted in the middle: all end once, and photos do not wait for videos."""

from __future__ import annotations

import statistics
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from devhost.testing import eventually
from tests.chaos.checks import once, settled
from tests.chaos.conftest import Tally
from tests.stack.media import clip, photo
from tests.stack.running import Stack


@pytest.mark.timeout(1200)
def test_a_crowd_of_photos_and_videos_survives_a_restart_of_the_storage(
    tmp_path: Path, tally: Tally, pytestconfig: pytest.Config
) -> None:
    photos, videos, seconds = (40, 10, 40) if pytestconfig.getoption("--chaos") else (8, 2, 20)
    stack = Stack(tmp_path).start()
    try:
        wishes = [(f"crowd-{n}.mp4", clip(seconds, "1280x720", crf=30)) for n in range(videos)]
        wishes += [(f"crowd-{n}.jpg", photo(1200, 900, seed=n)) for n in range(photos)]
        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda wish: stack.upload(*wish), wishes))
        eventually(lambda: any(stack.host.status(id_).get("customStatus") for id_ in ids), 60)
        azurite = next(p for p in psutil.process_iter() if _is_azurite_of(p, tmp_path))
        azurite.terminate()  # devhost starts it again
        receipts = {id_: settled(stack, id_, 900) for id_ in ids}
        for id_ in ids:
            counts = once(stack, id_)
            tally.add("storage restarted under a crowd", **counts)
            assert counts["once"] == 1, f"{counts}; the log ends:\n{stack.host.log[-3000:]}"
        tally.add("storage restarted under a crowd", faults=1)
        done = [receipt for receipt in receipts.values() if receipt]
        images, films = ([r["completed_at"] for r in done if r["kind"] == kind] for kind in ("image", "video"))
        assert statistics.median_low(images) < min(films)
    finally:
        stack.stop()


def _is_azurite_of(process: psutil.Process, folder: Path) -> bool:
    try:
        line = process.cmdline()
        return any("azurite.js" in part for part in line) and any(str(folder) in part for part in line)
    except psutil.Error:
        return False
