"""Find the moment of a video that stands for it: the task of a child."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import av
from PIL import ImageStat

from adapters.image_open import open_file
from adapters.video_open import key_frame, open_video
from core.errors import Unprocessable
from core.limits import Limits

SHARES = (0.1, 0.3, 0.5, 0.7)
"""Where in the video it is looked for; an earlier moment is preferred to one that is only a little better."""
CLEARLY = 1.25
DARK, LIGHT = 24, 235


def choose_frame(descriptor: int, *, limits: dict[str, Any], index: int, duration_s: float) -> float:
    """The time (s) of a key frame that shows something: lit, and with detail."""
    best_s, best = 0.0, -1.0
    with open_file(descriptor) as stream, open_video(stream, Limits(**limits)) as container:
        picture = container.streams[index]
        for share in SHARES:
            found = _near(container, picture, duration_s * share)
            if found is not None and found[1] > best * CLEARLY:
                best_s, best = found
    return best_s


def _near(container: Any, picture: Any, at_s: float) -> tuple[float, float] | None:
    """Time (s after the start) and interest of the key frame at or before this moment."""
    start = picture.start_time or 0
    with suppress(av.error.FFmpegError, Unprocessable):
        container.seek(start + int(at_s / picture.time_base), stream=picture)
        frame = key_frame(container, picture)
        if frame.pts is not None:
            return max(0.0, float((frame.pts - start) * picture.time_base)), interest(frame)
    return None


def interest(frame: Any) -> float:
    """The spread of brightness, less for frames that are nearly black or white."""
    stat = ImageStat.Stat(frame.reformat(width=64, height=36, format="gray").to_image().convert("L"))
    mean, spread = stat.mean[0], stat.stddev[0]
    return float(spread * (0.2 if mean < DARK or mean > LIGHT else 1.0) + 0.001)
