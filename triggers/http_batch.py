"""`POST /api/batch`: many uploads at once, under one parent orchestration."""

import asyncio
import uuid
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from activities.starting import RUNNING, runtime_of
from core import naming
from core.batch import BATCH_ID, MAX_NAMES, MAX_REQUEST_BYTES, Progress, items_name, request_name
from core.errors import Unprocessable
from triggers.problems import answer, problem
from triggers.wishes import bad_request, json_object, whole_number

bp = df.Blueprint()


@bp.route(route="api/batch", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def post_batch(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start the jobs of `{"blob_names": […]}` or of all uploads below `{"prefix": "…"}`; 202 with the batch's id."""
    try:
        names = await asyncio.to_thread(_names, req.get_body())
    except Unprocessable as error:
        return problem(400, error.code, error.detail)
    if not names:
        return problem(404, "nothing_to_do", "There is no upload below this prefix.")
    batch_id = f"batch-{uuid.uuid4().hex}"
    await asyncio.to_thread(tools.blobs().put_json, naming.RECEIPTS, request_name(batch_id), {"blob_names": names})
    await client.start_new("compress_batch", batch_id, Progress(batch_id).to_dict())
    url = f"/api/batch/{batch_id}"
    body = {"batchId": batch_id, "total": len(names), "statusUrl": url}
    return answer(body, 202, {"location": url, "retry-after": "1"})


@bp.route(route="api/batch/{batchId}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def get_batch(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """How far a batch is, and with `?page=N` what became of the uploads of that page."""
    batch_id = req.route_params["batchId"]
    status = await client.get_status(batch_id) if BATCH_ID.fullmatch(batch_id) else None
    runtime = runtime_of(status)
    if status is None or runtime is None:
        return problem(404, "not_found", "There is no batch of this id.")
    body: dict[str, Any] = {"batchId": batch_id, "runtimeStatus": runtime, "progress": status.custom_status}
    if (page := whole_number(req.params.get("page", ""), 0, MAX_NAMES)) is not None:
        report = await asyncio.to_thread(tools.blobs().get_json, naming.RECEIPTS, items_name(batch_id, page))
        body["items"] = report["items"] if report else []
    return answer(body, 200, {"retry-after": "1"} if runtime in RUNNING else {})


def _names(body: bytes) -> list[str]:
    """The uploads that a request means, each once.

    Raises: Unprocessable `bad_request`, with what is wrong.
    """
    if len(body) > MAX_REQUEST_BYTES:
        raise bad_request(f"a batch has at most {MAX_REQUEST_BYTES // 1024**2} MiB of names; use a prefix")
    wish = json_object(body, MAX_REQUEST_BYTES)
    if len(wish.keys() & {"blob_names", "prefix"}) != 1:
        raise bad_request("it needs either blob_names or prefix")
    if "prefix" in wish:
        if not isinstance(wish["prefix"], str):
            raise bad_request("prefix is a text")
        if not naming.is_text(wish["prefix"]):
            raise bad_request("no upload's name begins with this prefix: half a character, or none, is in it")
        names = list(tools.blobs().names(naming.UPLOADS, wish["prefix"]))
    else:
        names = wish["blob_names"]
        if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            raise bad_request("blob_names is a list of texts")
        if not all(map(naming.is_text, names)):
            raise bad_request("blob_names holds a name that no upload can have: half a character, or none, is in it")
    if len(names) > MAX_NAMES:
        raise bad_request(f"a batch has at most {MAX_NAMES:,} uploads")
    return list(dict.fromkeys(names))
