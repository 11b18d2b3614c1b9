"""`POST /api/media`: start, or find, the job of an upload that is there already."""

import azure.durable_functions as df
import azure.functions as func

from activities.starting import start_job
from core.errors import Unprocessable
from triggers.problems import answer, problem
from triggers.wishes import job_wanted

bp = df.Blueprint()


@bp.route(route="api/media", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def post_media(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Answer 202 with the built-in status URLs, for servers: they carry the system key."""
    try:
        wish = job_wanted(req.get_body())
    except Unprocessable as error:
        return problem(400, error.code, error.detail)
    job = await start_job(client, **wish)
    if job is None:
        return problem(404, "source_gone", "There is no upload of this name: upload it first.")
    # Not made from the request: behind a proxy that ends TLS they would begin with http, and carry the system key.
    urls = client.create_http_management_payload(job.instance_id)
    body = {**urls, "instanceId": job.instance_id, "done": job.done, "started": job.started}
    return answer(body, 202, {"location": urls["statusQueryGetUri"], "retry-after": "1"})
