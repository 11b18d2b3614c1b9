"""A job on the queue: `{"blob_name", "priority"?, "step_id"?}` starts the same story as an upload does."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from activities.starting import start_job
from config.settings import STORAGE
from core import naming
from core.receipt import stamp

bp = df.Blueprint()


class BadMessage(ValueError):
    """A queue message that no repetition will make readable."""


@bp.queue_trigger(arg_name="message", queue_name=naming.JOB_QUEUE, connection=STORAGE)
@bp.durable_client_input(client_name="client")
async def media_queue(message: func.QueueMessage, client: df.DurableOrchestrationClient) -> None:
    """Start the job that a message asks for. A message that can never be one goes to the poison queue, with the reason."""
    text = message.get_body().decode("utf-8", "replace")
    try:
        wish = parse(text)
    except BadMessage as error:
        await asyncio.to_thread(_refuse, {"message": text[:2000]}, "bad_message", str(error))
        return
    if await start_job(client, **wish) is None:
        await asyncio.to_thread(_refuse, wish, "source_gone", "There is no upload of this name.")


def parse(text: str) -> dict[str, Any]:
    """A message's job.

    Raises: BadMessage, with what is wrong.
    """
    try:
        wish = json.loads(text)
    except ValueError as error:
        raise BadMessage(f"not JSON: {error}") from None
    if not isinstance(wish, dict) or not isinstance(wish.get("blob_name"), str) or not wish["blob_name"]:
        raise BadMessage("it needs a blob_name")
    if wish.get("priority", "normal") not in ("normal", "high"):
        raise BadMessage("priority is normal or high")
    if not isinstance(wish.get("step_id"), str | None):
        raise BadMessage("step_id is a text")
    return {
        "blob_name": wish["blob_name"],
        "priority": wish.get("priority", "normal"),
        "step_id": wish.get("step_id"),
    }


def _refuse(job: dict[str, Any], code: str, sentence: str) -> None:
    failed_at = stamp(datetime.now(UTC))
    tools.queues().send(
        naming.POISON_QUEUE, {**job, "final_error": sentence, "error_code": code, "failed_at": failed_at}
    )
