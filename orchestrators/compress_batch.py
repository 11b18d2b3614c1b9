"""The story of many uploads: a parent that takes them page by page, and a child that follows one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from activities.batch import batch_look, batch_page, batch_report, batch_start
from core.batch import Progress
from core.policy import KEEP
from core.receipt import FAILED, REJECTED
from orchestrators.retry import Backoff
from orchestrators.steps import Story, first_line

bp = df.Blueprint()

FIRST_LOOK_S, LOOK_GROWTH, LONGEST_LOOK_S = 0.5, 1.5, 60.0
LOOKS = 50
"""Of one generation of a child. Then its history starts anew: a job may wait for the off-peak window all day."""


@bp.orchestration_trigger(context_name="context")
def compress_batch(context: df.DurableOrchestrationContext) -> Story:
    """Compress every upload of a batch: one page at a time, so that neither history nor memory grows with the batch."""
    progress = Progress(**context.get_input())
    page = progress.next_page
    given = {"batch_id": progress.batch_id, "page": page}
    found = yield context.call_activity_with_retry(batch_page, Backoff(KEEP), given)
    context.set_custom_status({**progress.to_dict(), "total": found["total"]})

    # The SDK takes the handle's own return type, a text, for the child's: the real one has to be said.
    children = [
        context.call_sub_orchestrator(
            follow_media, {"blob_name": name}, f"{progress.batch_id}-{page:05d}-{number:02d}", expected_type=dict
        )
        for number, name in enumerate(found["names"])
    ]
    items: list[dict[str, Any]] = (yield context.task_all(children)) if children else []
    yield context.call_activity_with_retry(batch_report, Backoff(KEEP), {**given, "items": items})

    progress = Progress(**{**progress.to_dict(), "total": found["total"]}).after(items, found["next_page"])
    context.set_custom_status(progress.to_dict())
    if progress.next_page is not None:
        context.continue_as_new(progress.to_dict())
        return None
    return progress.to_dict()


@bp.orchestration_trigger(context_name="context")
def follow_media(context: df.DurableOrchestrationContext) -> Story:
    """Start, or find, the job of one upload and wait for its end. Never fails: a fault is this item's own."""
    given = context.get_input()
    name, started, wait_s = given["blob_name"], given.get("started"), given.get("wait_s", FIRST_LOOK_S)
    try:
        started = started or (yield context.call_activity_with_retry(batch_start, Backoff(KEEP), {"blob_name": name}))
        if started["instance_id"] is None:
            return lost(name, "source_gone", "There is no upload of this name.")
        for _ in range(LOOKS):
            yield context.create_timer(context.current_utc_datetime + timedelta(seconds=wait_s))
            looked = yield context.call_activity_with_retry(batch_look, Backoff(KEEP), started)
            if looked["item"]:
                return looked["item"]
            wait_s = min(wait_s * LOOK_GROWTH, LONGEST_LOOK_S)
        context.continue_as_new({"blob_name": name, "started": started, "wait_s": wait_s})
        return None
    except Exception as error:  # noqa: BLE001 - the SDK hands back every exhausted retry as a plain Exception
        return lost(name, "batch_failed", first_line(error))


def lost(blob_name: str, code: str, sentence: str) -> dict[str, Any]:
    """The item of an upload that has no job."""
    status = REJECTED if code == "source_gone" else FAILED
    return {"blob_name": blob_name, "status": status, "error_code": code, "error": sentence, "saved_bytes": 0}
