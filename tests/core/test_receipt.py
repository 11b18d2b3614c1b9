"""What the receipt of a job says."""

from datetime import datetime, timedelta
from pathlib import Path

from core.job import job_for
from core.receipt import Outcome, make_receipt, status_of

START = datetime(2026, 1, 2, 3, 4, 5, 678_000)  # noqa: DTZ001 - durable hands out naive UTC
JOB = job_for("step-9-1716200000000.jpg", '"0x1"', 1000)


def outcome() -> Outcome:
    made = {"role": "main", "action": "compressed", "reason": "photo", "format": "webp", "argv": []}
    output = {"role": "main", "blob": "b", "url": "u", "size": 400}
    return Outcome(kind="image", tier="all", made=[made], outputs=[output, {"role": "thumb", "size": 9, "url": "t"}])


def test_a_success_says_what_it_saved() -> None:
    receipt = make_receipt(JOB, outcome(), START, START + timedelta(seconds=1.5))
    assert receipt["status"] == "success"
    assert (receipt["original_size"], receipt["compressed_size"], receipt["saved_bytes"]) == (1000, 400, 600)
    assert receipt["compression_ratio"] == 2.5
    assert receipt["output_url"] == "u"
    assert receipt["processing_time"] == 1.5
    assert (receipt["started_at"], receipt["completed_at"]) == ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:07.178Z")
    assert receipt["step_id"] == "9"


def test_a_rejected_job_has_a_code_a_sentence_and_no_output() -> None:
    receipt = make_receipt(JOB, outcome().ended("rejected", "corrupt", "It does not decode."), START, START)
    assert (receipt["status"], receipt["error_code"], receipt["error"]) == (
        "rejected",
        "corrupt",
        "It does not decode.",
    )
    assert receipt["outputs"] == []
    assert receipt["output_url"] is receipt["compressed_size"] is receipt["compression_ratio"] is None
    assert receipt["saved_bytes"] == 0


def test_a_long_error_does_not_swell_the_history() -> None:
    assert len(outcome().ended("failed", "x_failed", "e" * 100_000).error or "") == 1000


def test_an_overwritten_upload_is_superseded_and_all_else_permanent_is_rejected() -> None:
    assert status_of("superseded") == "superseded"
    assert {status_of(code) for code in ("empty", "corrupt", "source_gone")} == {"rejected"}


def test_every_key_of_a_receipt_is_in_the_documentation() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "receipt.md").read_text()
    receipt = make_receipt(JOB, outcome(), START, START)
    assert [key for key in receipt if f"`{key}`" not in documented] == []
