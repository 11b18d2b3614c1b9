"""What an upload is, by its content: asked of a child, so that a hostile file cannot hurt us."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

from adapters.sandbox_pool import pool
from core.errors import Unprocessable
from core.limits import Limits
from core.media import Image, Video, facts_from_dict


def probe(path: Path, limits: Limits) -> Image | Video:
    """The facts about this file, within a few milliseconds.

    Raises: Unprocessable (empty, too_large, unsupported_type, corrupt, too_many_pixels, too_many_frames, too_many_streams,
    too_long, no_picture, time_limit, out_of_memory); OSError if the file is not there.
    """
    with path.open("rb") as file:
        size_bytes = os.fstat(file.fileno()).st_size
        if size_bytes == 0:
            raise Unprocessable("empty", "the file has no content")
        if size_bytes > limits.max_input_bytes:
            raise Unprocessable("too_large", f"{size_bytes} bytes are more than {limits.max_input_bytes}")
        found = pool.run(
            "probe",
            [file.fileno()],
            memory_bytes=limits.child_memory_bytes,
            time_limit_s=limits.probe_time_s,
            limits=asdict(limits),
        )
    return facts_from_dict(found)
