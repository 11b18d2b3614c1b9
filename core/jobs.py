"""A job in one line: what lists and totals need of a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.deliveries import bad_ones


class Row(NamedTuple):
    """One ended job. Sizes in bytes, times in seconds or ISO 8601 in UTC; `timings_s` holds seconds by step."""

    instance_id: str
    completed_at: str
    status: str
    error_code: str | None
    blob_name: str
    step_id: str | None
    kind: str | None
    action: str | None
    format: str | None
    tier: str | None
    original_size: int
    compressed_size: int | None
    saved_bytes: int
    attempts: int
    redriven_from: str | None
    processing_time: float
    started_at: str
    timings_s: dict[str, float]
    undelivered: dict[str, str] | None = None
    """Who was not told (yet), and how that stands. None: not known, of a line that an older version of ours wrote."""

    def shown(self) -> dict[str, Any]:
        """As `GET /api/jobs` shows it."""
        return self._asdict()


def row_of(receipt: dict[str, Any]) -> Row:
    """The line of a receipt. One of an older version of ours may lack what came later."""
    known = {name: receipt.get(name) for name in Row._fields}
    return Row(
        **known
        | {
            "tier": (receipt.get("recipe") or {}).get("tier"),
            "original_size": receipt.get("original_size") or 0,
            "saved_bytes": receipt.get("saved_bytes") or 0,
            "attempts": receipt.get("attempts") or 1,
            "processing_time": receipt.get("processing_time") or 0.0,
            "timings_s": receipt.get("timings_s") or {},
            "undelivered": bad_ones(receipt.get("deliveries") or {}),
        }
    )


@dataclass(frozen=True)
class Wanted:
    """Which jobs are asked for. `since` is included, `until` is not; both are ISO 8601 in UTC."""

    statuses: frozenset[str] = frozenset()
    prefix: str = ""
    kind: str | None = None
    code: str | None = None
    since: str = ""
    until: str = "9999"
    deliveries: frozenset[str] = frozenset()

    def takes(self, row: Row) -> bool:
        """Whether this job is one of them."""
        return (
            (not self.statuses or row.status in self.statuses)
            and row.blob_name.startswith(self.prefix)
            and self.kind in (None, row.kind)
            and self.code in (None, row.error_code)
            and (not self.deliveries or not self.deliveries.isdisjoint((row.undelivered or {}).values()))
            and self.since <= row.completed_at < self.until
        )


def newest_first(rows: Iterable[Row]) -> list[Row]:
    """In the order of lists: by the moment of their end, then by id, so that pages never overlap."""
    return sorted(rows, key=position, reverse=True)


def position(row: Row) -> tuple[str, str]:
    """Where a job stands in lists: a page begins after the last position of the one before."""
    return row.completed_at, row.instance_id


def latest_runs(rows: Iterable[Row]) -> Iterator[Row]:
    """Each job once, by its last run. Rows come newest first."""
    seen: set[str] = set()
    for row in rows:
        if row.instance_id not in seen:
            seen.add(row.instance_id)
            yield row
