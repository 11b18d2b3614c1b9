"""kill -9 of a child, of a worker and of everything: every job ends once."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import psutil
import pytest

from devhost.testing import eventually
from tests.chaos.checks import once, orphans
from tests.chaos.conftest import Tally
from tests.stack.media import clip, photo
from tests.stack.running import Stack

SEED = 20_260_101
EMULATOR_S = 0.4
"""Azurite says yes to an upload before it lies in its index on disk: what it loses itself is not ours to find."""


@pytest.mark.timeout(1800)
def test_everything_is_killed_again_and_again_and_no_job_is_lost_or_doubled(
    tmp_path: Path, tally: Tally, pytestconfig: pytest.Config
) -> None:
    kills = 20 if pytestconfig.getoption("--chaos") else 3
    chance = random.Random(SEED)
    stack, ids = Stack(tmp_path), []
    for round_ in range(kills):
        stack.start()
        ids.append(stack.upload(f"kill-{round_}.jpg", photo(1200, 900, seed=round_)))
        ids.append(stack.upload(f"kill-{round_}.mp4", clip(4 + round_ % 3)))
        end = time.monotonic() + EMULATOR_S + chance.uniform(0, 3)
        eventually(lambda end=end: time.monotonic() > end, 10)  # wherever the jobs are by then
        stack.kill()
        eventually(lambda: orphans(tmp_path) == 0, 5)  # the kernel ends them, one after the other
    stack.start()
    try:
        for id_ in ids:
            counts = once(stack, id_)
            tally.add("kill -9 of the whole stack", **counts)
            assert counts["once"] == 1, f"{counts}; the log ends:\n{stack.host.log[-3000:]}"
            assert counts["temp"] == 0
        tally.add("kill -9 of the whole stack", faults=kills, orphans=orphans(tmp_path / "work" / "1" / "jobs"))
    finally:
        stack.stop()


@pytest.mark.parametrize("victim", ["encoder", "worker"])
def test_a_job_whose_encoder_or_worker_is_killed_ends_once(tmp_path: Path, victim: str, tally: Tally) -> None:
    stack = Stack(tmp_path).start()
    try:
        id_ = stack.upload("victim.mp4", clip(15, "1280x720", crf=30))
        encoder = eventually(lambda: _encoder(tmp_path), 60)
        worker = next(p for p in encoder.parents() if "devhost.worker" in " ".join(p.cmdline()))
        os.kill((encoder if victim == "encoder" else worker).pid, signal.SIGKILL)
        counts = once(stack, id_)
        psutil.wait_procs([encoder], timeout=5)
        tally.add(f"kill -9 of the {victim}", faults=1, orphans=int(encoder.is_running()), **counts)
        assert counts["once"] == 1, f"{counts}; the log ends:\n{stack.host.log[-3000:]}"
        assert not encoder.is_running()
    finally:
        stack.stop()


def _encoder(folder: Path) -> psutil.Process | None:
    for process in psutil.process_iter():
        try:
            if "libx264" in process.cmdline() and str(folder) in process.cwd():
                return process
        except (psutil.Error, OSError):
            continue
    return None
