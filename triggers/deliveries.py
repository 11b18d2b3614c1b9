"""Deliveries that a crash has left behind: found by their marks at start and now and then, and taken up again."""

import asyncio

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from activities.hand_over import start_delivering
from config.logging import log_event
from core import deliveries, naming

bp = df.Blueprint()

AT_ONCE = 16


@bp.timer_trigger(arg_name="timer", schedule="40 */10 * * * *", run_on_startup=True)
@bp.durable_client_input(client_name="client")
async def take_up_deliveries(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:
    """One listing finds all that is open; what is under way is left alone."""
    marks = await asyncio.to_thread(_marks)
    places = asyncio.Semaphore(AT_ONCE)

    async def take_up(instance_id: str) -> bool:
        async with places:
            return await start_delivering(client, instance_id)

    started = await asyncio.gather(*(take_up(instance_id) for instance_id in marks))
    if any(started):
        log_event("deliveries_taken_up", count=sum(started))


@bp.timer_trigger(arg_name="timer", schedule="20 */5 * * * *", run_on_startup=True)
def watch_queues(timer: func.TimerRequest) -> None:
    """Log how many messages wait: the numbers behind a chart and an alert."""
    for queue in naming.QUEUES:
        log_event("queue_depth", queue=queue, messages=tools.queues().length(queue))


def _marks() -> list[str]:
    from azure.core.exceptions import ResourceNotFoundError

    try:
        names = list(tools.blobs().names(naming.RECEIPTS, deliveries.UNDELIVERED))
    except ResourceNotFoundError:  # a fresh storage has no container yet
        return []
    return [instance_id for name in names if (instance_id := deliveries.marked(name))]
