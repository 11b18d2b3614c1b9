"""One more round of what a job has left to deliver. All that it must know lies in the receipt, so any worker can do it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given
from activities.delivering import keep, logged, now
from activities.notify import post
from activities.poison import poison_message
from activities.update_simpi import put
from core import deliveries, events, naming, poison
from core.deliveries import FAILED, PENDING, REFUSED, SIMPI, STARTED, Delivery

bp = df.Blueprint()

Receipt = dict[str, Any]

SIMPI_REFUSED, SIMPI_FAILED = "simpi_refused", "simpi_failed"
CODES = frozenset({SIMPI_REFUSED, SIMPI_FAILED})


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
        was = deliveries.bad_ones(receipt["deliveries"])
        delivery = deliveries.again(_tried(receipt, name), late=late)
        again_s = max(again_s, delivery.again_s or 0.0)
        receipt["deliveries"][name] = deliveries.updated(receipt["deliveries"][name], delivery, now())
        logged(events.job_of(receipt), name, delivery)
        if name == SIMPI:
            _tell_people(receipt, delivery)
        keep(receipt, was)
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


def _tell_people(receipt: Receipt, delivery: Delivery) -> None:
    """Put an update that SIMPI will not get on the poison queue, and take off what an earlier refusal left there."""
    job, log = events.job_of(receipt), receipt["deliveries"]
    if delivery.delivery != PENDING and "asked_again_at" in log:
        tools.queues().remove(
            naming.POISON_QUEUE, lambda message: poison.is_of(message.text, job.instance_id, codes=CODES)
        )
    if delivery.delivery in (REFUSED, FAILED) and receipt["status"] != "failed":
        code = SIMPI_REFUSED if delivery.delivery == REFUSED else SIMPI_FAILED
        told = {**receipt, "error_code": code, "error": delivery.detail}
        tools.queues().send(naming.POISON_QUEUE, poison_message(job, told))
