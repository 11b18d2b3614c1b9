"""What subscribers are told, and under which id."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core import events
from core.job import job_for
from core.receipt import Outcome, make_receipt

JOB = job_for("u/0123456789abcdef/step-a-b-1716200000000.jpg", "0x1", 1000)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
RECEIPT = make_receipt(JOB, Outcome(), NOON, NOON)


@pytest.mark.parametrize(
    ("status", "event"),
    [("success", "completed"), ("rejected", "rejected"), ("failed", "failed"), ("cancelled", "cancelled")],
)
def test_each_end_has_its_event_and_the_id_of_the_job_in_it(status: str, event: str) -> None:
    told = events.ended({**RECEIPT, "status": status})
    assert told.type == f"media.processing.{event}"
    assert told.id == f"{JOB.instance_id}.{told.type}"


def test_the_beginning_has_an_event_of_its_own() -> None:
    told = events.started(JOB, RECEIPT["started_at"])
    assert (told.type, told.timestamp) == ("media.processing.started", "2026-01-01T12:00:00.000Z")
    assert told.data["step_id"] == "a-b"
    assert told.id != events.ended(RECEIPT).id


def test_a_second_run_has_other_ids_so_that_nobody_takes_it_for_the_first() -> None:
    again = replace(JOB, redriven_from="earlier/x/2026.json")
    assert events.started(again, "x").id != events.started(JOB, "x").id
    assert events.ended({**RECEIPT, "redriven_from": "earlier/x/2026.json"}).id != events.ended(RECEIPT).id


def test_an_event_carries_nothing_of_the_machine() -> None:
    assert not {"recipe", "tools", "deliveries", "source", "etag"} & set(events.ended(RECEIPT).data)


def test_the_job_can_be_had_back_from_its_receipt() -> None:
    assert events.job_of(RECEIPT) == JOB


def test_simpi_is_told_five_things_at_the_beginning_and_at_the_end() -> None:
    keys = {"processing_status", "compressed_url", "original_size", "compressed_size", "compression_ratio"}
    assert set(events.simpi_state(RECEIPT)) == set(events.simpi_started(JOB)) == keys
    assert events.simpi_started(JOB)["processing_status"] == "processing"
