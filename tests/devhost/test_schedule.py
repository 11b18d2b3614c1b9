"""Timer schedules and retry policies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from devhost.engine.retry import RetryPolicy
from devhost.host_json import ConfigError
from devhost.triggers.schedule import Schedule


@pytest.mark.parametrize(
    ("schedule", "now", "then"),
    [
        ("*/5 * * * * *", "2026-01-01T00:00:01", "2026-01-01T00:00:05"),
        ("0 */15 * * * *", "2026-01-01T00:14:59", "2026-01-01T00:15:00"),
        ("0 */15 * * * *", "2026-01-01T00:15:00", "2026-01-01T00:30:00"),
        ("30 2 * * *", "2026-01-31T03:00:00", "2026-02-01T02:30:00"),
        ("0 30 9 * * mon-fri", "2026-11-20T10:00:00", "2026-11-23T09:30:00"),
        ("0 0 0 29 feb *", "2026-03-01T00:00:00", "2028-02-29T00:00:00"),
        ("0 0 6,18 1-7 * 0", "2026-11-23T00:00:00", "2026-12-06T06:00:00"),
        ("10/20 * * * * *", "2026-01-01T00:00:10", "2026-01-01T00:00:30"),
        ("00:05:00", "2026-01-01T00:00:01", "2026-01-01T00:05:01"),
    ],
)
def test_a_schedule_fires_next(schedule: str, now: str, then: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert Schedule(schedule).after(at) == datetime.fromisoformat(then).replace(tzinfo=UTC)


@pytest.mark.parametrize("bad", ["* * *", "60 * * * * *", "* * * * 13 *", "5-1 * * * * *", "x * * * * *", "every day"])
def test_a_bad_schedule_is_refused(bad: str) -> None:
    with pytest.raises(ConfigError, match="schedule"):
        Schedule(bad)


def test_a_schedule_that_never_fires_is_refused() -> None:
    with pytest.raises(ConfigError, match="never fires"):
        Schedule("0 0 0 31 2 *").after(datetime(2026, 1, 1, tzinfo=UTC))


def test_retries_wait_longer_each_time_up_to_the_limit() -> None:
    options = {"firstRetryIntervalInMilliseconds": 100, "maxNumberOfAttempts": 9, "backoffCoefficient": 2}
    policy = RetryPolicy.of({"retryOptions": {**options, "maxRetryIntervalInMilliseconds": 500}})
    assert [policy.wait_after(i) / timedelta(milliseconds=1) for i in (1, 2, 3, 4, 5)] == [100, 200, 400, 500, 500]
    assert RetryPolicy.of({"retryOptions": options}).wait_after(10_000) == timedelta(days=6)
