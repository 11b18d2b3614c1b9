"""Warm this worker's disk with the upload. The next steps do without it where they run elsewhere."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given, answer
from config.settings import settings
from core.errors import Unprocessable, source_gone
from core.job import Job
from core.owner import owner_of

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def download(given: Given) -> Answer:
    """Bring the source to local disk, unless its size or the kind of its blob already rules it out."""
    return answer("download", given, _download)


def _download(job: Job, given: Given) -> dict[str, Any]:
    limit = tools.rules().limits.max_input_bytes
    if owner_of(job.blob_name):
        limit = min(limit, settings().upload_max_bytes)
    if job.size_bytes == 0:
        raise Unprocessable("empty", "The upload has no bytes.")
    if job.size_bytes > limit:
        raise Unprocessable("too_large", f"The upload has {job.size_bytes:,} bytes; the limit is {limit:,}.")
    _refuse_odd_blob(job)
    with tools.workspace().source(job, tools.blobs()) as path:
        return {"size_bytes": path.stat().st_size}


def _refuse_odd_blob(job: Job) -> None:
    """An upload link can write any kind of blob of any size: what the page never makes ends here.

    Raises: Unprocessable `archived`, `not_a_block_blob` or `source_gone`.
    """
    facts = tools.blobs().facts(job.container, job.blob_name)
    if facts is None:
        raise source_gone()
    if facts.tier == "Archive":
        raise Unprocessable("archived", "The upload lies in the archive tier, where nobody can read it.")
    if owner_of(job.blob_name) and facts.blob_type != "BlockBlob":
        raise Unprocessable("not_a_block_blob", f"The upload is a {facts.blob_type}; the page makes block blobs only.")
