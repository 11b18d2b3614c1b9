"""`POST /api/media`: start, or find, the job of an upload that is there already."""

import json

import azure.durable_functions as df
import azure.functions as func

from activities.starting import start_job
from triggers.media_queue import BadMessage, parse
from triggers.problems import answer, problem

bp = df.Blueprint()


@bp.route(route="api/media", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def post_media(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Answer 202 with the built-in status URLs, for servers: they carry the system key."""
    try:
        wish = parse(req.get_body().decode("utf-8", "replace"))
    except BadMessage as error:
        return problem(400, "bad_request", str(error))
    job = await start_job(client, **wish)
    if job is None:
        return problem(404, "source_gone", "There is no upload of this name: upload it first.")
    built_in = client.create_check_status_response(req, job.instance_id)
    urls = json.loads(built_in.get_body())
    body = {**urls, "instanceId": job.instance_id, "done": job.done, "started": job.started}
    return answer(body, 202, {"location": urls["statusQueryGetUri"], "retry-after": "1"})
