"""What is killed, stopped or spread over workers loses nothing."""

from __future__ import annotations

from pathlib import Path

import psutil

from core import naming
from devhost.testing import eventually
from tests.stack.media import clip, photo
from tests.stack.running import Stack


def encoding_family(stack: Stack) -> list[psutil.Process]:
    """All that a stack has started, while an FFmpeg of it encodes; nothing until then."""
    family = psutil.Process(stack.host._process.pid).children(recursive=True)
    try:
        return family if any("libx264" in process.cmdline() for process in family) else []
    except psutil.Error:
        return []


def test_a_stack_that_is_killed_in_the_middle_of_a_video_ends_the_job_after_a_restart(tmp_path: Path) -> None:
    stack = Stack(tmp_path).start()
    id_ = stack.upload("long.mp4", clip(20, "1280x720", crf=30))
    eventually(lambda: (stack.host.status(id_).get("customStatus") or {}).get("percent", 0) > 20, 60)
    stack.kill()
    stack.start()
    try:
        receipt = stack.receipt(id_)
        assert receipt["status"] == "success"
        outputs = stack.names(naming.PROCESSED, "long.mp4/")
        assert sorted(outputs) == sorted(output["blob"] for output in receipt["outputs"])
        assert stack.names(naming.TEMP, id_) == []
        # The poster was staged before the cut: it was not made again.
        assert len(stack.names(naming.RECEIPTS, "by-instance/")) == 1
    finally:
        stack.stop()


def test_ten_files_on_three_workers_need_no_shared_work_folder(tmp_path: Path) -> None:
    stack = Stack(tmp_path, workers=3).start()
    try:
        ids = [stack.upload(f"photo-{n}.jpg", photo(seed=n)) for n in range(8)]
        ids += [stack.upload(f"clip-{n}.mp4", clip(2 + n)) for n in range(2)]
        receipts = [stack.receipt(id_) for id_ in ids]
        assert {receipt["status"] for receipt in receipts} == {"success"}
        folders = {path.name for path in (tmp_path / "work").iterdir()} - {"host"}
        assert folders == {"1", "2", "3"}
    finally:
        stack.stop()


def test_nothing_is_left_running_when_a_stack_ends(tmp_path: Path) -> None:
    stack = Stack(tmp_path).start()
    stack.upload("left.mp4", clip(20, "1280x720", crf=30))
    family = eventually(lambda: encoding_family(stack), 60)
    stack.stop()
    assert psutil.wait_procs(family, timeout=5)[1] == []
