"""`GET /api/status`: how a job stands, for the page and the command line. No keys, no inputs."""

import asyncio

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from activities.starting import RUNNING, runtime_of
from core import naming
from core.own_receipt import is_own_receipt
from core.progress import done, under_way
from triggers.principal import Asker, asker, sign_in
from triggers.problems import answer, problem

bp = df.Blueprint()


@bp.route(route="api/status", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.durable_client_input(client_name="client")
async def get_status_by_name(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """The job of the present version of an upload, by its name."""
    who = asker(req)
    if who is None:
        return sign_in()
    name = req.params.get("blobName", "")
    seen = name and who.may_see(name)
    facts = await asyncio.to_thread(tools.blobs().facts, naming.UPLOADS, name) if seen else None
    if facts is None:
        return problem(404, "not_found", "There is no upload of this name.")
    return await _status(client, who, naming.instance_id(naming.UPLOADS, name, facts.etag), name)


@bp.route(route="api/status/{instanceId}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.durable_client_input(client_name="client")
async def get_status_by_id(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """A job by its id."""
    who = asker(req)
    if who is None:
        return sign_in()
    return await _status(client, who, req.route_params["instanceId"], None)


async def _status(
    client: df.DurableOrchestrationClient, who: Asker, instance_id: str, upload: str | None
) -> func.HttpResponse:
    """`upload` is the name of the upload, where it is known to exist and the asker's: its job may not have begun yet."""
    unknown = problem(404, "not_found", "There is no job of this id.")
    if not naming.is_instance_id(instance_id):
        return unknown
    receipt = await asyncio.to_thread(tools.receipts().of, instance_id)
    if receipt is not None:
        seen = who.may_see(receipt["blob_name"]) and is_own_receipt(receipt, instance_id)
        return answer(done(receipt)) if seen else unknown
    status = await client.get_status(instance_id)
    if runtime_of(status) in RUNNING:
        custom = status.custom_status if isinstance(status.custom_status, dict) else None
        name = upload or (custom or {}).get("blob_name")
        if name is not None and not who.may_see(name):
            return unknown
        return answer(under_way(instance_id, custom, upload), 200, {"retry-after": "1"})
    if upload is not None:
        return answer(under_way(instance_id, None, upload), 200, {"retry-after": "1"})
    return unknown
