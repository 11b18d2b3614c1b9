"""The events that subscribers get: types, ids, and what is in them. No secret, no signed URL, nothing of the machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from core.job import Job
from core.receipt import CANCELLED, FAILED, REJECTED, SUCCESS

STARTED = "media.processing.started"
ENDED = {
    SUCCESS: "media.processing.completed",
    REJECTED: "media.processing.rejected",
    CANCELLED: "media.processing.cancelled",
    FAILED: "media.processing.failed",
}

TOLD_AT_START = ("instance_id", "blob_name", "step_id", "original_size", "started_at")
TOLD_AT_END = (
    *TOLD_AT_START[:3],
    "status",
    "error_code",
    "error",
    "kind",
    "action",
    "reason",
    "format",
    "original_size",
    "compressed_size",
    "saved_bytes",
    "compression_ratio",
    "output_url",
    "attempts",
    "processing_time",
    "started_at",
    "completed_at",
)


@dataclass(frozen=True)
class Event:
    """One event. `id` stays the same however often it is sent; `timestamp` is when it happened, ISO 8601 in UTC."""

    id: str
    type: str
    timestamp: str
    data: dict[str, Any]

    def payload(self) -> dict[str, Any]:
        """The body, as Standard Webhooks has it."""
        return {"type": self.type, "timestamp": self.timestamp, "data": self.data}


def effect_id(instance_id: str, redriven_from: str | None) -> str:
    """What names one run's effect outside: the job's id, and for a run that somebody asked for again something more.

    Without that, a receiver that drops what it knows already would never hear that the second run went better.
    """
    if redriven_from is None:
        return instance_id
    return f"{instance_id}.{hashlib.sha256(redriven_from.encode()).hexdigest()[:8]}"


def started(job: Job, started_at: str) -> Event:
    """The event that a job has begun."""
    data = {
        "instance_id": job.instance_id,
        "blob_name": job.blob_name,
        "step_id": job.step_id,
        "original_size": job.size_bytes,
        "started_at": started_at,
    }
    return Event(f"{effect_id(job.instance_id, job.redriven_from)}.{STARTED}", STARTED, started_at, data)


def ended(receipt: dict[str, Any]) -> Event:
    """The event that a job has ended."""
    kind = ENDED[receipt["status"]]
    data = {key: receipt[key] for key in TOLD_AT_END}
    own = effect_id(receipt["instance_id"], receipt.get("redriven_from"))
    return Event(f"{own}.{kind}", kind, receipt["completed_at"], data)


def job_of(receipt: dict[str, Any]) -> Job:
    """The job that a receipt is of, as far as delivering needs it."""
    return Job(
        instance_id=receipt["instance_id"],
        blob_name=receipt["blob_name"],
        etag=receipt["etag"],
        size_bytes=receipt["original_size"],
        step_id=receipt["step_id"],
        redriven_from=receipt.get("redriven_from"),
    )


def simpi_state(receipt: dict[str, Any]) -> dict[str, Any]:
    """What SIMPI's row should say of a job that has ended. Sizes in bytes."""
    return {
        "processing_status": receipt["status"],
        "compressed_url": receipt["output_url"],
        "original_size": receipt["original_size"],
        "compressed_size": receipt["compressed_size"],
        "compression_ratio": receipt["compression_ratio"],
    }


def simpi_started(job: Job) -> dict[str, Any]:
    """What SIMPI's row should say of a job that has begun."""
    return {
        "processing_status": "processing",
        "compressed_url": None,
        "original_size": job.size_bytes,
        "compressed_size": None,
        "compression_ratio": None,
    }
