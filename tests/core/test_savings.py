"""Totals over receipts, and one line per job."""

from __future__ import annotations

from typing import Any

import pytest

from core.jobs import Row, Wanted, latest_runs, newest_first, row_of
from core.savings import percentile, savings


def row(number: int, **more: Any) -> Row:
    return row_of(
        {
            "instance_id": f"media-{number:032x}",
            "completed_at": f"2026-01-{1 + number % 2:02d}T00:00:{number % 60:02d}.000Z",
            "started_at": "2026-01-01T00:00:00.000Z",
            "status": "success",
            "blob_name": f"a/{number}.jpg",
            "kind": "image",
            "action": "compressed",
            "format": "webp",
            "original_size": 1000,
            "compressed_size": 250,
            "saved_bytes": 750,
            "processing_time": number / 10,
            "timings_s": {"probe": number / 100},
            **more,
        }
    )


def test_totals_count_bytes_only_where_something_was_published() -> None:
    told = savings(
        [row(1), row(2, action="kept_original", compressed_size=1000), row(3, status="failed", error_code="x_failed")]
    )
    totals = told["totals"]
    assert totals["by_status"] == {"failed": 1, "success": 2}
    assert (totals["original_size"], totals["compressed_size"], totals["saved_bytes"]) == (2000, 1250, 750)
    assert (totals["saved_percent"], totals["compression_ratio"], totals["kept_original_rate"]) == (37.5, 1.6, 0.5)
    assert told["by_code"] == {"x_failed": 1}


def test_no_jobs_at_all_is_an_answer_too() -> None:
    told = savings([])
    assert told["totals"]["jobs"] == 0
    assert told["totals"]["compression_ratio"] is told["totals"]["kept_original_rate"] is None


def test_each_day_kind_and_format_has_its_own_totals() -> None:
    told = savings([row(1), row(2, kind="video", format="mp4"), row(3, kind=None, format=None, status="rejected")])
    assert {day: totals["jobs"] for day, totals in told["by_day"].items()} == {"2026-01-01": 1, "2026-01-02": 2}
    assert list(told["by_kind"]) == ["image", "video"]
    assert list(told["by_format"]) == ["mp4", "webp"]


@pytest.mark.parametrize(("percent", "value"), [(50, 5), (95, 10), (100, 10), (0, 1)])
def test_a_percentile_is_one_of_the_values(percent: float, value: float) -> None:
    assert percentile(range(1, 11), percent) == value


def test_the_time_of_each_step_is_spread_over_the_successes() -> None:
    told = savings([*(row(number) for number in range(1, 101)), row(999, status="failed")])
    assert told["steps_s"]["probe"] == {"p50": 0.5, "p95": 0.95, "count": 100}
    assert told["steps_s"]["total"]["p95"] == 9.5


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Wanted(), [1, 2, 3]),
        (Wanted(statuses=frozenset({"failed"})), [3]),
        (Wanted(prefix="a/2"), [2]),
        (Wanted(kind="video"), [2]),
        (Wanted(code="x"), [3]),
        (Wanted(since="2026-01-02"), [1, 3]),
        (Wanted(until="2026-01-02"), [2]),
    ],
)
def test_jobs_can_be_asked_for_by_what_they_are(wanted: Wanted, numbers: list[int]) -> None:
    rows = [row(1), row(2, kind="video"), row(3, status="failed", error_code="x")]
    assert [int(one.instance_id[6:], 16) for one in rows if wanted.takes(one)] == numbers


def test_a_job_that_ran_twice_is_listed_once_by_its_last_run() -> None:
    rows = [row(1, status="failed"), row(1, completed_at="2026-01-05T00:00:00.000Z")]
    assert [one.status for one in latest_runs(newest_first(rows))] == ["success"]
