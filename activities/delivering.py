"""What all deliveries have in common: a line in the log, a count, and what the story is told."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from activities import tools
from config.logging import log_event
from core.deliveries import FAILED, OFF, PENDING, REFUSED, Delivery, Undelivered, bad_ones
from core.job import Job
from core.receipt import stamp

_said_off: set[str] = set()


def now() -> str:
    """This moment, as receipts write it."""
    return stamp(datetime.now(UTC))


def keep(receipt: dict[str, Any], was: dict[str, str]) -> None:
    """Write what has changed in a receipt's delivery log; `was` are the bad ones of before, which lists still show.

    For lists first: a round that breaks in between is repeated. Their line is only added to where it changes.
    """
    if bad_ones(receipt["deliveries"]) != was:
        tools.receipt_index().add(receipt)
    tools.receipts().write(receipt)


def logged(job: Job, name: str, delivery: Delivery) -> None:
    """Log one try. `name` says what was delivered. That something is off is said once."""
    if delivery.delivery == OFF:
        if name in _said_off:
            return
        _said_off.add(name)
    bad = delivery.delivery in (PENDING, REFUSED, FAILED)
    log_event(
        "delivery",
        level=logging.WARNING if bad else logging.INFO,
        instance_id=job.instance_id,
        blob_name=job.blob_name,
        step=name,
        delivery=delivery.delivery,
        detail=delivery.detail,
    )


def checked(job: Job, name: str, delivery: Delivery) -> dict[str, Any]:
    """The answer of a delivering step of the story.

    Raises: Undelivered where a quick second try is worth it; the durable retry policy makes it.
    """
    logged(job, name, delivery)
    if delivery.delivery == PENDING and delivery.again_s is None:
        raise Undelivered(delivery.detail)
    return {**delivery.to_dict(), "at": now()}
