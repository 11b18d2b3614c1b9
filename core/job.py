"""The job: what the orchestration is given, and all that it may know."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core import naming


@dataclass(frozen=True)
class Job:
    """One version of one upload, to be compressed.

    `etag` has no quotes. `defer_until` is when a job that waits for the off-peak window begins, ISO 8601 in UTC.
    `redriven_from` names the receipt of the run before, `earlier_attempts` counts its tries.
    `max_attempts` rides along so that the story needs no configuration: a setting changed between two replays must not
    change it.
    """

    instance_id: str
    blob_name: str
    etag: str
    size_bytes: int
    container: str = naming.UPLOADS
    step_id: str | None = None
    priority: str = "normal"
    max_attempts: int = 3
    defer_until: str | None = None
    redriven_from: str | None = None
    earlier_attempts: int = 0

    def __post_init__(self) -> None:
        """Raises: ValueError for a job that is not its upload's: under another's id it would publish another's media."""
        own_id = naming.instance_id(self.container, self.blob_name, self.etag)
        if self.container != naming.UPLOADS or self.instance_id != own_id:
            raise ValueError("the id of a job is that of its upload's version")

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
    defer_until: str | None = None,
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
        defer_until=defer_until,
    )
