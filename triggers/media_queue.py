"""A job on the queue: `{"blob_name", "priority"?, "step_id"?}` starts the same story as an upload does."""

import asyncio
import base64
import binascii
import logging
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from activities.starting import start_job
from config.logging import log_event
from config.settings import STORAGE
from core import naming
from core.errors import Unprocessable
from core.receipt import stamp
from triggers.wishes import job_wanted

bp = df.Blueprint()

MAX_LOGGED = 300


@bp.queue_trigger(arg_name="message", queue_name=naming.JOB_QUEUE, connection=STORAGE)
@bp.durable_client_input(client_name="client")
async def media_queue(message: func.QueueMessage, client: df.DurableOrchestrationClient) -> None:
    """Start the job that a message asks for. A message that can never be one goes to the poison queue, with the reason."""
    body = plain(message.get_body())
    try:
        wish = job_wanted(body)
    except Unprocessable as error:
        text = body.decode("utf-8", "replace")[:2000]
        await asyncio.to_thread(_refuse, {"message": text}, "bad_message", error.detail)
        return
    if await start_job(client, **wish) is None:
        await asyncio.to_thread(_refuse, wish, "source_gone", "There is no upload of this name.")


def plain(body: bytes) -> bytes:
    """The JSON of a message: the portal and Storage Explorer wrap it in base64, unless told otherwise."""
    try:
        inner = base64.b64decode(body, validate=True)
    except binascii.Error:
        return body
    return inner if inner.lstrip().startswith(b"{") else body


def _refuse(job: dict[str, Any], code: str, sentence: str) -> None:
    failed_at = stamp(datetime.now(UTC))
    tools.queues().send(
        naming.POISON_QUEUE, {**job, "final_error": sentence, "error_code": code, "failed_at": failed_at}
    )
    log_event(
        "message_refused",
        level=logging.WARNING,
        code=code,
        blob_name=job.get("blob_name"),
        detail=sentence[:MAX_LOGGED],
    )
