"""The receipt: the terminal record of a job, and the output of its orchestration. Pure, so that a replay makes the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.job import Job

SCHEMA_VERSION = 1

SUCCESS, REJECTED, SUPERSEDED, CANCELLED, FAILED = "success", "rejected", "superseded", "cancelled", "failed"
TERMINAL = (SUCCESS, REJECTED, SUPERSEDED, CANCELLED, FAILED)

MAX_ERROR_CHARS = 1000


@dataclass
class Outcome:
    """What the story has gathered about a job so far: everything in it is JSON and small.

    `outputs` are what was published, main first. `timings_s` holds seconds by step, as the steps measured themselves.
    """

    status: str = SUCCESS
    error_code: str | None = None
    error: str | None = None
    kind: str | None = None
    tier: str | None = None
    rules_version: str | None = None
    source: dict[str, Any] = field(default_factory=dict)
    made: list[dict[str, Any]] = field(default_factory=list)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    tools: dict[str, str] = field(default_factory=dict)
    timings_s: dict[str, float] = field(default_factory=dict)
    attempts: int = 1
    deliveries: dict[str, Any] = field(default_factory=dict)

    def ended(self, status: str, code: str, sentence: str) -> Outcome:
        """The same outcome, ended badly: `code` is stable, `sentence` is for people."""
        self.status, self.error_code, self.error = status, code, sentence[:MAX_ERROR_CHARS]
        self.outputs = []
        return self


def status_of(code: str) -> str:
    """The terminal status that a permanent reason leads to."""
    return code if code in (SUPERSEDED, CANCELLED) else REJECTED


def make_receipt(job: Job, outcome: Outcome, started_at: datetime, completed_at: datetime) -> dict[str, Any]:
    """The receipt of a job (docs/receipt.md describes each key). Sizes in bytes, times in seconds.

    `compression_ratio` is original over compressed size (2.5 means two and a half times smaller), as SIMPI stores it.
    """
    main_output = next((output for output in outcome.outputs if output["role"] == "main"), None)
    main_made = next((made for made in outcome.made if made["role"] == "main"), {})
    size = main_output["size"] if main_output else None
    return {
        "schema_version": SCHEMA_VERSION,
        "instance_id": job.instance_id,
        "status": outcome.status,
        "error_code": outcome.error_code,
        "error": outcome.error,
        "blob_name": job.blob_name,
        "etag": job.etag,
        "step_id": job.step_id,
        "kind": outcome.kind,
        "action": main_made.get("action") if main_output else None,
        "reason": main_made.get("reason") if main_output else None,
        "original_size": job.size_bytes,
        "compressed_size": size,
        "compression_ratio": round(job.size_bytes / size, 3) if size else None,
        "saved_bytes": job.size_bytes - size if size is not None else 0,
        "output_url": main_output["url"] if main_output else None,
        "format": main_made.get("format") if main_output else None,
        "outputs": outcome.outputs,
        "source": outcome.source,
        "quality": None,
        "recipe": {"version": outcome.rules_version, "tier": outcome.tier, "argv": main_made.get("argv", [])},
        "tools": outcome.tools,
        "timings_s": dict(outcome.timings_s),
        "attempts": job.earlier_attempts + outcome.attempts,
        "redriven_from": job.redriven_from,
        "warnings": outcome.warnings,
        "deliveries": outcome.deliveries,
        "processing_time": round((completed_at - started_at).total_seconds(), 3),
        "started_at": stamp(started_at),
        "completed_at": stamp(completed_at),
    }


def stamp(moment: datetime) -> str:
    """A moment in UTC as ISO 8601 with milliseconds and a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
