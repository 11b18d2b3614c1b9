"""What the open page is told while a job runs, and when it has ended: the same facts as `GET /api/status`."""

from __future__ import annotations

from typing import Any

from core.job import Job
from core.owner import owner_of

PROGRESS, COMPLETE = "MediaProcessingProgress", "MediaProcessingComplete"

OPERATORS = "operators"
"""The user who is told of uploads that are nobody's own, such as those of the command line."""

PRIVATE = ("recipe", "tools", "deliveries")
"""What of a receipt stays with the operators."""

STAGES: dict[str, tuple[str, float, str]] = {
    "download": ("downloading", 0, "Fetching the upload"),
    "probe": ("probing", 5, "Looking at what it is"),
    "compress_image": ("compressing", 10, "Compressing"),
    "compress_video": ("compressing", 10, "Compressing"),
    "upload": ("uploading", 92, "Publishing the result"),
}
"""Which stage begins with which step, at how many percent of the job."""

KINDS = {"compress_image": "image", "compress_video": "video"}


def user_of(blob_name: str) -> str:
    """Who may know of an upload: its owner; of one without an owner, the operators."""
    return owner_of(blob_name) or OPERATORS


def began(job: Job, step: str, rendition: dict[str, Any] | None) -> dict[str, Any] | None:
    """What to tell when a step begins; None where that is no news: only the main rendition is."""
    if step not in STAGES or (rendition is not None and rendition.get("role") != "main"):
        return None
    stage, percent, message = STAGES[step]
    return _running(job, stage, percent, message, KINDS.get(step))


def progressed(job: Job, percent_of_encode: float) -> dict[str, Any]:
    """What to tell when an encode has come this far."""
    return _running(job, "compressing", 10 + percent_of_encode * 0.8, "Compressing", "video")


def _running(job: Job, stage: str, percent: float, message: str, kind: str | None) -> dict[str, Any]:
    return {
        "instanceId": job.instance_id,
        "blobName": job.blob_name,
        "status": "running",
        "stage": stage,
        "percent": round(percent),
        "message": message,
        "kind": kind,
        "receipt": None,
    }


def done(receipt: dict[str, Any]) -> dict[str, Any]:
    """What to tell of a job that has ended."""
    shown = {key: value for key, value in receipt.items() if key not in PRIVATE}
    shown["tier"] = (receipt.get("recipe") or {}).get("tier")
    return {
        "instanceId": receipt["instance_id"],
        "blobName": receipt["blob_name"],
        "status": receipt["status"],
        "stage": "done",
        "percent": 100,
        "message": receipt["error"] or receipt["reason"] or "",
        "kind": receipt["kind"],
        "receipt": shown,
    }
