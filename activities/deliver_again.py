"""One more round of what a job has left to deliver. All that it must know lies in the receipt, so any worker can do it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given
from activities.delivering import logged, now
from activities.notify import post
from activities.poison import poison_message
from activities.update_simpi import put
from core import deliveries, events, naming
from core.deliveries import FAILED, PENDING, REFUSED, SIMPI, STARTED, Delivery
from core.job import Job

bp = df.Blueprint()

Receipt = dict[str, Any]


@bp.activity_trigger(input_name="given")
def deliver_again(given: Given) -> Answer:
    """Try everything that is pending once, and write what came of it into the receipt.

    Answers `open`, whether something is left, and `again_s`, how long the receivers want to be left alone.
    """
    instance_id = given["instance_id"]
    mark = tools.blobs().get_json(naming.RECEIPTS, deliveries.mark_name(instance_id))
    if mark is None:
        return {"open": False, "again_s": 0.0}
    receipt = tools.receipts().of(instance_id)
    if receipt is None or events.effect_id(instance_id, receipt.get("redriven_from")) != mark["run"]:
        return _without_receipt(instance_id, int(given.get("tries", 0)))
    late = datetime.now(UTC) > deliveries.give_up_at(receipt)
    again_s = 0.0
    for name in deliveries.open_ones(receipt["deliveries"]):
        delivery = _tried(receipt, name)
        if delivery.delivery == PENDING and late:
            delivery = Delivery(FAILED, f"given up after a day: {delivery.detail}")
        again_s = max(again_s, delivery.again_s or 0.0)
        receipt["deliveries"][name] = deliveries.updated(receipt["deliveries"][name], delivery, now())
        logged(events.job_of(receipt), name, delivery)
        if name == SIMPI and delivery.delivery in (REFUSED, FAILED) and receipt["status"] != "failed":
            _to_people(receipt, delivery)
        tools.receipts().write(receipt)
    left = bool(deliveries.open_ones(receipt["deliveries"]))
    if not left:
        tools.blobs().delete(naming.RECEIPTS, deliveries.mark_name(instance_id))
    return {"open": left, "again_s": again_s}


def _tried(receipt: Receipt, name: str) -> Delivery:
    job = events.job_of(receipt)
    if name == SIMPI:
        key = events.effect_id(job.instance_id, job.redriven_from)
        return put(job, key, events.simpi_state(receipt), patient=True)
    event = events.started(job, receipt["started_at"]) if name == STARTED else events.ended(receipt)
    return post(event, patient=True)


def _without_receipt(instance_id: str, tries: int) -> dict[str, Any]:
    """The job is about to write its receipt, or runs once more. After many rounds it never will: drop the mark."""
    if tries < MOST_ROUNDS_WITHOUT_RECEIPT:
        return {"open": True, "again_s": deliveries.NO_RECEIPT_YET_S}
    tools.blobs().delete(naming.RECEIPTS, deliveries.mark_name(instance_id))
    return {"open": False, "again_s": 0.0}


MOST_ROUNDS_WITHOUT_RECEIPT = 12
"""About five hours: longer than the receipt's own retries take."""


def _to_people(receipt: Receipt, delivery: Delivery) -> None:
    code = "simpi_refused" if delivery.delivery == REFUSED else "simpi_failed"
    job: Job = events.job_of(receipt)
    tools.queues().send(
        naming.POISON_QUEUE, poison_message(job, {**receipt, "error_code": code, "error": delivery.detail})
    )
