"""What operators do to a job: drive it again, cancel it, start it now."""

import azure.durable_functions as df
import azure.functions as func

from activities.cancelling import ask_to_cancel
from activities.starting import is_running, tell
from core import naming
from triggers.problems import answer, problem
from triggers.redrive import redrive

bp = df.Blueprint()

CONFLICTS = {"running", "nothing_to_redrive", "superseded", "source_gone"}


@bp.route(route="api/jobs/{instanceId}/redrive", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def redrive_job(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start a job again that did not succeed. `?dryRun=true` only says whether it would."""
    id_ = req.route_params["instanceId"]
    if not naming.is_instance_id(id_):
        return problem(404, "not_found", "There is no job of this id.")
    dry_run = req.params.get("dryRun", "").lower() in ("1", "true")
    outcome = await redrive(client, id_, dry_run=dry_run)
    if outcome.code is not None:
        return problem(409 if outcome.code in CONFLICTS else 404, outcome.code, outcome.detail or "")
    body = {"instanceId": id_, "blobName": outcome.blob_name, "started": not dry_run}
    return answer(body, 200 if dry_run else 202)


@bp.route(route="api/jobs/{instanceId}/cancel", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def cancel_job(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Cancel a running job: its encoder ends within seconds on whichever worker it runs, and the job gets a receipt."""
    id_ = req.route_params["instanceId"]
    running = naming.is_instance_id(id_) and await is_running(client, id_)
    if not running or not await ask_to_cancel(client, id_):
        return problem(404, "not_running", "There is no running job of this id.")
    return answer({"instanceId": id_, "cancelling": True}, 202)


@bp.route(route="api/jobs/{instanceId}/run-now", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def run_job_now(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start a job at once that waits for the off-peak window. A job that is under way already does not mind."""
    id_ = req.route_params["instanceId"]
    if not naming.is_instance_id(id_) or not await tell(client, id_, "run_now"):
        return problem(404, "not_running", "There is no waiting job of this id.")
    return answer({"instanceId": id_, "started": True}, 202)
