"""What compressing has saved, how fast it was, and what went wrong: totals over receipts."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from core.jobs import Row
from core.receipt import SUCCESS


def savings(rows: Iterable[Row]) -> dict[str, Any]:
    """Totals: over all, by day, by kind and by output format; time by step; failures by code. Bytes and seconds.

    Bytes count only where something was published. `kept_original_rate` is the share of the successes whose original was
    best already; `compression_ratio` is original over compressed.
    """
    rows = list(rows)
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.status == SUCCESS:
            seconds["total"].append(row.processing_time)
            for step, spent_s in row.timings_s.items():
                seconds[step].append(spent_s)
    return {
        "totals": _totals(rows),
        "by_day": _by(rows, lambda row: row.completed_at[:10]),
        "by_kind": _by(rows, lambda row: row.kind),
        "by_format": _by(rows, lambda row: row.format if row.status == SUCCESS else None),
        "by_code": dict(Counter(row.error_code for row in rows if row.error_code).most_common()),
        "steps_s": {step: _spread(spent) for step, spent in sorted(seconds.items())},
    }


def _by(rows: Sequence[Row], key: Any) -> dict[str, dict[str, Any]]:
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if (name := key(row)) is not None:
            groups[name].append(row)
    return {name: _totals(groups[name]) for name in sorted(groups)}


def _totals(rows: Sequence[Row]) -> dict[str, Any]:
    done = [row for row in rows if row.status == SUCCESS]
    original, compressed = sum(row.original_size for row in done), sum(row.compressed_size or 0 for row in done)
    kept = sum(row.action == "kept_original" for row in done)
    return {
        "jobs": len(rows),
        "by_status": dict(sorted(Counter(row.status for row in rows).items())),
        "original_size": original,
        "compressed_size": compressed,
        "saved_bytes": original - compressed,
        "saved_percent": round(100 * (1 - compressed / original), 2) if original else 0.0,
        "compression_ratio": round(original / compressed, 3) if compressed else None,
        "kept_original_rate": round(kept / len(done), 4) if done else None,
    }


def _spread(values: list[float]) -> dict[str, float | int]:
    ordered = sorted(values)
    return {"p50": percentile(ordered, 50), "p95": percentile(ordered, 95), "count": len(ordered)}


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of values in ascending order: one of the values itself."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
