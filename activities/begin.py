"""Say that a job has begun: to SIMPI and to the subscriber, at once and in parallel with the work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import azure.durable_functions as df

from activities.answers import Answer, Given, answer
from activities.delivering import logged, now
from activities.notify import post
from activities.update_simpi import put
from core import deliveries, events
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def begin(given: Given) -> Answer:
    """One quick try each. An event that nobody took is delivered later; SIMPI's row gets its end state in any case."""
    return answer("begin", given, _begin)


def _begin(job: Job, given: Given) -> dict[str, Any]:
    # A key of its own: SIMPI may answer a key that it knows without looking at the state again.
    key = events.effect_id(job.instance_id, job.redriven_from) + ".processing"
    event = events.started(job, given["started_at"])
    with ThreadPoolExecutor(2) as both:
        simpi = both.submit(put, job, key, events.simpi_started(job))
        webhook = both.submit(post, event)
        logged(job, "simpi_started", simpi.result())
        logged(job, deliveries.STARTED, webhook.result())
    return {**webhook.result().to_dict(), "at": now()}
