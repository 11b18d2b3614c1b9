"""What the receipt of a job says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.job import job_for
from core.receipt import TERMINAL, Outcome, make_receipt, stamp, status_of

START = datetime(2026, 1, 2, 3, 4, 5, 678_900)  # noqa: DTZ001 - durable hands out naive UTC
DOCS = (Path(__file__).parents[2] / "docs" / "receipt.md").read_text()

MADE = [
    {"role": "thumb", "action": "kept_original", "reason": "small", "format": "png", "argv": ["t"]},
    {"role": "main", "action": "compressed", "reason": "photo", "format": "webp", "argv": ["ffmpeg", "-i"]},
]
OUTPUTS = [
    {"role": "thumb", "blob": "t", "size": 9, "url": "https://x/t"},
    {"role": "main", "blob": "b", "size": 400, "url": "https://x/b"},
]


def outcome() -> Outcome:
    return Outcome(
        kind="image",
        tier="default",
        rules_version="1",
        source={"format": "jpeg"},
        made=MADE,
        outputs=OUTPUTS,
        warnings=["no thumbnail"],
        tools={"pillow": "12"},
        timings_s={"probe": 0.1},
        attempts=2,
        deliveries={"notify": {"delivery": "off"}},
    )


def test_a_success_says_all_that_is_documented() -> None:
    job = replace(
        job_for("step-9-1716200000000.jpg", '"0x1"', 1000), redriven_from="earlier/x.json", earlier_attempts=3
    )
    receipt = make_receipt(job, outcome(), START, START + timedelta(seconds=1.5))
    assert receipt == {
        "schema_version": 1,
        "instance_id": job.instance_id,
        "status": "success",
        "error_code": None,
        "error": None,
        "blob_name": "step-9-1716200000000.jpg",
        "etag": "0x1",
        "step_id": "9",
        "kind": "image",
        "action": "compressed",
        "reason": "photo",
        "original_size": 1000,
        "compressed_size": 400,
        "compression_ratio": 2.5,
        "saved_bytes": 600,
        "output_url": "https://x/b",
        "format": "webp",
        "outputs": OUTPUTS,
        "source": {"format": "jpeg"},
        "quality": None,
        "recipe": {"version": "1", "tier": "default", "argv": ["ffmpeg", "-i"]},
        "tools": {"pillow": "12"},
        "timings_s": {"probe": 0.1},
        "attempts": 5,
        "redriven_from": "earlier/x.json",
        "warnings": ["no thumbnail"],
        "deliveries": {"notify": {"delivery": "off"}},
        "processing_time": 1.5,
        "started_at": "2026-01-02T03:04:05.678Z",
        "completed_at": "2026-01-02T03:04:07.178Z",
    }


def test_a_rejected_job_has_a_code_a_sentence_and_no_output() -> None:
    job = job_for("a.jpg", "1", 1000)
    receipt = make_receipt(job, outcome().ended("rejected", "corrupt", "It does not decode."), START, START)
    assert (receipt["status"], receipt["error_code"], receipt["error"]) == (
        "rejected",
        "corrupt",
        "It does not decode.",
    )
    assert receipt["outputs"] == []
    nothing = ("output_url", "compressed_size", "compression_ratio", "format", "action", "reason")
    assert [receipt[key] for key in nothing] == [None] * 6
    assert receipt["saved_bytes"] == 0


def test_a_job_that_ended_before_anything_was_made_has_a_receipt_too() -> None:
    receipt = make_receipt(job_for("a.jpg", "1", 0), Outcome().ended("rejected", "empty", "Nothing."), START, START)
    assert receipt["recipe"] == {"version": None, "tier": None, "argv": []}
    assert (receipt["kind"], receipt["attempts"], receipt["processing_time"]) == (None, 1, 0)


def test_an_output_without_argv_such_as_a_picture_has_none_in_its_recipe() -> None:
    made = [{"role": "main", "action": "compressed", "reason": "photo", "format": "webp"}]
    receipt = make_receipt(job_for("a.jpg", "1", 9), replace(outcome(), made=made), START, START)
    assert receipt["recipe"]["argv"] == []


def test_a_published_output_larger_than_its_upload_is_not_hidden() -> None:
    outputs = [{"role": "main", "size": 1500, "url": "u"}]
    receipt = make_receipt(job_for("a.jpg", "1", 1000), replace(outcome(), outputs=outputs), START, START)
    assert (receipt["saved_bytes"], receipt["compression_ratio"]) == (-500, 0.667)


def test_a_long_error_does_not_swell_the_history() -> None:
    assert len(outcome().ended("failed", "x_failed", "e" * 100_000).error or "") == 1000


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("superseded", "superseded"), ("cancelled", "cancelled"), ("empty", "rejected"), ("corrupt", "rejected"),
        ("source_gone", "rejected"), ("time_limit", "rejected"),
    ],
)  # fmt: skip
def test_each_permanent_reason_leads_to_its_status(code: str, status: str) -> None:
    assert status_of(code) == status


def test_a_moment_is_in_milliseconds_cut_off_so_that_none_is_in_the_future() -> None:
    assert stamp(START.replace(microsecond=999_999)) == "2026-01-02T03:04:05.999Z"
    assert stamp(START.replace(microsecond=1_000)) == "2026-01-02T03:04:05.001Z"


def test_seconds_are_rounded_to_milliseconds() -> None:
    end = START + timedelta(seconds=1, microseconds=234_567)
    assert make_receipt(job_for("a.jpg", "1", 9), Outcome(), START, end)["processing_time"] == 1.235


def test_every_key_and_every_status_of_a_receipt_is_in_the_documentation() -> None:
    receipt = make_receipt(job_for("a.jpg", "1", 1000), outcome(), START, START)
    assert [key for key in (*receipt, *receipt["recipe"], *TERMINAL) if f"`{key}`" not in DOCS] == []


def test_every_documented_key_is_in_each_receipt() -> None:
    table = DOCS[DOCS.index("| key |") : DOCS.index("## Statuses")]
    documented = {key for line in table.strip().splitlines() for key in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert documented == set(make_receipt(job_for("a.jpg", "1", 1000), Outcome(), START, START))
