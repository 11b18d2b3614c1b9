"""Tell SIMPI what became of the media of a step."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given, answer
from config.settings import settings
from core.errors import Unprocessable
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def update_simpi(given: Given) -> Answer:
    """Update the step's row, unless there is no SIMPI, no step, or a newer upload that will do it."""
    return answer("update_simpi", given, _update_simpi)


def _update_simpi(job: Job, given: Given) -> dict[str, Any]:
    config = settings()
    if config.simpi_base_url is None:
        return {"delivery": "off", "detail": "SIMPI_API_BASE_URL is not set"}
    if job.step_id is None:
        return {"delivery": "skipped", "detail": "the upload's name has no step id"}
    now = tools.blobs().facts(job.container, job.blob_name)
    if now is not None and now.etag != job.etag:
        return {"delivery": "skipped", "detail": "the upload has a newer version"}

    from adapters.simpi_api import Refused, put_media

    receipt = given["receipt"]
    body = {
        "processing_status": receipt["status"],
        "compressed_url": receipt["output_url"],
        "original_size": receipt["original_size"],
        "compressed_size": receipt["compressed_size"],
        "compression_ratio": receipt["compression_ratio"],
    }
    try:
        code = put_media(config.simpi_base_url, config.simpi_token, job.step_id, job.instance_id, body)
    except Refused as refusal:
        raise Unprocessable("simpi_refused", str(refusal)) from None
    return {"delivery": "delivered", "detail": f"SIMPI answered {code}"}
