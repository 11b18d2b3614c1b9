"""How a job stands, in the form of `GET /api/status`: queued, under way, done."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.job import job_for
from core.progress import QUEUED, REPORTING, STAGES, began, custom_status, done, encoded, progressed, under_way
from core.receipt import Outcome, make_receipt

NAME = "u/0123456789abcdef/step-9-1716200000000.jpg"
FORM = ["instanceId", "blobName", "status", "stage", "percent", "message", "kind", "receipt"]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MAIN, THUMB = {"role": "main"}, {"role": "thumb"}


@pytest.mark.parametrize(
    ("step", "rendition", "stage", "percent", "kind"),
    [
        ("download", None, "downloading", 0, None),
        ("probe", None, "probing", 5, None),
        ("compress_image", MAIN, "compressing", 10, "image"),
        ("compress_video", MAIN, "compressing", 10, "video"),
        ("upload", None, "uploading", 92, None),
    ],
)
def test_each_stage_is_told_when_it_begins(
    step: str, rendition: dict[str, Any] | None, stage: str, percent: int, kind: str | None
) -> None:
    job = job_for(NAME, "1", 1000)
    assert began(job, step, rendition) == {
        "instanceId": job.instance_id,
        "blobName": NAME,
        "status": "running",
        "stage": stage,
        "percent": percent,
        "message": STAGES[step].message,
        "kind": kind,
        "receipt": None,
    }


@pytest.mark.parametrize(
    ("step", "rendition"), [("compress_image", THUMB), ("compress_image", {}), ("cleanup", None), ("notify", None)]
)
def test_extras_and_what_happens_behind_the_scenes_are_no_news(step: str, rendition: dict[str, Any] | None) -> None:
    assert began(job_for(NAME, "1", 1000), step, rendition) is None


@pytest.mark.parametrize(("of_the_encode", "of_the_job"), [(0, 10), (50, 50), (99.5, 90), (100, 90)])
def test_an_encode_moves_the_job_on_from_where_compressing_began(of_the_encode: float, of_the_job: int) -> None:
    job = job_for(NAME, "1", 1000)
    assert progressed(job, of_the_encode) == {**(began(job, "compress_video", MAIN) or {}), "percent": of_the_job}


def test_a_job_never_goes_back() -> None:
    begun = [QUEUED.percent, *(stage.percent for stage in STAGES.values()), REPORTING.percent]
    assert begun == sorted(begun)
    assert STAGES["compress_video"].percent < encoded(100) < STAGES["upload"].percent < REPORTING.percent < 100


def test_a_job_that_has_not_begun_is_queued_under_its_uploads_name() -> None:
    assert under_way("media-1", None, NAME) == {
        "instanceId": "media-1",
        "blobName": NAME,
        "status": "queued",
        "stage": "queued",
        "percent": 0,
        "message": QUEUED.message,
        "kind": None,
        "receipt": None,
    }


def test_a_job_that_runs_is_shown_by_what_its_story_says() -> None:
    custom = custom_status(NAME, "video", "reporting", 96.4, "Telling")
    assert custom == {"stage": "reporting", "percent": 96, "message": "Telling", "blob_name": NAME, "kind": "video"}
    assert under_way("media-1", custom) == {
        "instanceId": "media-1",
        "blobName": NAME,
        "status": "running",
        "stage": "reporting",
        "percent": 96,
        "message": "Telling",
        "kind": "video",
        "receipt": None,
    }


def test_a_long_message_does_not_stop_the_story() -> None:
    assert len(custom_status(NAME, None, "probing", 5, "m" * 5000)["message"]) == 1000


def test_the_end_shows_the_receipt_but_not_what_is_the_operators_own() -> None:
    job = job_for(NAME, "1", 1000)
    receipt = make_receipt(job, Outcome(kind="video", tier="small"), NOON, NOON)
    shown = {key: value for key, value in receipt.items() if key not in ("recipe", "tools", "deliveries")}
    assert done(receipt) == {
        "instanceId": job.instance_id,
        "blobName": NAME,
        "status": "success",
        "stage": "done",
        "percent": 100,
        "message": "",
        "kind": "video",
        "receipt": shown | {"tier": "small"},
    }
    assert list(done(receipt)) == FORM


@pytest.mark.parametrize(
    ("error", "reason", "message"), [("It broke.", "photo", "It broke."), (None, "photo", "photo"), (None, None, "")]
)
def test_the_end_says_what_went_wrong_or_why_it_was_done_so(
    error: str | None, reason: str | None, message: str
) -> None:
    receipt = make_receipt(job_for(NAME, "1", 1000), Outcome(), NOON, NOON)
    assert done({**receipt, "error": error, "reason": reason})["message"] == message


def test_a_receipt_of_an_older_version_without_a_recipe_can_be_shown() -> None:
    receipt = make_receipt(job_for(NAME, "1", 1000), Outcome(), NOON, NOON)
    del receipt["recipe"]
    assert done(receipt)["receipt"]["tier"] is None
