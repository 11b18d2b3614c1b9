"""Deliveries: what became of telling somebody outside, and when to try again. The receipt is the delivery log.

A job does not wait for a receiver that is down. What could not be delivered while the story ran stands as `pending` in the
receipt; the orchestration `deliver` goes on with it for a day.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from core import naming

DELIVERED, OFF, SKIPPED, PENDING, REFUSED, FAILED = "delivered", "off", "skipped", "pending", "refused", "failed"

KEEP_TRYING_S = 24 * 3600.0
FIRST_WAIT_S, LONGEST_WAIT_S = 5.0, 3600.0
SLOW_S = 10.0
"""How long a receiver that did not answer in time is left alone."""
NO_RECEIPT_YET_S = 5.0

UNDELIVERED = "undelivered/"
"""In `receipts`: one small mark for each job that still has something to deliver. Listing it finds them all."""

SIMPI, WEBHOOK, STARTED = "update_simpi", "notify", "notify_started"
ORDER = (STARTED, WEBHOOK, SIMPI)

LOGGED = ("delivery", "detail", "tries", "at")
"""What the log keeps of each delivery: what came of it, why, after how many tries, and when the last one was."""


@dataclass(frozen=True)
class Delivery:
    """What came of one try.

    `again_s` is how many seconds the receiver wants to be left alone, or None where a quick second try is worth it.
    """

    delivery: str
    detail: str
    again_s: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """What crosses the durable boundary."""
        return asdict(self)


class Undelivered(Exception):
    """Nobody took it, but a second try may do: what the durable retry policy repeats."""


def answered(who: str, status: int, retry_after: str | None, refusals: frozenset[int]) -> Delivery:
    """What an HTTP answer means. `retry_after` is the header: seconds, as a decimal number; a date counts as unknown."""
    if 200 <= status < 300:
        return Delivery(DELIVERED, f"{who} answered {status}")
    if status in refusals:
        return Delivery(REFUSED, f"{who} answered {status}")
    again_s = _seconds(retry_after)
    return Delivery(PENDING, f"{who} answered {status}", SLOW_S if again_s is None and status == 429 else again_s)


def _seconds(text: str | None) -> float | None:
    text = (text or "").strip()
    return min(float(text), KEEP_TRYING_S) if text.isascii() and text.isdigit() and len(text) < 10 else None


def deliver_id(instance_id: str) -> str:
    """The id of the orchestration that goes on delivering for a job."""
    return "deliver-" + instance_id.removeprefix("media-")


def mark_name(instance_id: str) -> str:
    """The blob that says that a job has something left to deliver."""
    return f"{UNDELIVERED}{instance_id}.json"


def marked(blob_name: str) -> str | None:
    """The job that a mark is for."""
    instance_id = blob_name.removeprefix(UNDELIVERED).removesuffix(".json")
    return instance_id if naming.is_instance_id(instance_id) else None


def wait_s(tries: int, again_s: float | None, instance_id: str) -> float:
    """How long to wait before try number `tries` + 1: 5 s, doubled up to an hour, but never less than was asked for.

    Stretched by up to a quarter, by the job's id: those that failed together do not all come back together.
    """
    share = hashlib.sha256(f"{instance_id}/deliver".encode()).digest()[0] / 255
    grown = min(FIRST_WAIT_S * 2.0 ** min(tries, 30), LONGEST_WAIT_S) * (1 + share / 4)
    return round(max(grown, again_s or 0.0), 3)


def open_ones(deliveries: dict[str, Any]) -> list[str]:
    """What is left to deliver, in the order in which it should arrive."""
    return [name for name in ORDER if deliveries.get(name, {}).get("delivery") == PENDING]


def again(tried: Delivery, *, late: bool) -> Delivery:
    """What a later try means for what was pending.

    That nobody is to be told any more (`off`) would drop it for ever, though the setting may only be missing: it stays
    pending, until its day is over.
    """
    if tried.delivery == OFF:
        tried = Delivery(PENDING, tried.detail)
    if tried.delivery == PENDING and late:
        return Delivery(FAILED, f"given up after a day: {tried.detail}")
    return tried


def bad_ones(deliveries: dict[str, Any]) -> dict[str, str]:
    """Whom nobody has told (yet), and how that stands: `pending`, `refused` or `failed`."""
    told = {name: deliveries.get(name, {}).get("delivery") for name in ORDER}
    return {name: how for name, how in told.items() if how in (PENDING, REFUSED, FAILED)}


def give_up_at(receipt: dict[str, Any]) -> datetime:
    """When a job's deliveries are given up: a day after it ended, or after somebody asked to deliver again.

    The day goes on while nothing runs, or nobody is to be told; but there is always one more try before the end.
    """
    since = receipt["deliveries"].get("asked_again_at") or receipt["completed_at"]
    return datetime.fromisoformat(since) + timedelta(seconds=KEEP_TRYING_S)


def updated(earlier: dict[str, Any], now: Delivery, at: str) -> dict[str, Any]:
    """The log entry of a delivery after one more try."""
    return {"delivery": now.delivery, "detail": now.detail, "tries": int(earlier.get("tries", 0)) + 1, "at": at}
