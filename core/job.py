"""The job: what the orchestration is given, and all that it may know."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core import naming


@dataclass(frozen=True)
class Job:
    """One version of one upload, to be compressed.

    `etag` has no quotes. `max_attempts` rides along so that the story needs no configuration: a setting changed between
    two replays must not change it.
    """

    instance_id: str
    blob_name: str
    etag: str
    size_bytes: int
    container: str = naming.UPLOADS
    step_id: str | None = None
    priority: str = "normal"
    max_attempts: int = 3

    def to_dict(self) -> dict[str, Any]:
        """What crosses the durable boundary."""
        return asdict(self)


def job_for(
    blob_name: str,
    etag: str,
    size_bytes: int,
    *,
    step_id: str | None = None,
    priority: str = "normal",
    max_attempts: int = 3,
) -> Job:
    """The job of an upload. A step id that was given wins over the one in the name."""
    return Job(
        instance_id=naming.instance_id(naming.UPLOADS, blob_name, etag),
        blob_name=blob_name,
        etag=naming.bare_etag(etag),
        size_bytes=size_bytes,
        step_id=step_id or naming.step_id(blob_name),
        priority=priority,
        max_attempts=max_attempts,
    )
