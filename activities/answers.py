"""What every activity answers: `{"ok": true, …}` or `{"ok": false, "code", "detail"}`, with the seconds that it took."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from activities.live import step_began
from activities.tracing import step_took, traced
from config.logging import log_event
from core.errors import Unprocessable
from core.job import Job

Given = dict
"""What a step is given. Bare, since the real worker refuses an app whose parameters are annotated `dict[str, Any]`."""
Answer = dict


def answer(step: str, given: Given, work: Callable[[Job, Given], dict[str, Any]]) -> Answer:
    """Do one step of a job and say how it went.

    `given` holds the job under `job` and whatever else the step needs. An `Unprocessable` becomes a value, since the type
    of an exception does not survive the way back to the orchestrator; everything else is raised, to be tried again.
    """
    job = Job(**given["job"])
    begun = time.perf_counter()
    step_began(step, job, given)
    facts: dict[str, Any] = {"instance_id": job.instance_id, "blob_name": job.blob_name, "step": step}
    facts["bytes"] = job.size_bytes
    try:
        with traced(job.instance_id, step, bytes=job.size_bytes):
            result = {"ok": True, **work(job, given)}
    except Unprocessable as error:
        result = {"ok": False, "code": error.code, "detail": error.detail}
        facts["code"] = error.code
    except Exception as error:
        log_event("step_failed", level=logging.WARNING, **facts, error=type(error).__name__, detail=str(error)[:500])
        raise
    result["elapsed_s"] = round(time.perf_counter() - begun, 3)
    facts |= {key: result[key] for key in ("reused", "busy") if key in result}
    step_took(step, result["elapsed_s"], ok=result["ok"])
    log_event("step_done", **facts, ok=result["ok"], seconds=result["elapsed_s"])
    return result
