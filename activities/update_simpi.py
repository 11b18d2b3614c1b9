"""Tell SIMPI what became of the media of a step."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given, answer
from activities.delivering import checked
from config.settings import settings
from core import deliveries, events
from core.deliveries import Delivery
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def update_simpi(given: Given) -> Answer:
    """Update the step's row, unless there is no SIMPI, no step, or a newer upload that will do it."""
    return answer("update_simpi", given, _update_simpi)


def _update_simpi(job: Job, given: Given) -> dict[str, Any]:
    key = events.effect_id(job.instance_id, job.redriven_from)
    return checked(job, deliveries.SIMPI, put(job, key, events.simpi_state(given["receipt"])))


def put(job: Job, key: str, state: dict[str, Any], *, patient: bool = False) -> Delivery:
    """Put a state into the step's row; what came of it."""
    config = settings()
    if config.simpi_base_url is None:
        return Delivery(deliveries.OFF, "SIMPI_API_BASE_URL is not set")
    if job.step_id is None:
        return Delivery(deliveries.SKIPPED, "the upload's name has no step id")
    now = tools.blobs().facts(job.container, job.blob_name)
    if now is not None and now.etag != job.etag:
        return Delivery(deliveries.SKIPPED, "the upload has a newer version")
    if not tools.step_uploads().is_newest(job.step_id, job.blob_name, now.changed_at if now else None):
        return Delivery(deliveries.SKIPPED, "the step has a newer upload")

    from adapters.simpi_api import put_media

    return put_media(config.simpi_base_url, config.simpi_token, job.step_id, key, state, patient=patient)
