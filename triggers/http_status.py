"""`GET /api/status`: how a job stands, for the page and the command line. No keys, no inputs."""

import asyncio
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from core import naming
from triggers.announce import RUNNING
from triggers.problems import answer, problem, unwelcome

bp = df.Blueprint()

PRIVATE = ("recipe", "tools", "deliveries")
"""What of a receipt stays with the operators."""


@bp.route(route="status", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.durable_client_input(client_name="client")
async def get_status_by_name(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """The job of the present version of an upload, by its name."""
    if refusal := unwelcome(req):
        return refusal
    name = req.params.get("blobName", "")
    facts = await asyncio.to_thread(tools.blobs().facts, naming.UPLOADS, name) if name else None
    if facts is None:
        return problem(404, "not_found", "There is no upload of this name.")
    return await _status(client, naming.instance_id(naming.UPLOADS, name, facts.etag), name)


@bp.route(route="status/{instanceId}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.durable_client_input(client_name="client")
async def get_status_by_id(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """A job by its id."""
    if refusal := unwelcome(req):
        return refusal
    return await _status(client, req.route_params["instanceId"], None)


async def _status(client: df.DurableOrchestrationClient, instance_id: str, upload: str | None) -> func.HttpResponse:
    """`upload` is the name of the upload, where it is known to exist: its job may not have begun yet."""
    if not naming.is_instance_id(instance_id):
        return problem(404, "not_found", "There is no job of this id.")
    receipt = await asyncio.to_thread(tools.blobs().get_json, naming.RECEIPTS, naming.receipt_index_name(instance_id))
    if receipt is not None:
        return answer(done(receipt))
    status = await client.get_status(instance_id)
    runtime = getattr(getattr(status, "runtime_status", None), "value", None)
    if runtime in RUNNING:
        return answer(under_way(instance_id, status.custom_status, upload), 200, {"retry-after": "1"})
    if upload is not None:
        return answer(under_way(instance_id, None, upload), 200, {"retry-after": "1"})
    return problem(404, "not_found", "There is no job of this id.")


def done(receipt: dict[str, Any]) -> dict[str, Any]:
    """The projection of a job that has ended."""
    shown = {key: value for key, value in receipt.items() if key not in PRIVATE}
    return {
        "instanceId": receipt["instance_id"],
        "blobName": receipt["blob_name"],
        "status": receipt["status"],
        "stage": "done",
        "percent": 100,
        "message": receipt["error"] or receipt["reason"] or "",
        "kind": receipt["kind"],
        "receipt": shown,
    }


def under_way(instance_id: str, custom: Any, upload: str | None) -> dict[str, Any]:
    """The projection of a job that is running, or about to."""
    custom = custom if isinstance(custom, dict) else {}
    return {
        "instanceId": instance_id,
        "blobName": custom.get("blob_name", upload),
        "status": "running" if custom else "queued",
        "stage": custom.get("stage", "queued"),
        "percent": custom.get("percent", 0),
        "message": custom.get("message", "Waiting to begin"),
        "kind": custom.get("kind"),
        "receipt": None,
    }
