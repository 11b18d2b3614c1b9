"""Take the frame of a video that stands for it."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from adapters.ffmpeg_run import ffmpeg_binary, prepare, run, taken
from adapters.sandbox_pool import pool
from core.errors import Unprocessable
from core.ffmpeg_args import poster_args
from core.geometry import fit
from core.limits import Limits
from core.media import Video

POSTER_TIME_S = 30.0


def poster_frame(
    source: Path, video: Video, spec: dict[str, Any], folder: Path, limits: Limits, binary: str | None = None
) -> tuple[Path, list[str]]:
    """A PNG of a lit, detailed frame, upright and in the web's colours; and the arguments that made it.

    Raises: Unprocessable, if no picture can be decoded.
    """
    with source.open("rb") as file:
        at_s = pool.run(
            "choose_frame",
            [file.fileno()],
            memory_bytes=limits.child_memory_bytes,
            time_limit_s=POSTER_TIME_S,
            limits=asdict(limits),
            index=video.index,
            duration_s=video.duration_s,
        )
    width_px, height_px = fit(video.width_px, video.height_px, (spec["max_side_px"], spec["max_side_px"]))
    prepare(folder, source)
    for second in sorted({float(at_s), 0.0}, reverse=True):
        argv = poster_args(video, second, width_px, height_px, limits)
        run(
            ffmpeg_binary(binary),
            argv,
            folder,
            limits,
            duration_s=0,
            deadline=time.monotonic() + POSTER_TIME_S,
            on_progress=lambda _: None,
            cancelled=lambda: False,
        )
        if frame := taken(folder, "out.png", folder / "poster.png"):
            return frame, ["ffmpeg", *argv]
    raise Unprocessable("no_picture", "no frame of it can be decoded")
