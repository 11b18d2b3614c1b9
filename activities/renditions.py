"""What compressing an image and compressing a video have in common: source in, rendition out, staged in `temp`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activities import tools
from activities.answers import Given
from core import naming
from core.job import Job

if TYPE_CHECKING:
    from core.media import Image, Made, Video
    from core.plan import Rendition

CACHE_CONTROL = "public, max-age=31536000, immutable"
"""An output's name holds its job's id: what lies under it never changes."""


def stage(job: Job, given: Given, make: Callable[[Path, Image | Video, Rendition, Path], Made]) -> dict[str, Any]:
    """Make one rendition of a job and put it into `temp`, from where `upload` publishes it."""
    from core.media import facts_from_dict
    from core.plan import Rendition

    facts, rendition = facts_from_dict(given["facts"]), Rendition(**given["rendition"])
    workspace, blobs = tools.workspace(), tools.blobs()
    with workspace.source(job, blobs) as source, workspace.folder(job) as folder:
        made = make(source, facts, rendition, folder)
        blobs.upload(
            made.path,
            naming.TEMP,
            naming.temp_name(job.instance_id, made.role, made.extension),
            content_type=made.content_type,
            cache_control=CACHE_CONTROL,
            metadata={"instance_id": job.instance_id, "role": made.role, "sha256": made.sha256},
        )
    return {
        "made": {
            "role": made.role,
            "extension": made.extension,
            "content_type": made.content_type,
            "format": made.format,
            "width_px": made.width_px,
            "height_px": made.height_px,
            "duration_s": made.duration_s,
            "size": made.size_bytes,
            "sha256": made.sha256,
            "action": made.action,
            "reason": made.reason,
            "argv": made.argv,
        }
    }
