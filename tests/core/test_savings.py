"""Totals over receipts, and one line per job."""

from __future__ import annotations

from typing import Any

import pytest

from core.jobs import Row, Wanted, latest_runs, newest_first, position, row_of
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


def test_a_row_says_what_its_receipt_says() -> None:
    receipt = {
        "instance_id": "media-1", "completed_at": "2026-01-02T00:00:00.000Z", "status": "success", "error_code": None,
        "blob_name": "a.mp4", "step_id": "9", "kind": "video", "action": "compressed", "format": "mp4",
        "original_size": 1000, "compressed_size": 250, "saved_bytes": 750, "attempts": 4,
        "redriven_from": "earlier/x.json", "processing_time": 2.5, "started_at": "2026-01-01T00:00:00.000Z",
        "timings_s": {"probe": 0.1},
    }  # fmt: skip
    log = {"notify": {"delivery": "delivered"}, "update_simpi": {"delivery": "refused"}}
    made = row_of({**receipt, "recipe": {"tier": "small", "argv": []}, "outputs": [], "deliveries": log})
    assert made.shown() == {**receipt, "tier": "small", "undelivered": {"update_simpi": "refused"}}


def test_a_receipt_of_an_older_version_lacks_nothing_that_totals_need() -> None:
    older = {"instance_id": "media-1", "completed_at": "2026-01-02", "started_at": "2026-01-01", "status": "failed"}
    made = row_of(older)
    assert (made.tier, made.original_size, made.compressed_size, made.saved_bytes) == (None, 0, None, 0)
    assert (made.attempts, made.processing_time, made.timings_s) == (1, 0.0, {})
    assert savings([made])["totals"]["jobs"] == 1


def test_totals_count_bytes_only_where_something_was_published() -> None:
    told = savings(
        [row(1), row(2, action="kept_original", compressed_size=1000), row(3, status="failed", error_code="x_failed")]
    )
    totals = told["totals"]
    assert totals["by_status"] == {"failed": 1, "success": 2}
    assert (totals["original_size"], totals["compressed_size"], totals["saved_bytes"]) == (2000, 1250, 750)
    assert (totals["saved_percent"], totals["compression_ratio"], totals["kept_original_rate"]) == (37.5, 1.6, 0.5)
    assert told["by_code"] == {"x_failed": 1}


def test_shares_are_of_the_successes_and_rounded_for_people() -> None:
    told = savings(
        [
            row(1, original_size=3000, compressed_size=1000),
            row(2, original_size=4000, compressed_size=2000),
            row(3, original_size=1, compressed_size=1, action="kept_original"),
            row(4, status="cancelled", original_size=9999, compressed_size=None),
        ]
    )["totals"]
    assert told == {
        "jobs": 4,
        "by_status": {"cancelled": 1, "success": 3},
        "original_size": 7001,
        "compressed_size": 3001,
        "saved_bytes": 4000,
        "saved_percent": 57.13,
        "compression_ratio": 2.333,
        "kept_original_rate": 0.3333,
    }


def test_the_code_that_is_met_most_comes_first() -> None:
    codes = ["corrupt", "too_large", "empty", "too_large", "empty", "too_large"]
    told = savings([row(number, status="rejected", error_code=code) for number, code in enumerate(codes)])
    assert list(told["by_code"].items()) == [("too_large", 3), ("empty", 2), ("corrupt", 1)]


def test_no_jobs_at_all_is_an_answer_too() -> None:
    assert savings([]) == {
        "totals": {
            "jobs": 0,
            "by_status": {},
            "original_size": 0,
            "compressed_size": 0,
            "saved_bytes": 0,
            "saved_percent": 0.0,
            "compression_ratio": None,
            "kept_original_rate": None,
        },
        "by_day": {},
        "by_kind": {},
        "by_format": {},
        "by_code": {},
        "steps_s": {},
    }


def test_each_day_kind_and_format_has_its_own_totals() -> None:
    told = savings([row(1), row(2, kind="video", format="mp4"), row(3, kind=None, format=None, status="rejected")])
    assert {day: totals["jobs"] for day, totals in told["by_day"].items()} == {"2026-01-01": 1, "2026-01-02": 2}
    assert list(told["by_kind"]) == ["image", "video"]
    assert list(told["by_format"]) == ["mp4", "webp"]
    assert told["by_kind"]["video"] == savings([row(2, kind="video", format="mp4")])["totals"]


def test_a_format_is_counted_only_where_something_was_published_in_it() -> None:
    assert savings([row(1, status="failed")])["by_format"] == {}


@pytest.mark.parametrize(("percent", "value"), [(50, 5), (50.1, 6), (95, 10), (100, 10), (10, 1), (0, 1)])
def test_a_percentile_is_one_of_the_values(percent: float, value: float) -> None:
    assert percentile(range(1, 11), percent) == value


def test_of_very_many_values_the_last_percentile_is_the_largest() -> None:
    assert percentile(range(1000), 100) == 999


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
        (Wanted(since="2026-01-01T00:00:02.000Z"), [1, 2, 3]),
        (Wanted(since="2026-01-01T00:00:02.001Z"), [1, 3]),
        (Wanted(until="2026-01-02T00:00:03.000Z"), [1, 2]),
    ],
)
def test_jobs_can_be_asked_for_by_what_they_are(wanted: Wanted, numbers: list[int]) -> None:
    rows = [row(1), row(2, kind="video"), row(3, status="failed", error_code="x")]
    assert [int(one.instance_id[6:], 16) for one in rows if wanted.takes(one)] == numbers


def test_lists_begin_with_the_job_that_ended_last_and_then_go_by_id_whatever_else_they_say() -> None:
    same = "2026-01-05T00:00:00.000Z"
    rows = [row(1, completed_at=same), row(9), row(2, completed_at=same, kind=None), row(3, completed_at="2026-02")]
    assert [int(one.instance_id[6:], 16) for one in newest_first(rows)] == [3, 2, 1, 9]
    assert position(rows[1]) == (rows[1].completed_at, rows[1].instance_id)


def test_a_job_that_ran_twice_is_listed_once_by_its_last_run() -> None:
    rows = [row(1, status="failed"), row(1, completed_at="2026-01-05T00:00:00.000Z")]
    assert [one.status for one in latest_runs(newest_first(rows))] == ["success"]
