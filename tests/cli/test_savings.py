"""`./simpi savings`: the sums, and a chart of the days, as people and machines read them."""

from __future__ import annotations

from typing import Any

from cli.savings import BAR
from core.jobs import Row, row_of
from core.savings import savings
from tests.cli.calling import Caller, Said
from tests.cli.standin import StandIn

SECRETS = {"SIMPI_STORAGE_CONNECTION": "UseDevelopmentStorage=true", "SIMPI_SYSTEM_KEY": "the-key"}
SPAN = {"from": "2026-01-01", "to": "2026-01-07"}


def row(number: int, day: int, **more: Any) -> Row:
    """A job of a photo of 1 MB."""
    receipt = {
        "instance_id": f"media-{number:032x}",
        "started_at": f"2026-01-{day:02d}T00:00:00.000Z",
        "completed_at": f"2026-01-{day:02d}T00:00:02.000Z",
        "status": "success",
        "kind": "image",
        "action": "compressed",
        "format": "webp",
        "original_size": 1_000_000,
        "processing_time": 2.0,
    }
    return row_of(receipt | more)


WEEK = [
    row(1, day=1, compressed_size=200_000),
    row(2, day=1, compressed_size=200_000),
    row(3, day=2, compressed_size=600_000),
    row(4, day=3, compressed_size=1_000_000, action="kept_original"),
    row(5, day=3, status="failed", format=None, error_code="timeout"),
]


def said(simpi: Caller, host: StandIn, rows: list[Row], *options: str) -> Said:
    """What the command says about a host with these jobs."""
    host.says((200, {**SPAN, **savings(rows)}))
    return simpi("savings", "--days", "7", "--target", host.url, *options, env=SECRETS)


def test_each_day_has_a_bar_as_long_as_its_share_of_the_best_day(simpi: Caller, host: StandIn) -> None:
    lines = said(simpi, host, WEEK).out.splitlines()
    bars = {line.split()[0]: line for line in lines if line.startswith("  2026-")}
    lengths = {day: bar.count("█") for day, bar in bars.items()}
    assert lengths == {"2026-01-01": BAR, "2026-01-02": round(BAR / 4), "2026-01-03": 0}
    ends = [bar.replace("█", " ").split("  ")[-2:] for bar in bars.values()]
    assert [[end.strip() for end in two] for two in ends] == [
        ["1.60 MB", "2 jobs"],
        ["400 kB", "1 job"],
        ["0 B", "2 jobs"],
    ]
    assert len({bar.index(" job") for bar in bars.values()}) == 1  # they line up


def test_the_sums_stand_around_the_bars(simpi: Caller, host: StandIn) -> None:
    lines = said(simpi, host, WEEK).out.splitlines()
    assert lines[0] == "2026-01-01 to 2026-01-07 (UTC): 5 jobs (1 failed, 4 success)"
    assert lines[1] == "saved 2.00 MB of 4.00 MB (50.0 %); 25 % of the originals were best already"
    assert lines[-3].split() == ["webp", "4", "files", "2.00", "MB", "saved"]
    one = said(simpi, host, WEEK[:1]).out.splitlines()
    assert one[-2].split()[:3] == ["webp", "1", "file"]
    assert lines[-2:] == ["  a job takes 2.0 s (median), 2.0 s (95 %)", "       1 × timeout"]


def test_days_without_jobs_are_told_without_a_chart(simpi: Caller, host: StandIn) -> None:
    assert said(simpi, host, []).out == "2026-01-01 to 2026-01-07 (UTC): 0 jobs\n"


def test_the_days_are_asked_for_and_machines_get_what_the_host_says(simpi: Caller, host: StandIn) -> None:
    assert said(simpi, host, WEEK, "--json").json == {**SPAN, **savings(WEEK)}
    assert host.asked == ["/api/savings?days=7"]


def test_a_host_that_does_not_tell_is_no_success(simpi: Caller, host: StandIn) -> None:
    host.says((401, None))
    told = simpi("savings", "--target", host.url, env=SECRETS)
    assert (told.code, told.out) == (1, "")
    assert "answered 401" in told.err
