"""Warm this worker's disk with the upload. The next steps do without it where they run elsewhere."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given, answer
from core.errors import Unprocessable
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def download(given: Given) -> Answer:
    """Bring the source to local disk, unless its size alone already rules it out."""
    return answer("download", given, _download)


def _download(job: Job, given: Given) -> dict[str, Any]:
    limit = tools.rules().limits.max_input_bytes
    if job.size_bytes == 0:
        raise Unprocessable("empty", "The upload has no bytes.")
    if job.size_bytes > limit:
        raise Unprocessable("too_large", f"The upload has {job.size_bytes:,} bytes; the limit is {limit:,}.")
    with tools.workspace().source(job, tools.blobs()) as path:
        return {"size_bytes": path.stat().st_size}
