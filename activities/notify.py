"""Tell the subscriber what became of a job."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.answers import Answer, Given, answer
from activities.delivering import checked
from config.settings import settings
from core import deliveries, events
from core.deliveries import Delivery
from core.events import Event
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def notify(given: Given) -> Answer:
    """Send the signed webhook of the job's end, if one is configured."""
    return answer("notify", given, _notify)


def _notify(job: Job, given: Given) -> dict[str, Any]:
    return checked(job, deliveries.WEBHOOK, post(events.ended(given["receipt"])))


def post(event: Event, *, patient: bool = False) -> Delivery:
    """Send an event to the subscriber; what came of it."""
    config = settings()
    if config.webhook_url is None:
        return Delivery(deliveries.OFF, "WEBHOOK_URL is not set")

    from adapters.webhooks import send

    allow = config.allow_private_webhooks
    return send(config.webhook_url, config.webhook_secret, event, allow_private=allow, patient=patient)
