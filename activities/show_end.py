"""Tell the open page that a job has ended, as soon as its receipt exists."""

from __future__ import annotations

from concurrent.futures import TimeoutError as NotInTime
from typing import Any

import azure.durable_functions as df

from activities import live
from activities.answers import Answer, Given, answer
from core.job import Job
from core.live import COMPLETE
from core.progress import done

bp = df.Blueprint()

WAIT_S = 3.0


@bp.activity_trigger(input_name="given")
def show_end(given: Given) -> Answer:
    """Send `MediaProcessingComplete` to the upload's owner. One try: a page that hears nothing asks for itself."""
    return answer("show_end", given, _show_end)


def _show_end(job: Job, given: Given) -> dict[str, Any]:
    sending = live.tell(job.blob_name, COMPLETE, done(given["receipt"]))
    if sending is None:
        return {"shown": False}
    try:
        return {"shown": sending.result(WAIT_S)}
    except NotInTime:
        return {"shown": False}
