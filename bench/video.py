"""Videos: ours, from bytes on disk to verified output, beside the bare FFmpeg command with the same arguments.

python -m bench.video [--json] [--media DIR]
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from adapters.ffmpeg import ffmpeg_binary, make_video
from adapters.probe import probe
from bench import media
from bench.report import Row, alternating, main, timed
from config.rules import load_rules
from core.media import Made, Video
from core.plan import plan
from core.rules import Rules

RUNS, CPU_RUNS = 5, 3
PROBE_S = 0.030
VIDEO_NAMES = (".mp4", ".mov", ".avi", ".wmv", ".flv", ".webm", ".mkv", ".m4v")


def never_repacked() -> Rules:
    shipped = load_rules()
    return replace(shipped, videos=replace(shipped.videos, remux_below_bpp=0.0))


def ours(source: Path, folder: Path, rules: Rules) -> Made:
    """The main video: probe, plan, encode or repack, verify, hash."""
    facts = probe(source, rules.limits)
    assert isinstance(facts, Video)
    rendition = plan(facts, source.stat().st_size, rules).renditions[0]
    return make_video(source, facts, rendition, folder, rules.limits, time_limit_s=900, on_progress=lambda _: None)


def bare(source: Path, argv: list[str], folder: Path) -> float:
    """FFmpeg alone with the arguments that ours ran: nothing confined, watched, verified or hashed."""
    target = folder / "in.bin"
    target.unlink(missing_ok=True)
    target.symlink_to(source)
    (folder / "out").mkdir(exist_ok=True)
    command = [ffmpeg_binary(), *argv[1:]]
    return timed(lambda: subprocess.run(command, cwd=folder, check=True, capture_output=True))


def processor_s(work: Callable[[], object]) -> float:
    """Seconds of computing by the processes that this starts: says the same on a busy machine."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def films(folder: Path | None) -> list[Path]:
    if folder is None:
        return [media.film("720p", "1280x720", 6.0, "-crf", "20")]
    found = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in VIDEO_NAMES]
    return [path for path in found if path.stat().st_size > 1_000_000][:3]


def rows(folder: Path | None = None) -> Iterator[Row]:
    """Encode, repack, probe."""
    files = films(folder)
    always, shipped = never_repacked(), load_rules()
    with tempfile.TemporaryDirectory(prefix="simpi-bench-") as name:
        out = Path(name)
        for path in files:
            argv = ours(path, out, always).argv
            a, b = alternating(
                lambda: timed(lambda: ours(path, out, always)),  # noqa: B023
                lambda: bare(path, argv, out),  # noqa: B023
                RUNS,
            )
            yield Row(f"video: {path.stem}, against bare FFmpeg", a, b, "s", 1.03, "ratio at most", RUNS)
            a, b = alternating(
                lambda: processor_s(lambda: ours(path, out, always)),  # noqa: B023
                lambda: processor_s(lambda: bare(path, argv, out)),  # noqa: B023
                CPU_RUNS,
            )
            yield Row(f"video: {path.stem}, processor time", a, b, "s", 1.03, "ratio at most", CPU_RUNS)
        small = media.film(
            "small", "1280x720", 12.0, "-vf", "format=yuv420p", "-preset", "medium", "-crf", "40", "-b:a", "64k"
        )
        a, b = alternating(
            lambda: timed(lambda: ours(small, out, shipped)), lambda: timed(lambda: ours(small, out, always)), 3
        )
        yield Row("video: already small, repacked, against encoding it", a, b, "s", 0.05, "ratio at most", 3)
        for path in [*files, small]:
            took = statistics.median(timed(lambda: probe(path, shipped.limits)) for _ in range(9))  # noqa: B023
            yield Row(f"video: probe of {path.stem}", took, 0.0, "s", PROBE_S, "difference at most", 9)


if __name__ == "__main__":
    main(rows, takes_media=True)
