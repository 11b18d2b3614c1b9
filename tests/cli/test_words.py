"""Numbers, sums and tables as people and machines read them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from cli import tables, text
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
    Console(file=page, width=160).print(tables.of_results(MIXED))
    lines = page.getvalue().splitlines()
    assert "compressed: WEBP quality 85" in lines[2]
    assert "original kept: already small" in lines[3]
    assert "rejected, unsupported_type: No picture." in lines[4]
    assert "2 success, 1 rejected" in lines[-1]


def test_a_file_name_is_never_taken_for_markup() -> None:
    from rich.console import Console

    page = io.StringIO()
    Console(file=page, width=160).print(
        tables.of_results([result("[red]a[/red].jpg", original_size=2, compressed_size=1)])
    )
    assert "[red]a[/red].jpg" in page.getvalue()


def test_a_result_in_json_is_the_receipt_and_the_files() -> None:
    told = result("a.jpg", instance_id="media-1").to_json()
    assert told["file"] == "a.jpg"
    assert told["downloaded"] == []
    assert told["instance_id"] == "media-1"
    assert "problem" not in told
