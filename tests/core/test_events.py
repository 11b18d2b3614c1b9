"""What subscribers and SIMPI are told, and under which id."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import events
from core.job import Job, job_for
from core.receipt import Outcome, make_receipt

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
AGAIN = "earlier/x/2026.json"
WEBHOOKS = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()

MADE = [{"role": "main", "action": "compressed", "reason": "photo", "format": "webp"}]
OUTPUTS = [{"role": "main", "size": 400, "url": "https://x/b"}]


def job(**changes: Any) -> Job:
    return replace(job_for("u/0123456789abcdef/step-a-b-1716200000000.jpg", "0x1", 1000), **changes)


def receipt(**changes: Any) -> dict[str, Any]:
    done = Outcome(kind="image", made=MADE, outputs=OUTPUTS)
    return make_receipt(job(), done, NOON, NOON + timedelta(seconds=2)) | changes


@pytest.mark.parametrize(
    ("status", "event"),
    [("success", "completed"), ("rejected", "rejected"), ("failed", "failed"), ("cancelled", "cancelled")],
)
def test_each_end_has_its_event_and_the_id_of_the_job_in_it(status: str, event: str) -> None:
    told = events.ended(receipt(status=status))
    assert told.type == f"media.processing.{event}"
    assert told.id == f"{job().instance_id}.{told.type}"
    assert f"`{told.type}`" in WEBHOOKS


def test_the_beginning_is_told_with_what_is_known_then() -> None:
    told = events.started(job(), "2026-01-01T12:00:00.000Z")
    assert told.id == f"{job().instance_id}.media.processing.started"
    assert told.payload() == {
        "type": "media.processing.started",
        "timestamp": "2026-01-01T12:00:00.000Z",
        "data": {
            "instance_id": job().instance_id,
            "blob_name": "u/0123456789abcdef/step-a-b-1716200000000.jpg",
            "step_id": "a-b",
            "original_size": 1000,
            "started_at": "2026-01-01T12:00:00.000Z",
        },
    }


def test_the_end_is_told_with_what_is_documented_and_nothing_of_the_machine() -> None:
    told = events.ended(receipt()).payload()
    assert told["timestamp"] == "2026-01-01T12:00:02.000Z"
    assert told["data"] == {
        "instance_id": job().instance_id,
        "blob_name": "u/0123456789abcdef/step-a-b-1716200000000.jpg",
        "step_id": "a-b",
        "status": "success",
        "error_code": None,
        "error": None,
        "kind": "image",
        "action": "compressed",
        "reason": "photo",
        "format": "webp",
        "original_size": 1000,
        "compressed_size": 400,
        "saved_bytes": 600,
        "compression_ratio": 2.5,
        "output_url": "https://x/b",
        "attempts": 1,
        "processing_time": 2.0,
        "started_at": "2026-01-01T12:00:00.000Z",
        "completed_at": "2026-01-01T12:00:02.000Z",
    }
    listed = WEBHOOKS[WEBHOOKS.index("`data` holds") : WEBHOOKS.index("at the beginning only")]
    assert list(told["data"]) == re.findall(r"`(\w+)`", listed)[1:]


def test_a_second_run_has_other_ids_so_that_nobody_takes_it_for_the_first() -> None:
    first, second = job().instance_id, events.effect_id(job().instance_id, AGAIN)
    assert events.effect_id(first, None) == first
    assert re.fullmatch(rf"{first}\.[0-9a-f]{{8}}", second)
    assert events.started(job(redriven_from=AGAIN), "x").id == f"{second}.media.processing.started"
    assert events.ended(receipt(redriven_from=AGAIN)).id == f"{second}.media.processing.completed"
    assert events.effect_id(first, "earlier/x/2027.json") != second


@pytest.mark.parametrize("changes", [{}, {"redriven_from": AGAIN}, {"step_id": None}])
def test_the_job_can_be_had_back_from_its_receipt(changes: dict[str, Any]) -> None:
    assert events.job_of(make_receipt(job(**changes), Outcome(), NOON, NOON)) == job(**changes)


def test_a_receipt_of_an_older_version_knows_of_no_second_run() -> None:
    older = receipt()
    del older["redriven_from"]
    assert events.job_of(older) == job()
    assert events.ended(older).id == events.ended(receipt()).id


def test_simpi_is_told_that_a_step_is_being_worked_on() -> None:
    assert events.simpi_started(job()) == {
        "processing_status": "processing",
        "compressed_url": None,
        "original_size": 1000,
        "compressed_size": None,
        "compression_ratio": None,
    }


def test_simpi_is_told_how_it_ended() -> None:
    assert events.simpi_state(receipt()) == {
        "processing_status": "success",
        "compressed_url": "https://x/b",
        "original_size": 1000,
        "compressed_size": 400,
        "compression_ratio": 2.5,
    }
