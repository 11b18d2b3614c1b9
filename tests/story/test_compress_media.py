"""The story of one upload, played with the real generator and scripted steps."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from core.job import Job, job_for
from core.policy import STEPS
from orchestrators.compress_media import compress_media
from tests.story.engine import Activity, Play, play

JOB = job_for("step-9-1716200000000.mp4", "0x1", 1000)


def rendition(role: str, kind: str, optional: bool = False) -> dict[str, Any]:
    return {"role": role, "kind": kind, "action": "compress", "optional": optional, "spec": {}}


def made(given: dict[str, Any]) -> dict[str, Any]:
    role = given["rendition"]["role"]
    facts = {
        "role": role,
        "extension": "bin",
        "size": 400,
        "action": "compressed",
        "reason": "smaller",
        "format": "bin",
    }
    return {"ok": True, "elapsed_s": 0.1, "made": {**facts, "argv": []}}


def fine(**more: Any) -> Activity:
    return lambda given: {"ok": True, "elapsed_s": 0.1, **more}


def refusing(code: str) -> Activity:
    return lambda given: {"ok": False, "code": code, "detail": f"It is {code}.", "elapsed_s": 0.1}


def broken(given: dict[str, Any]) -> dict[str, Any]:
    raise OSError("the disk is on fire")


def broken_once(then: Activity) -> Activity:
    tries: list[int] = []

    def step(given: dict[str, Any]) -> dict[str, Any]:
        tries.append(1)
        return broken(given) if len(tries) == 1 else then(given)

    return step


def published(given: dict[str, Any]) -> dict[str, Any]:
    outputs = [{"role": made["role"], "size": made["size"], "url": f"u/{made['role']}"} for made in given["made"]]
    return {"ok": True, "elapsed_s": 0.1, "outputs": outputs}


PLAN = {
    "kind": "video",
    "tier": "small",
    "reason": "small video",
    "renditions": [rendition("main", "video"), rendition("poster", "image", optional=True)],
}
STEPS_FINE: dict[str, Activity] = {
    "download": fine(),
    "probe": fine(facts={"codec": "h264"}, plan=PLAN, rules_version="1", tools={"ffmpeg": "9"}),
    "compress_image": made,
    "compress_video": made,
    "upload": published,
    "begin": fine(delivery="off", detail="", at=None, again_s=None),
    "update_simpi": fine(delivery="delivered", detail="SIMPI answered 200", at="2026", again_s=None),
    "notify": fine(delivery="off", detail="", at="2026", again_s=None),
    "hand_over": fine(),
    "show_end": fine(shown=True),
    "poison": fine(),
    "record": fine(),
    "cleanup": fine(removed=2),
}


def told(last_first: bool = False, events: Any = None, job: Job = JOB, **steps: Activity) -> Play:
    return play(compress_media, job.to_dict(), {**STEPS_FINE, **steps}, events=events, last_first=last_first)


def busy_for(rounds: int, then: Activity) -> Activity:
    tries: list[int] = []

    def step(given: dict[str, Any]) -> dict[str, Any]:
        tries.append(1)
        busy = {"ok": True, "elapsed_s": 0.0, "busy": "every place for videos is taken"}
        return busy if len(tries) <= rounds else then(given)

    return step


@pytest.mark.parametrize("last_first", [False, True])
def test_an_upload_goes_through_every_step_once_whatever_ends_first(last_first: bool) -> None:
    story = told(last_first)
    assert story.output["status"] == "success"
    assert [output["role"] for output in story.output["outputs"]] == ["main", "poster"]
    assert story.stages == ["downloading", "probing", "compressing", "uploading", "reporting", "done"]
    assert {name: story.called(name) for name in STEPS} == dict.fromkeys(STEPS, 1) | {"poison": 0, "hand_over": 0}
    assert story.calls[-3][0] == "record"
    assert {name for name, _ in story.calls[-2:]} == {"cleanup", "show_end"}
    assert story.output["attempts"] == 1


def test_the_recorded_receipt_is_the_output_of_the_orchestration() -> None:
    story = told()
    assert story.given("record")["receipt"] == story.output
    assert story.output["deliveries"]["update_simpi"]["delivery"] == "delivered"


def test_progress_of_the_encoder_shows_in_the_status_and_never_runs_backwards() -> None:
    story = told(events={"compress_video": [("progress", 20), ("progress", 60), ("progress", 95)]})
    percents = [status["percent"] for status in story.statuses]
    assert [status["percent"] for status in story.statuses if status["stage"] == "compressing"][1:] == [26, 58, 86]
    assert percents == sorted(percents)
    assert story.output["status"] == "success"


@pytest.mark.parametrize("step", ["download", "probe", "compress_video", "upload"])
def test_a_passing_fault_is_tried_again_and_the_job_succeeds(step: str) -> None:
    story = told(**{step: broken_once(STEPS_FINE[step])})
    assert story.output["status"] == "success"
    assert story.called(step) == 2
    assert story.output["attempts"] == 2
    assert story.called("poison") == 0


@pytest.mark.parametrize("step", ["download", "probe", "compress_video", "upload"])
def test_a_lasting_fault_ends_as_failed_with_one_poison_message_and_everyone_told(step: str) -> None:
    story = told(**{step: broken})
    assert (story.output["status"], story.output["error_code"]) == ("failed", f"{step}_failed")
    assert "the disk is on fire" in story.output["error"]
    assert story.called(step) == 3
    assert {story.called(name) for name in ("poison", "update_simpi", "notify", "record", "cleanup")} == {1}
    assert story.given("poison")["receipt"]["error_code"] == f"{step}_failed"
    assert story.given("update_simpi")["receipt"]["status"] == "failed"


@pytest.mark.parametrize("step", ["download", "probe", "compress_video", "upload"])
def test_a_permanent_reason_rejects_at_once_without_poison(step: str) -> None:
    story = told(**{step: refusing("corrupt")})
    assert (story.output["status"], story.output["error_code"]) == ("rejected", "corrupt")
    assert story.output["error"] == "It is corrupt."
    assert story.called(step) == 1
    assert story.called("poison") == 0
    assert story.output["outputs"] == []
    assert {story.called(name) for name in ("update_simpi", "notify", "record", "cleanup")} == {1}


def test_an_overwritten_upload_is_superseded_and_leaves_simpi_alone() -> None:
    story = told(upload=refusing("superseded"))
    assert story.output["status"] == "superseded"
    assert story.called("update_simpi") == story.called("notify") == 0
    assert story.called("record") == story.called("cleanup") == 1


@pytest.mark.parametrize("last_first", [False, True])
@pytest.mark.parametrize("fault", [broken, refusing("corrupt")])
def test_a_poster_that_fails_leaves_a_warning_and_a_success(fault: Activity, last_first: bool) -> None:
    story = told(last_first, compress_image=fault)
    assert story.output["status"] == "success"
    assert [output["role"] for output in story.output["outputs"]] == ["main"]
    assert "no poster" in story.output["warnings"][0]


@pytest.mark.parametrize("last_first", [False, True])
def test_a_main_rendition_that_is_refused_outweighs_a_poster_that_was_made(last_first: bool) -> None:
    story = told(last_first, compress_video=refusing("time_limit"))
    assert (story.output["status"], story.output["error_code"]) == ("rejected", "time_limit")
    assert story.called("upload") == 0


@pytest.mark.parametrize("step", ["update_simpi", "notify"])
def test_a_delivery_that_fails_never_fails_the_job_nor_encodes_again(step: str) -> None:
    story = told(**{step: broken})
    assert story.output["status"] == "success"
    assert story.output["deliveries"][step]["delivery"] == "pending"
    assert story.called("hand_over") == 1
    assert story.called(step) == STEPS[step].attempts
    assert story.called("compress_video") == 1


def test_waits_between_attempts_grow_and_are_capped() -> None:
    story = told(record=broken_once(fine()), notify=broken)
    growing = story.waits_s[:2]
    assert growing == sorted(growing)
    assert growing[1] == pytest.approx(2 * growing[0])
    assert max(story.waits_s) <= 300


def test_temporary_files_that_cannot_be_removed_do_not_fail_a_done_job() -> None:
    assert told(cleanup=broken).output["status"] == "success"


def test_a_receipt_that_cannot_be_written_is_an_error_of_the_orchestration_not_a_silent_success() -> None:
    with pytest.raises(Exception, match="record"):
        told(record=broken)


def test_what_crosses_the_durable_boundary_stays_small() -> None:
    assert max(len(json.dumps(given)) for _, given in told().calls) < 45_000


DEFERRED = replace(JOB, defer_until="2026-01-01T02:00:00.000Z")


def test_a_large_upload_waits_for_the_night_and_says_so() -> None:
    story = told(job=DEFERRED)
    assert story.stages[0] == "deferred"
    assert "2026-01-01 02:00 UTC" in story.statuses[0]["message"]
    assert story.waits_s == [7200]
    assert story.output["status"] == "success"


def test_a_deferred_job_runs_at_once_when_somebody_wants_it() -> None:
    story = told(job=DEFERRED, events={"timer": [("run_now", None)]})
    assert story.waits_s == []
    assert story.output["status"] == "success"


def test_a_deferred_job_that_is_cancelled_never_touches_the_upload() -> None:
    story = told(job=DEFERRED, events={"timer": [("cancel", None)]})
    assert (story.output["status"], story.output["error_code"]) == ("cancelled", "cancelled")
    assert story.called("download") == story.called("poison") == 0
    assert story.called("record") == story.called("cleanup") == 1


@pytest.mark.parametrize("last_first", [False, True])
def test_a_video_without_a_place_waits_without_holding_a_worker_and_makes_nothing_twice(last_first: bool) -> None:
    story = told(last_first, compress_video=busy_for(4, made))
    assert story.called("compress_video") == 5
    assert story.called("compress_image") == 1
    assert story.waits_s == pytest.approx([1, 1.5, 2.25, 3.375])
    assert any("every place for videos is taken" in status["message"] for status in story.statuses)
    assert story.output["status"] == "success"


def test_a_job_that_finds_no_room_for_a_day_fails_with_a_poison_message() -> None:
    story = told(compress_video=busy_for(10_000, made))
    assert story.output["status"] == "failed"
    assert "no worker had room" in story.output["error"]
    assert story.called("poison") == 1
    assert len(story.calls) < 1000


def test_a_cancelled_encode_ends_as_cancelled_with_everyone_told() -> None:
    story = told(compress_video=refusing("cancelled"))
    assert story.output["status"] == "cancelled"
    assert story.called("update_simpi") == story.called("record") == story.called("cleanup") == 1
    assert story.given("cleanup")["keep"] is False


def test_what_a_failed_job_has_staged_is_kept_for_a_redrive() -> None:
    assert told(upload=broken).given("cleanup")["keep"] is True


def test_a_job_driven_again_counts_its_earlier_tries() -> None:
    story = told(job=replace(JOB, earlier_attempts=3, redriven_from="earlier/x.json"))
    assert (story.output["attempts"], story.output["redriven_from"]) == (4, "earlier/x.json")
