"""The steps of a batch: a page of names, the job of one upload, its end, and the report of a page."""

from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given
from activities.starting import start_job
from core import naming
from core.batch import PAGE, items_name, request_name

bp = df.Blueprint()

ITEM = ("instance_id", "blob_name", "status", "error_code", "error", "original_size", "compressed_size", "saved_bytes")


@bp.activity_trigger(input_name="given")
def batch_page(given: Given) -> Answer:
    """One page of a batch: `{"names", "next_page", "total"}`."""
    request = tools.blobs().get_json(naming.RECEIPTS, request_name(given["batch_id"]))
    if request is None:
        raise LookupError(f"the request of batch {given['batch_id']} is gone")
    names: list[str] = request["blob_names"]
    first = given["page"] * PAGE
    more = first + PAGE < len(names)
    return {"names": names[first : first + PAGE], "next_page": given["page"] + 1 if more else None, "total": len(names)}


@bp.activity_trigger(input_name="given")
@bp.durable_client_input(client_name="client")
async def batch_start(given: Given, client: df.DurableOrchestrationClient) -> Answer:
    """Start or find the job of one upload; its id, or none where there is no such upload."""
    job = await start_job(client, given["blob_name"])
    return {"instance_id": job.instance_id if job else None}


@bp.activity_trigger(input_name="given")
def batch_look(given: Given) -> Answer:
    """How a job of a batch ended; `{"item": null}` while it has not."""
    receipt = tools.receipts().of(given["instance_id"])
    item: dict[str, Any] | None = {key: receipt[key] for key in ITEM} if receipt else None
    return {"item": item}


@bp.activity_trigger(input_name="given")
def batch_report(given: Given) -> Answer:
    """Write what became of a page's uploads."""
    name = items_name(given["batch_id"], given["page"])
    tools.blobs().put_json(naming.RECEIPTS, name, {"items": given["items"]})
    return {}
