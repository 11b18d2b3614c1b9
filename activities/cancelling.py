"""Cancel a job: a mark in `temp` that its steps look for on whichever worker they run."""

from __future__ import annotations

import asyncio

import azure.durable_functions as df

from activities import tools
from activities.starting import tell
from config.logging import log_event
from core import naming
from core.errors import cancelled


async def ask_to_cancel(client: df.DurableOrchestrationClient, instance_id: str) -> bool:
    """Ask a running job to stop: its encoder ends within seconds, and it gets a receipt. False where it was quicker."""
    await asyncio.to_thread(tools.blobs().put_json, naming.TEMP, naming.cancel_name(instance_id), {"cancelled": True})
    told = await tell(client, instance_id, "cancel")  # for a job that waits for the off-peak window
    log_event("cancel_requested", instance_id=instance_id, told=told)
    return told


def to_be_cancelled(instance_id: str) -> bool:
    """Whether somebody has asked for it."""
    return tools.blobs().exists(naming.TEMP, naming.cancel_name(instance_id))


def refuse_cancelled(instance_id: str) -> None:
    """Raises: Unprocessable `cancelled` where somebody wants the job to stop."""
    if to_be_cancelled(instance_id):
        raise cancelled()


def forget_cancel(instance_id: str) -> None:
    """Take the wish back: the job is driven again."""
    tools.blobs().delete(naming.TEMP, naming.cancel_name(instance_id))
