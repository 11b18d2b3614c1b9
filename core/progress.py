"""How a job stands, as everybody is shown it: the durable custom status, `GET /api/status` and the live messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.job import Job

PRIVATE = ("recipe", "tools", "deliveries")
"""What of a receipt stays with the operators."""

MAX_MESSAGE_CHARS = 1000
"""The extension refuses a custom status of more than 16 KiB in UTF-16."""

KINDS = {"compress_image": "image", "compress_video": "video"}


@dataclass(frozen=True)
class Stage:
    """A stage of a job: its stable name, how many percent of the job are done when it begins, a sentence for people."""

    name: str
    percent: float
    message: str


STAGES = {
    "download": Stage("downloading", 0, "Fetching the upload"),
    "probe": Stage("probing", 5, "Looking at what it is"),
    "compress_image": Stage("compressing", 10, "Compressing"),
    "compress_video": Stage("compressing", 10, "Compressing"),
    "upload": Stage("uploading", 92, "Publishing the result"),
}
"""Which stage begins with which step."""

COMPRESSING = STAGES["compress_video"]
REPORTING = Stage("reporting", 96, "Telling SIMPI and subscribers")
QUEUED = Stage("queued", 0, "Waiting to begin")


def encoded(percent: float) -> float:
    """How many percent of the job are done when so many percent of the encode are."""
    return COMPRESSING.percent + percent * 0.8


def custom_status(blob_name: str, kind: str | None, stage: str, percent: float, message: str) -> dict[str, Any]:
    """What the orchestration shows of itself while it runs; `percent` is of the whole job."""
    message = message[:MAX_MESSAGE_CHARS]
    return {"stage": stage, "percent": round(percent), "message": message, "blob_name": blob_name, "kind": kind}


def began(job: Job, step: str, rendition: dict[str, Any] | None) -> dict[str, Any] | None:
    """How a job stands when a step begins; None where that is no news: of the renditions, only the main one is."""
    if step not in STAGES or (rendition is not None and rendition.get("role") != "main"):
        return None
    stage = STAGES[step]
    custom = custom_status(job.blob_name, KINDS.get(step), stage.name, stage.percent, stage.message)
    return under_way(job.instance_id, custom)


def progressed(job: Job, percent: float) -> dict[str, Any]:
    """How a job stands when so many percent of its video are encoded."""
    custom = custom_status(job.blob_name, "video", COMPRESSING.name, encoded(percent), COMPRESSING.message)
    return under_way(job.instance_id, custom)


def under_way(instance_id: str, custom: dict[str, Any] | None, blob_name: str | None = None) -> dict[str, Any]:
    """How a job stands that runs, by its custom status, or is about to run; then its upload's name must be given."""
    shown = custom or {"stage": QUEUED.name, "percent": QUEUED.percent, "message": QUEUED.message, "kind": None}
    return {
        "instanceId": instance_id,
        "blobName": custom["blob_name"] if custom else blob_name,
        "status": "running" if custom else "queued",
        "stage": shown["stage"],
        "percent": shown["percent"],
        "message": shown["message"],
        "kind": shown["kind"],
        "receipt": None,
    }


def done(receipt: dict[str, Any]) -> dict[str, Any]:
    """How a job stands that has ended."""
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
