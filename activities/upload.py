"""Publish the renditions: from `temp` to `processed`, by a copy on the service."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given, answer
from activities.cancelling import refuse_cancelled
from core import naming
from core.errors import source_gone, superseded
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def upload(given: Given) -> Answer:
    """Publish what was made, unless the upload has a newer version by now."""
    return answer("upload", given, _upload)


def _upload(job: Job, given: Given) -> dict[str, Any]:
    blobs = tools.blobs()
    refuse_cancelled(job.instance_id)
    now = blobs.facts(job.container, job.blob_name)
    if now is None:
        raise source_gone()
    if now.etag != job.etag:
        raise superseded()
    return {"outputs": [_publish(job, made) for made in given["made"]]}


def _publish(job: Job, made: dict[str, Any]) -> dict[str, Any]:
    blobs, role, extension = tools.blobs(), made["role"], made["extension"]
    name = naming.processed_name(job.blob_name, job.instance_id, role, extension)
    blobs.copy((naming.TEMP, naming.temp_name(job.instance_id, role, extension)), (naming.PROCESSED, name))
    return {
        "role": role,
        "blob": name,
        "url": blobs.url(naming.PROCESSED, name),
        "size": made["size"],
        "width_px": made["width_px"],
        "height_px": made["height_px"],
        "content_type": made["content_type"],
        "sha256": made["sha256"],
    }
