"""Keep a job that failed for good where people find it: the poison queue."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given, answer
from core import naming
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def poison(given: Given) -> Answer:
    """Write the job and why it failed to the poison queue, to be reviewed and driven again."""
    return answer("poison", given, _poison)


def _poison(job: Job, given: Given) -> dict[str, Any]:
    tools.queues().send(naming.POISON_QUEUE, poison_message(job, given["receipt"]))
    return {}


def poison_message(job: Job, receipt: dict[str, Any]) -> dict[str, Any]:
    """What people find on the poison queue: the job, and why it failed."""
    return {
        **job.to_dict(),
        "final_error": receipt["error"],
        "error_code": receipt["error_code"],
        "failed_at": receipt["completed_at"],
    }
