"""Large uploads wait for the night, in the wall time of the operator's zone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.rules import OffPeak, Schedule
from core.schedule import deferred_until

NIGHT = Schedule(5_000_000, OffPeak(True, "02:00", "06:00", "Europe/Berlin"))
LARGE = 50_000_000


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-01-10T12:00", "2026-01-11T01:00"),  # winter: 02:00 in Berlin is 01:00 UTC
        ("2026-07-10T12:00", "2026-07-11T00:00"),  # summer: 00:00 UTC
        ("2026-03-28T12:00", "2026-03-29T01:00"),  # 02:00 does not exist that night: the clocks jump at 01:00 UTC
        ("2026-10-24T12:00", "2026-10-25T00:00"),  # 02:00 comes twice that night: the first one
        ("2026-01-10T00:30", "2026-01-10T01:00"),  # before the window of the same day
    ],
)
def test_a_large_upload_waits_for_the_window_whatever_the_clocks_do(now: str, until: str) -> None:
    assert deferred_until(utc(now), LARGE, "normal", NIGHT) == utc(until)


@pytest.mark.parametrize(
    ("size", "priority", "waits"),
    [(4_999_999, "normal", False), (5_000_000, "normal", True), (LARGE, "high", False), (LARGE, "normal", True)],
)
def test_small_or_urgent_uploads_never_wait(size: int, priority: str, waits: bool) -> None:
    assert (deferred_until(utc("2026-01-10T12:00"), size, priority, NIGHT) is not None) == waits


def test_the_moment_that_is_handed_on_is_in_utc() -> None:
    until = deferred_until(utc("2026-01-10T12:00"), LARGE, "normal", NIGHT)
    assert until is not None
    assert until.isoformat() == "2026-01-11T01:00:00+00:00"


def test_nothing_waits_inside_the_window_or_when_deferral_is_off() -> None:
    for inside in ("01:00", "02:30", "04:59"):
        assert deferred_until(utc(f"2026-01-10T{inside}"), LARGE, "normal", NIGHT) is None
    assert deferred_until(utc("2026-01-10T05:00"), LARGE, "normal", NIGHT) == utc("2026-01-11T01:00")
    off = replace(NIGHT, off_peak=replace(NIGHT.off_peak, enabled=False))
    assert deferred_until(utc("2026-01-10T12:00"), LARGE, "normal", off) is None


@pytest.mark.parametrize(
    ("now", "waits"),
    [("21:59", True), ("22:00", False), ("23:30", False), ("05:59", False), ("06:00", True), ("12:00", True)],
)
def test_a_window_may_cross_midnight(now: str, waits: bool) -> None:
    over = Schedule(0, OffPeak(True, "22:00", "06:00", "UTC"))
    assert (deferred_until(utc(f"2026-01-10T{now}"), LARGE, "normal", over) is not None) == waits
