"""`POST /api/jobs/{id}/redeliver`: tell SIMPI and the subscriber once more what became of a job."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from activities.delivering import keep
from activities.hand_over import mark, start_delivering
from activities.starting import tell
from config.settings import settings
from core import deliveries, naming
from core.events import job_of
from core.receipt import SUPERSEDED, stamp
from triggers.problems import answer, problem

bp = df.Blueprint()


@bp.route(route="api/jobs/{instanceId}/redeliver", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def post_redeliver(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Send the job's webhook and its SIMPI update again, under the same ids: whoever has them already drops them.

    `?dryRun=true` only says who would be told.
    """
    instance_id = req.route_params["instanceId"]
    if not naming.is_instance_id(instance_id):
        return problem(404, "not_found", "There is no job of this id.")
    receipt = await asyncio.to_thread(tools.receipts().of, instance_id)
    if receipt is None:
        return problem(404, "not_found", "There is no receipt of this job: it has not ended yet.")
    if receipt["status"] == SUPERSEDED:
        return problem(
            400, "nothing_to_deliver", "Nobody is told of a superseded upload: its newer version is told of."
        )
    names = _wanted(receipt)
    if not names:
        return problem(400, "nothing_to_deliver", "Nobody is to be told: set SIMPI_API_BASE_URL or WEBHOOK_URL first.")
    dry_run = req.params.get("dryRun", "").lower() in ("1", "true")
    if not dry_run:
        await asyncio.to_thread(_open_again, receipt, names)
        under_way = not await start_delivering(client, instance_id)
        if under_way and not await tell(client, deliveries.deliver_id(instance_id), "now"):
            await start_delivering(client, instance_id)
    body = {"instanceId": instance_id, "blobName": receipt["blob_name"], "delivering": names}
    return answer(body, 200 if dry_run else 202)


def _wanted(receipt: dict[str, Any]) -> list[str]:
    """Whom to tell: those whose address is set. `pending` for anybody else would stay so for a day and then have failed."""
    log, config = receipt["deliveries"], settings()
    on = {deliveries.SIMPI: config.simpi_base_url, deliveries.WEBHOOK: config.webhook_url}
    on[deliveries.STARTED] = config.webhook_url if deliveries.STARTED in log else None
    return [name for name in deliveries.ORDER if on[name] is not None]


def _open_again(receipt: dict[str, Any], names: list[str]) -> None:
    """Mark what is to be delivered as pending, for a day from now."""
    log = receipt["deliveries"]
    was = deliveries.bad_ones(log)
    for name in names:
        log[name] = {"tries": 0, "at": None, **log.get(name, {}), "delivery": deliveries.PENDING}
    log["asked_again_at"] = stamp(datetime.now(UTC))
    mark(job_of(receipt))
    keep(receipt, was)
