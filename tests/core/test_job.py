"""The job of an upload: what its orchestration is given."""

import json

import pytest

from core import errors, naming
from core.errors import Unprocessable
from core.job import Job, job_for
from core.live import user_of
from core.receipt import status_of

NAME = "u/0123456789abcdef/step-9-1716200000000.jpg"


def test_a_job_is_of_one_version_of_one_upload() -> None:
    assert job_for(NAME, '"0x8D"', 1000) == Job(
        instance_id=naming.instance_id("uploads", NAME, "0x8D"),
        blob_name=NAME,
        etag="0x8D",
        size_bytes=1000,
        container="uploads",
        step_id="9",
        priority="normal",
        max_attempts=3,
        defer_until=None,
        redriven_from=None,
        earlier_attempts=0,
    )


def test_what_was_asked_for_goes_along() -> None:
    job = job_for(NAME, "1", 1000, step_id="7", priority="high", max_attempts=5, defer_until="2026-01-11T01:00:00.000Z")
    assert (job.priority, job.max_attempts, job.defer_until) == ("high", 5, "2026-01-11T01:00:00.000Z")
    assert job.step_id == "7"


def test_a_job_survives_the_durable_boundary() -> None:
    job = job_for(NAME, "1", 1000)
    assert Job(**json.loads(json.dumps(job.to_dict()))) == job


@pytest.mark.parametrize(
    "changes", [{"blob_name": "b.jpg"}, {"etag": "2"}, {"container": "temp"}, {"instance_id": "x"}]
)
def test_no_job_runs_under_the_id_of_another_upload(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="id of a job"):
        Job(**job_for(NAME, "1", 1000).to_dict() | changes)


def test_an_upload_is_told_to_its_owner_and_one_without_an_owner_to_the_operators() -> None:
    assert user_of(NAME) == "0123456789abcdef"
    assert user_of("step-9-1716200000000.jpg") == "operators"


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (errors.cancelled, "cancelled", "cancelled"),
        (errors.superseded, "superseded", "superseded"),
        (errors.source_gone, "source_gone", "rejected"),
    ],
)
def test_what_stops_a_job_for_good_has_a_documented_code_and_a_sentence(error: type, code: str, status: str) -> None:
    stopped = error()
    assert isinstance(stopped, Unprocessable)
    assert stopped.code == code
    assert status_of(stopped.code) == status
    assert str(stopped) == f"{code}: {stopped.detail}"
    assert stopped.detail.endswith(".")
