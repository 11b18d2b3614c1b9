"""Write the receipt: the last thing that happens to a job. From then on it is done."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given, answer
from activities.tracing import job_ended
from config.logging import log_event
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def record(given: Given) -> Answer:
    """Write the receipt and its line in the index. The line comes first: one without a receipt is harmless."""
    return answer("record", given, _record)


def _record(job: Job, given: Given) -> dict[str, Any]:
    receipt = given["receipt"]
    tools.receipt_index().add(receipt)
    tools.receipts().write(receipt)
    job_ended(receipt)
    log_event(
        "job_done",
        instance_id=job.instance_id,
        blob_name=job.blob_name,
        status=receipt["status"],
        code=receipt["error_code"],
        kind=receipt["kind"],
        action=receipt["action"],
        format=receipt["format"],
        original_size=receipt["original_size"],
        compressed_size=receipt["compressed_size"],
        compression_ratio=receipt["compression_ratio"],
        saved_bytes=receipt["saved_bytes"],
        attempts=receipt["attempts"],
        seconds=receipt["processing_time"],
    )
    return {}
