"""`POST /api/jobs/{id}/redeliver`: tell SIMPI and the subscriber once more what became of a job."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from activities.hand_over import mark, start_delivering
from core import deliveries, naming
from core.events import job_of
from core.receipt import SUPERSEDED, stamp
from triggers.problems import answer, problem

bp = df.Blueprint()


@bp.route(route="api/jobs/{instanceId}/redeliver", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def post_redeliver(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Send the job's webhook and its SIMPI update again, under the same ids: whoever has them already drops them."""
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
    names = await asyncio.to_thread(_open_again, receipt)
    if not await start_delivering(client, instance_id):
        await client.raise_event(deliveries.deliver_id(instance_id), "now")
    return answer({"instanceId": instance_id, "delivering": names}, 202)


def _open_again(receipt: dict[str, Any]) -> list[str]:
    """Mark what can be delivered as pending, for a day from now."""
    log = receipt["deliveries"]
    names = [name for name in deliveries.ORDER if name != deliveries.STARTED or name in log]
    for name in names:
        log[name] = {"tries": 0, "at": None, **log.get(name, {}), "delivery": deliveries.PENDING}
    log["asked_again_at"] = stamp(datetime.now(UTC))
    mark(job_of(receipt))
    tools.receipts().write(receipt)
    return names
