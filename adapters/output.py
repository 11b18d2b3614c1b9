"""Finish one output: measure it, hash it, and describe it as a `Made`."""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.media import CONTENT_TYPES, EXTENSIONS, Made


def finished(
    role: str,
    path: Path,
    name: str,
    size_px: tuple[int, int],
    *,
    duration_s: float | None,
    action: str,
    reason: str,
    argv: list[str],
    elapsed_s: float,
) -> Made:
    """The `Made` of a file that lies ready in the job's folder."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Made(
        role=role,
        path=path,
        extension=EXTENSIONS[name],
        content_type=CONTENT_TYPES[name],
        format=name,
        width_px=size_px[0],
        height_px=size_px[1],
        duration_s=duration_s,
        size_bytes=path.stat().st_size,
        sha256=digest,
        action=action,
        reason=reason,
        argv=argv,
        elapsed_s=round(elapsed_s, 3),
    )
