"""Numbers, sums and tables as people and machines read them."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cli import console, tables, text
from cli.inputs import Item
from cli.run import Result, totals


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (256836, "257 kB"),
        (2831456, "2.83 MB"),
        (10**10, "10.0 GB"),
    ],
)
def test_sizes_have_three_digits(count: int | None, said: str) -> None:
    assert text.size(count) == said


@pytest.mark.parametrize(
    ("original", "compressed", "said"),
    [
        (100, 13, "−87 %"),
        (1000, 997, "−0.3 %"),
        (100, 100, "0 %"),
        (352_000, 351_990, "0 %"),
        (0, 0, "–"),
        (100, None, "–"),
        (10**6, 10, "−100.0 %"),
    ],
)
def test_what_was_saved_is_a_share_of_the_original(original: int, compressed: int | None, said: str) -> None:
    assert text.saved(original, compressed) == said


@pytest.mark.parametrize(("value", "said"), [(None, "–"), (0.84, "0.8 s"), (12.3, "12 s"), (125, "2:05 min")])
def test_times_are_seconds_or_minutes(value: float | None, said: str) -> None:
    assert text.seconds(value) == said


HOSTILE = "a\x1b]0;mine\x07\x9b31m\u202ecod.jpg\nb.jpg"


def test_a_name_neither_commands_the_terminal_nor_breaks_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    job = {"instance_id": f"media-{'0' * 32}", "status": "success", "blob_name": HOSTILE}
    console.out().print(tables.of_jobs([job], console.out().width))
    console.note(text.one_line(HOSTILE))
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 3, "the heading and one row"
    assert "cod.jpg b.jpg" in told.err
    for said in (told.out, told.err):
        assert "mine" in said
        assert not set("\x1b\x07\x9b\u202e") & set(said)


def test_a_file_name_that_is_no_utf8_can_be_shown_and_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    console.note(name)
    console.print_json({"file": name})
    told = capsys.readouterr()
    assert told.err == "caf\ufffd.jpg\n"
    told.out.encode()
    assert json.loads(told.out) == {"file": name}


def result(name: str, **receipt: Any) -> Result:
    item = Item(0, Path(name), name, 1000, Path(), Path(name).stem)
    return Result(item, {"status": "success", "kind": "image", **receipt}, [], "", 1.5)


MIXED = [
    result("a.jpg", original_size=1000, compressed_size=200, action="compressed", reason="WEBP quality 85"),
    result("b.jpg", original_size=500, compressed_size=500, action="kept_original", reason="already small"),
    result(
        "c.zip",
        status="rejected",
        error_code="unsupported_type",
        error="No picture.",
        original_size=9,
        compressed_size=None,
    ),
]


def test_the_totals_compare_only_what_was_compressed() -> None:
    assert totals(MIXED) == {
        "original_size": 1500,
        "compressed_size": 700,
        "saved_bytes": 800,
        "by_status": {"success": 2, "rejected": 1},
    }


def test_the_table_says_what_was_done_and_why_not() -> None:
    from rich.console import Console

    page = io.StringIO()
    Console(file=page, width=160).print(tables.of_results(MIXED, 160))
    lines = page.getvalue().splitlines()
    assert "compressed: WEBP quality 85" in lines[2]
    assert "original kept: already small" in lines[3]
    assert "rejected (unsupported_type): No picture." in lines[4]
    assert "2 success, 1 rejected" in lines[-1]


def test_a_file_name_is_never_taken_for_markup() -> None:
    from rich.console import Console

    page = io.StringIO()
    Console(file=page, width=160).print(
        tables.of_results([result("[red]a[/red].jpg", original_size=2, compressed_size=1)], 160)
    )
    assert "[red]a[/red].jpg" in page.getvalue()


def test_a_result_in_json_is_the_receipt_and_the_files() -> None:
    told = result("a.jpg", instance_id="media-1").to_json()
    assert told["file"] == "a.jpg"
    assert told["downloaded"] == []
    assert told["instance_id"] == "media-1"
    assert "problem" not in told


def drawn(table: Any, width: int) -> list[str]:
    from rich.console import Console

    page = io.StringIO()
    Console(file=page, width=width).print(table)
    return [line.rstrip() for line in page.getvalue().splitlines()]


JOBS: list[dict[str, Any]] = [
    {
        "instance_id": f"media-{number:012x}{'7' * 20}",
        "status": "rejected",
        "error_code": "unsupported_type",
        "blob_name": "cli/20261123T060102-0a1b2c3d/a-photo-of-a-long-day-in-the-mountains.jpg",
        "original_size": 1_230_000,
        "compressed_size": None,
        "completed_at": "2026-11-23T06:01:02.345Z",
    }
    for number in range(2)
]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 145, 160, 200])
def test_a_job_is_one_line_with_an_id_that_can_be_copied_however_narrow_the_terminal(width: int) -> None:
    lines = drawn(tables.of_jobs(JOBS, width), width)[2:]
    assert len(lines) == len(JOBS)
    assert max(map(len, lines)) <= width
    for line, job in zip(lines, JOBS, strict=True):
        id_, upload = line.split()[:2]
        assert job["instance_id"].startswith(id_)
        assert len(id_) == (38 if width >= 145 else 18)
        assert upload.startswith("a-photo")  # without the folder that says nothing
        assert "rejected (unsupported_type)" in line
        assert ("2026-11-23 06:01" in line) == (width >= 100)


def test_a_list_says_which_jobs_wait_and_once_what_for() -> None:
    def running(number: int, stage: str, message: str) -> dict[str, Any]:
        about = {"instance_id": f"media-{number:032x}", "status": "running", "blob_name": f"{number}.mp4"}
        return {**about, "stage": stage, "percent": 10, "message": message}

    place, night = "Waiting for a worker: every place for videos is taken", "Waiting for the off-peak window at 02:00"
    jobs = [running(n, "compressing", place) for n in range(2)]
    jobs += [running(2, "deferred", night), running(3, "compressing", "fits"), running(4, "queued", "Waiting to begin")]
    lines = drawn(tables.of_jobs(jobs, 160), 160)[2:]
    assert [" ".join(line.split()[2:5]).removesuffix(" –") for line in lines] == [
        *["waiting –"] * 2,
        "deferred 10 %",
        "compressing 10 %",
        "queued 10 %",
    ]
    assert tables.waiting_for(jobs) == [f"2 jobs: {place}", f"1 job: {night}"]


def test_the_results_leave_out_what_matters_less_where_there_is_no_room() -> None:
    assert drawn(tables.of_results(MIXED, 160), 160)[0].split() == [
        *("file", "output", "kind", "before", "after", "saved", "result", "time")
    ]
    narrow = drawn(tables.of_results(MIXED, 60), 60)
    assert {"file", "output", "saved", "result"} <= set(narrow[0].split())
    assert "time" not in narrow[0]
    assert max(map(len, narrow)) <= 60


def test_a_file_that_came_of_nothing_adds_no_zero_bytes_to_the_sum() -> None:
    failed = [result(name, status="failed", error_code="upload_failed", original_size=9) for name in ("a", "b")]
    assert drawn(tables.of_results(failed, 160), 160)[-1].split() == ["all", "–", "–", "–", "2", "failed"]


def test_what_was_cancelled_is_said_once() -> None:
    assert tables.what({"status": "cancelled", "error_code": "cancelled", "error": "Somebody did."}) == (
        "cancelled: Somebody did."
    )


def test_the_ids_of_what_did_not_succeed_and_who_was_not_told_stand_below_the_table() -> None:
    refused = {"update_simpi": {"delivery": "refused", "detail": "SIMPI answered 404"}, "notify": {"delivery": "off"}}
    bad = result("c.zip", instance_id=JOBS[0]["instance_id"], status="rejected", error_code="corrupt")
    untold = result("d.jpg", instance_id=JOBS[1]["instance_id"], deliveries=refused)
    first, second = tables.after_results([MIXED[0], bad, untold])
    assert first.startswith(JOBS[0]["instance_id"]) and "c.zip: rejected (corrupt)" in first
    assert second.startswith(JOBS[1]["instance_id"])
    assert "d.jpg: not told to SIMPI: SIMPI answered 404" in second
