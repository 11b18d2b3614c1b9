"""Tell the subscriber that a job has ended."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.answers import Answer, Given, answer
from config.settings import settings
from core.job import Job

bp = df.Blueprint()

EVENTS = {
    "success": "media.processing.completed",
    "rejected": "media.processing.rejected",
    "cancelled": "media.processing.cancelled",
    "failed": "media.processing.failed",
}

TOLD = (
    "instance_id",
    "status",
    "error_code",
    "error",
    "blob_name",
    "step_id",
    "kind",
    "action",
    "reason",
    "original_size",
    "compressed_size",
    "compression_ratio",
    "output_url",
    "format",
    "completed_at",
)
"""What of a receipt goes out: nothing of the recipe, the tools or the machine."""


@bp.activity_trigger(input_name="given")
def notify(given: Given) -> Answer:
    """Send the signed webhook, if one is configured."""
    return answer("notify", given, _notify)


def _notify(job: Job, given: Given) -> dict[str, Any]:
    config, receipt = settings(), given["receipt"]
    if config.webhook_url is None:
        return {"delivery": "off", "detail": "WEBHOOK_URL is not set"}

    from adapters.webhooks import send

    event = EVENTS[receipt["status"]]
    payload = {"type": event, "timestamp": receipt["completed_at"], "data": {key: receipt[key] for key in TOLD}}
    code = send(config.webhook_url, config.webhook_secret, f"{job.instance_id}.{event}", payload)
    return {"delivery": "delivered", "detail": f"the receiver answered {code}"}
