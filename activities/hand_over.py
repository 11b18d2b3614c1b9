"""Hand over what a job could not deliver, so that it can end: another orchestration goes on with it."""

import asyncio
import time
from typing import Any

import azure.durable_functions as df

from activities import tools
from config.logging import log_event
from core import deliveries, naming
from core.job import Job

bp = df.Blueprint()

RUNNING = {"Pending", "Running", "Suspended", "ContinuedAsNew"}


@bp.activity_trigger(input_name="given")
@bp.durable_client_input(client_name="client")
async def hand_over(given: dict, client: df.DurableOrchestrationClient) -> dict:  # type: ignore[type-arg]
    """Mark the job as one with something to deliver, and start delivering. The mark outlives a crash of everything."""
    begun, job = time.perf_counter(), Job(**given["job"])
    await asyncio.to_thread(mark, job.instance_id)
    await start_delivering(client, job.instance_id)
    return {"ok": True, "elapsed_s": round(time.perf_counter() - begun, 3)}


def mark(instance_id: str) -> None:
    """Note that a job has something to deliver, where every worker finds it."""
    tools.blobs().put_json(naming.RECEIPTS, deliveries.mark_name(instance_id), {"instance_id": instance_id})


async def start_delivering(client: Any, instance_id: str) -> bool:
    """Start the orchestration that delivers for a job; False where it is under way already."""
    own_id = deliveries.deliver_id(instance_id)
    if await is_running(client, own_id):
        return False
    try:
        await client.start_new("deliver", own_id, {"instance_id": instance_id})
    except Exception:
        # Somebody else was quicker: the extension refuses a running id. Anything else is a real failure.
        if await is_running(client, own_id):
            return False
        raise
    log_event("delivering", instance_id=instance_id)
    return True


async def is_running(client: Any, own_id: str) -> bool:
    """Whether an orchestration of this id is under way."""
    runtime = getattr(await client.get_status(own_id), "runtime_status", None)
    return getattr(runtime, "value", runtime) in RUNNING
