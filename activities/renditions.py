"""What compressing an image and compressing a video have in common: source in, rendition out, staged in `temp`.

A rendition that is staged already is not made again: a job that was cut off goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activities import tools
from activities.answers import Given
from activities.cancelling import refuse_cancelled
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

    workspace, blobs = tools.workspace(), tools.blobs()
    facts, rendition = facts_from_dict(given["facts"]), Rendition(**given["rendition"])
    refuse_cancelled(job.instance_id)
    note, recipe = naming.note_name(job.instance_id, rendition.role), _recipe(given)
    if (earlier := blobs.get_json(naming.TEMP, note)) and earlier["recipe"] == recipe:
        return {"made": earlier["made"], "reused": True}
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
    facts_of_it = _told(made)
    blobs.put_json(naming.TEMP, note, {"recipe": recipe, "made": facts_of_it})
    return {"made": facts_of_it, "reused": False}


def _recipe(given: Given) -> str:
    """What a staged rendition must have been made from to be the same: the facts, the wish and the rules' version."""
    parts = [given["facts"], given["rendition"], given["rules_version"]]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _told(made: Made) -> dict[str, Any]:
    return {
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
