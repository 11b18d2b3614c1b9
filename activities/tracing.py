"""Put the steps of a job into its trace, where there is somebody who keeps traces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from config.settings import settings

if TYPE_CHECKING:
    from adapters.telemetry import Telemetry


def telemetry() -> Telemetry | None:
    """The telemetry of this process; nothing is even loaded where no collector is configured."""
    config = settings()
    if not (config.otlp_endpoint or config.app_insights):
        return None
    from adapters.telemetry import open_telemetry

    return open_telemetry(config)


@contextmanager
def traced(instance_id: str, step: str, **facts: str | int) -> Iterator[None]:
    """Do something as a span of a job's trace."""
    found = telemetry()
    if found is None:
        yield
        return
    with found.step(instance_id, step, **facts):
        yield


def step_took(step: str, seconds: float, *, ok: bool) -> None:
    """Count how long a step took."""
    if found := telemetry():
        found.step_took(step, seconds, ok=ok)


def job_ended(receipt: dict[str, Any]) -> None:
    """Count a job, and close its trace."""
    if found := telemetry():
        found.job_ended(receipt)
