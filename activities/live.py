"""Show a job's way on the open page. Never waits, never fails: where there is no SignalR, nothing happens."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from config.settings import settings
from core import live, progress
from core.job import Job


def step_began(step: str, job: Job, given: dict[str, Any]) -> None:
    """Tell that a step of a job begins, if that is news."""
    if news := progress.began(job, step, given.get("rendition")):
        tell(job.blob_name, live.PROGRESS, news)


def encode_progressed(given: dict[str, Any], percent: float) -> None:
    """Tell how far an encode is."""
    job = Job(**given["job"])
    tell(job.blob_name, live.PROGRESS, progress.progressed(job, percent))


def tell(blob_name: str, target: str, news: dict[str, Any]) -> Future[bool] | None:
    """Tell those who may know of this upload; None where SignalR is off."""
    connection = settings().signalr_connection
    if connection is None:
        return None
    from adapters.live import open_live

    return open_live(connection).tell(live.user_of(blob_name), target, news)
