"""`GET` and `DELETE /api/poison`: what went wrong for good, and taking away what was dealt with."""

import asyncio
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from config.logging import log_event
from core import naming, poison
from core.receipt import stamp
from triggers.problems import answer, problem

bp = df.Blueprint()

QUEUES = (naming.POISON_QUEUE, *naming.HOST_POISON_QUEUES)
MOST = 1000


@bp.route(route="api/poison", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
async def get_poison(req: func.HttpRequest) -> func.HttpResponse:
    """The messages of all poison queues, the oldest first and at most a thousand; `total` says how many there are."""
    messages = await asyncio.to_thread(_messages)
    return answer({"messages": messages[:MOST], "total": len(messages)})


@bp.route(route="api/poison", methods=["DELETE"], auth_level=func.AuthLevel.FUNCTION)
async def delete_poison(req: func.HttpRequest) -> func.HttpResponse:
    """Drop one message (`?id=`) or all that are there (`?all=true`). Receipts and uploads stay as they are."""
    id_, every = req.params.get("id", ""), req.params.get("all", "").lower() in ("1", "true")
    if bool(id_) == every:
        return problem(400, "bad_request", "Either id, of GET /api/poison, or all=true is needed.")
    dropped = await asyncio.to_thread(_drop, id_)
    if id_ and not dropped:
        return problem(404, "not_found", "There is no such message on a poison queue.")
    log_event("poison_dropped", count=dropped, id=id_ or None)
    return answer({"dropped": dropped})


def _messages() -> list[dict[str, Any]]:
    found = []
    for queue in QUEUES:
        for message in tools.queues().messages(queue):
            since = stamp(message.sent_at) if message.sent_at else None
            found.append(poison.told(queue, message.id, since, message.text))
    return sorted(found, key=lambda told: str(told["since"]))


def _drop(id_: str) -> int:
    return sum(tools.queues().remove(queue, lambda message: id_ in ("", message.id)) for queue in QUEUES)
