"""Start the job of an upload, or find it: however often an upload is announced, it is compressed once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.tracing import traced
from config.logging import log_event
from config.settings import settings
from core import naming
from core.job import job_for
from core.receipt import stamp
from core.schedule import deferred_until
from core.upload_name import is_blob_name

RUNNING = {"Pending", "Running", "Suspended", "ContinuedAsNew"}


@dataclass(frozen=True)
class StartedJob:
    """The job of an upload. `done` when its receipt exists; `started` when it was begun just now."""

    instance_id: str
    done: bool
    started: bool


async def start_job(
    client: df.DurableOrchestrationClient, blob_name: str, *, step_id: str | None = None, priority: str = "normal"
) -> StartedJob | None:
    """Start the job of the present version of an upload, unless it is running or done; None where there is no such upload.

    The receipt is asked before the durable status: the engine forgets, and would run a finished id again.
    """
    named = is_blob_name(blob_name)
    facts = await asyncio.to_thread(tools.blobs().facts, naming.UPLOADS, blob_name) if named else None
    if facts is None:
        return None
    until = deferred_until(datetime.now(UTC), facts.size_bytes, priority, tools.rules().schedule)
    job = job_for(
        blob_name,
        facts.etag,
        facts.size_bytes,
        step_id=step_id,
        priority=priority,
        max_attempts=settings().max_retry_attempts,
        defer_until=stamp(until) if until else None,
    )
    done = await asyncio.to_thread(tools.receipts().exists, job.instance_id)
    with traced(job.instance_id, "announce", bytes=job.size_bytes):
        started = not done and await _start(client, job.instance_id, job.to_dict())
    level = logging.DEBUG if done else logging.INFO  # a restart on one machine announces every old upload again
    log_event("announced", level=level, instance_id=job.instance_id, blob_name=blob_name, done=done, started=started)
    return StartedJob(job.instance_id, done, started)


async def _start(client: df.DurableOrchestrationClient, instance_id: str, given: dict[str, Any]) -> bool:
    if await is_running(client, instance_id):
        if given["priority"] == "high":  # it may be waiting for the off-peak window
            await tell(client, instance_id, "run_now")
        return False
    return await start_once(client, "compress_media", instance_id, given)


async def start_once(
    client: df.DurableOrchestrationClient, orchestrator: str, instance_id: str, given: dict[str, Any]
) -> bool:
    """Start an orchestration that is not running; False where somebody else was quicker."""
    try:
        await client.start_new(orchestrator, instance_id, given)
    except Exception:
        # The extension refuses a running id. Anything else is a real failure.
        if await is_running(client, instance_id):
            return False
        raise
    return True


async def tell(client: df.DurableOrchestrationClient, instance_id: str, event: str) -> bool:
    """Tell an instance of an event; False where it has ended in the meantime."""
    try:
        await client.raise_event(instance_id, event, None)
    except Exception:
        # The extension refuses an event for what has ended. Anything else is a real failure.
        if not await is_running(client, instance_id):
            return False
        raise
    return True


async def is_running(client: df.DurableOrchestrationClient, instance_id: str) -> bool:
    """Whether an instance of this id is under way."""
    return runtime_of(await client.get_status(instance_id)) in RUNNING


def runtime_of(status: df.DurableOrchestrationStatus | None) -> str | None:
    """The runtime status of an instance, such as `Running` or None: the SDK sends an empty one where there is none."""
    runtime = getattr(status, "runtime_status", None)
    return getattr(runtime, "value", None)
