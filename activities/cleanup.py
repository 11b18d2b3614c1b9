"""Remove what a job no longer needs."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given, answer
from core import naming
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def cleanup(given: Given) -> Answer:
    """Empty the job's folder in `temp`, and drop its source where this worker has it.

    With `keep`, what is staged stays: the job failed, and a re-drive goes on from there. A timer sweeps it later.
    """
    return answer("cleanup", given, _cleanup)


def _cleanup(job: Job, given: Given) -> dict[str, Any]:
    tools.workspace().forget(job)
    if given.get("keep"):
        return {"removed": 0}
    return {"removed": tools.blobs().delete(naming.TEMP, naming.temp_prefix(job.instance_id))}
