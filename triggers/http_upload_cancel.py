"""`POST /api/upload/cancel`: stop the job of one's own upload."""

import asyncio

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from activities.cancelling import ask_to_cancel
from activities.starting import is_running
from core import naming
from core.errors import Unprocessable
from triggers.principal import asker, sign_in
from triggers.problems import answer, problem
from triggers.wishes import json_object

bp = df.Blueprint()


@bp.route(route="api/upload/cancel", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.durable_client_input(client_name="client")
async def post_upload_cancel(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """202 where the job is being cancelled; 404 for what is not one's own, or does not run."""
    who = asker(req)
    if who is None:
        return sign_in()
    try:
        name = json_object(req.get_body()).get("blobName")
    except Unprocessable as error:
        return problem(400, error.code, error.detail)
    own = isinstance(name, str) and who.owns(name)
    facts = await asyncio.to_thread(tools.blobs().facts, naming.UPLOADS, str(name)) if own else None
    id_ = naming.instance_id(naming.UPLOADS, facts.name, facts.etag) if facts else None
    if id_ is None or not await is_running(client, id_) or not await ask_to_cancel(client, id_):
        return problem(404, "not_running", "There is no running job of this upload.")
    return answer({"instanceId": id_, "cancelling": True}, 202)
