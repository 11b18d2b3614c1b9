"""Make pictures: the main image, thumbnails, and a video's poster. The work is done in a disposable child."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from adapters.output import finished
from adapters.sandbox_pool import pool
from core.errors import Unprocessable
from core.limits import Limits
from core.media import EXTENSIONS, Image, Made, Video
from core.plan import Rendition
from core.plan_image import time_for


def make_image(
    source: Path, facts: Image | Video, rendition: Rendition, folder: Path, limits: Limits, *, binary: str | None = None
) -> Made:
    """Make one picture from a picture, or from a representative frame of a video.

    Raises: Unprocessable (corrupt, time_limit, out_of_memory …), which is permanent; OSError (disk), ChildKilledError,
    which are worth another try.
    """
    begun = time.monotonic()
    if isinstance(facts, Video):
        from adapters.ffmpeg_poster import poster_frame

        with tempfile.TemporaryDirectory(dir=folder, prefix=f"{rendition.role}-") as name:
            frame, argv = poster_frame(source, facts, rendition.spec, Path(name), limits, binary)
            picture = Image("png", *_size_of(frame), "RGB", False, 1, 1, False)
            return _made(frame, picture, rendition, folder, limits, begun, argv)
    return _made(source, facts, rendition, folder, limits, begun, [])


def _made(
    source: Path, image: Image, rendition: Rendition, folder: Path, limits: Limits, begun: float, argv: list[str]
) -> Made:
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f"{rendition.role}-", suffix=".part")
    try:
        with os.fdopen(handle, "r+b") as output, source.open("rb") as file:
            result = _in_child(file.fileno(), output.fileno(), image, rendition.spec, limits)
        if Path(temporary).stat().st_size == 0:
            raise Unprocessable("corrupt", "the encoder wrote nothing")
        path = folder / f"{rendition.role}.{EXTENSIONS[result['format']]}"
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return finished(
        rendition.role,
        path,
        result["format"],
        (result["width_px"], result["height_px"]),
        duration_s=result["duration_s"],
        action=result["action"],
        reason=result["reason"],
        argv=argv or ["pillow", *_words(rendition.spec)],
        elapsed_s=time.monotonic() - begun,
    )


def _in_child(source_fd: int, output_fd: int, image: Image, spec: dict[str, Any], limits: Limits) -> dict[str, Any]:
    result = pool.run(
        "image",
        [source_fd, output_fd],
        memory_bytes=limits.child_memory_bytes,
        time_limit_s=time_for(image, limits),
        facts=asdict(image),
        spec=spec,
        max_pixels=max(limits.max_image_pixels, image.width_px * image.height_px),
    )
    if not isinstance(result, dict) or result.get("format") not in EXTENSIONS:
        raise Unprocessable("corrupt", "the decoder's answer makes no sense")
    return result


def _words(spec: dict[str, Any]) -> list[str]:
    """What was asked for, as a receipt shows it."""
    return [f"{key}={value}" for key, value in spec.items() if value not in (None, False)]


def _size_of(png: Path) -> tuple[int, int]:
    """The sides of a PNG that our own FFmpeg wrote, from its header."""
    with png.open("rb") as file:
        head = file.read(24)
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
