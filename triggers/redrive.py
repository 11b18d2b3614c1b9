"""Drive a job again that did not succeed: from what is still staged where it fits, else from the start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.cancelling import forget_cancel
from activities.starting import is_running
from config.logging import log_event
from config.settings import settings
from core import naming, poison
from core.job import job_for
from core.receipt import CANCELLED, FAILED, REJECTED

AGAIN = (FAILED, REJECTED, CANCELLED)


@dataclass(frozen=True)
class Redriven:
    """What became of the wish to drive a job again. `code` is none where it was started (or would be)."""

    instance_id: str
    blob_name: str | None
    code: str | None = None
    detail: str | None = None


async def redrive(client: df.DurableOrchestrationClient, instance_id: str, *, dry_run: bool = False) -> Redriven:
    """Start a job anew that failed, was rejected or was cancelled, under the same id.

    Its receipt is kept beside, and the new one names it. Nothing is taken away before the new run has started: a crash in
    between leaves the old receipt and the poison message where they were.
    """
    receipt = await asyncio.to_thread(tools.receipts().of, instance_id)
    name = receipt["blob_name"] if receipt else None
    if await is_running(client, instance_id):
        return Redriven(instance_id, name, "running", "The job is running.")
    if receipt is None or name is None:
        return Redriven(instance_id, name, "not_found", "There is no job of this id.")
    if receipt["status"] not in AGAIN:
        return Redriven(instance_id, name, "nothing_to_redrive", f"The job ended as {receipt['status']}.")
    facts = await asyncio.to_thread(tools.blobs().facts, naming.UPLOADS, name)
    if facts is None:
        return Redriven(instance_id, name, "source_gone", "The upload was deleted.")
    if facts.etag != receipt["etag"]:
        return Redriven(instance_id, name, "superseded", "The upload has a newer version, with a job of its own.")
    if not dry_run:
        await _start(client, receipt, facts.size_bytes)
    return Redriven(instance_id, name)


async def _start(client: df.DurableOrchestrationClient, receipt: dict[str, Any], size_bytes: int) -> None:
    instance_id = receipt["instance_id"]
    earlier = await asyncio.to_thread(tools.receipts().keep_earlier, receipt)
    await asyncio.to_thread(forget_cancel, instance_id)
    job = job_for(
        receipt["blob_name"],
        receipt["etag"],
        size_bytes,
        step_id=receipt["step_id"],
        max_attempts=settings().max_retry_attempts,
    )
    job = replace(job, redriven_from=earlier, earlier_attempts=receipt["attempts"])
    await client.start_new("compress_media", instance_id, job.to_dict())
    await asyncio.to_thread(tools.receipts().reopen, receipt)
    removed = await asyncio.to_thread(_forget_poison, receipt)
    log_event("redriven", instance_id=instance_id, blob_name=receipt["blob_name"], poison_removed=removed)


def _forget_poison(receipt: dict[str, Any]) -> int:
    """Remove what the run before left on the poison queue. The new run may have failed by now: its message stays."""
    own_id, until = receipt["instance_id"], receipt["completed_at"]
    return tools.queues().remove(naming.POISON_QUEUE, lambda message: poison.is_of(message.text, own_id, until=until))
