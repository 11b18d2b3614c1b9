"""Hand over what a job could not deliver, so that it can end: another orchestration goes on with it."""

import asyncio
import time
from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given
from activities.starting import is_running, start_once
from config.logging import log_event
from core import deliveries, naming
from core.events import effect_id
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
@bp.durable_client_input(client_name="client")
async def hand_over(given: Given, client: df.DurableOrchestrationClient) -> Answer:
    """Mark the job as one with something to deliver, and start delivering. The mark outlives a crash of everything."""
    begun, job = time.perf_counter(), Job(**given["job"])
    await asyncio.to_thread(mark, job)
    await start_delivering(client, job.instance_id, given["again_s"])
    return {"ok": True, "elapsed_s": round(time.perf_counter() - begun, 3)}


def mark(job: Job) -> None:
    """Note that this run of a job has something to deliver, where every worker finds it."""
    run = effect_id(job.instance_id, job.redriven_from)
    tools.blobs().put_json(naming.RECEIPTS, deliveries.mark_name(job.instance_id), {"run": run})


async def start_delivering(client: Any, instance_id: str, again_s: float = 0.0) -> bool:
    """Start the orchestration that delivers for a job, not before `again_s`; False where it is under way already."""
    own_id = deliveries.deliver_id(instance_id)
    if await is_running(client, own_id):
        return False
    if not await start_once(client, "deliver", own_id, {"instance_id": instance_id, "again_s": again_s}):
        return False
    log_event("delivering", instance_id=instance_id)
    return True
