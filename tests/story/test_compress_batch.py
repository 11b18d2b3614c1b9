"""The story of many uploads, played with the real generator and scripted steps."""

from __future__ import annotations

from typing import Any

import pytest

from core.batch import PAGE, Progress
from orchestrators.compress_batch import LOOKS, compress_batch, follow_media
from tests.story.engine import Play, play

BATCH = "batch-" + "0" * 32


def item(name: str, status: str = "success") -> dict[str, Any]:
    return {"blob_name": name, "instance_id": f"media-{name}", "status": status, "error_code": None, "saved_bytes": 10}


def page_of(progress: Progress, names: list[str], next_page: int | None) -> Play:
    steps = {
        "batch_page": lambda given: {"names": names, "next_page": next_page, "total": 120},
        "follow_media": lambda given: item(given["blob_name"], "rejected" if given["blob_name"] == "n3" else "success"),
        "batch_report": lambda given: {},
    }
    return play(compress_batch, progress.to_dict(), steps, last_first=True)


def test_a_page_is_reported_and_the_next_one_begins_with_an_empty_history() -> None:
    names = [f"n{n}" for n in range(PAGE)]
    story = page_of(Progress(BATCH), names, 1)
    assert story.called("follow_media") == PAGE
    report = story.given("batch_report")
    assert [one["blob_name"] for one in report["items"]] == names
    assert story.continued["next_page"] == 1
    assert story.continued["by_status"] == {"success": PAGE - 1, "rejected": 1}
    assert story.continued["total"] == 120


def test_the_last_page_ends_the_batch_with_the_sums_of_all() -> None:
    before = Progress(BATCH, 2, 120, done=100, saved_bytes=1000, by_status={"success": 99, "failed": 1})
    story = page_of(before, ["a", "b"], None)
    assert story.continued is None
    assert story.output["by_status"] == {"success": 101, "failed": 1}
    assert (story.output["done"], story.output["saved_bytes"]) == (102, 1020)


def followed(start: Any, looks: int = 0) -> Play:
    asked: list[int] = []

    def look(given: dict[str, Any]) -> dict[str, Any]:
        asked.append(1)
        return {"item": item("a.jpg") if len(asked) > looks else None}

    return play(follow_media, {"blob_name": "a.jpg"}, {"batch_start": start, "batch_look": look})


def test_a_child_waits_longer_and_longer_for_the_end_of_its_job() -> None:
    story = followed(lambda given: {"instance_id": "media-1"}, looks=14)
    assert story.output == item("a.jpg")
    assert story.waits_s == sorted(story.waits_s)
    assert story.waits_s[-1] == 60


def test_a_child_that_waits_for_hours_begins_a_new_history_and_starts_no_second_job() -> None:
    story = followed(lambda given: {"instance_id": "media-1"}, looks=10_000)
    assert story.output is None
    assert story.called("batch_look") == LOOKS
    assert story.continued == {"blob_name": "a.jpg", "started": {"instance_id": "media-1"}, "wait_s": 60}
    later = play(follow_media, story.continued, {"batch_look": lambda given: {"item": item("a.jpg")}})
    assert (later.output, later.waits_s) == (item("a.jpg"), [60])


def test_an_upload_that_is_not_there_is_its_own_items_fault() -> None:
    story = followed(lambda given: {"instance_id": None})
    assert (story.output["status"], story.output["error_code"]) == ("rejected", "source_gone")


def test_a_child_whose_steps_keep_failing_reports_it_instead_of_failing_the_batch() -> None:
    def broken(given: dict[str, Any]) -> dict[str, Any]:
        raise OSError("no storage")

    story = followed(broken)
    assert (story.output["status"], story.output["error_code"]) == ("failed", "batch_failed")
    assert "no storage" in story.output["error"]


@pytest.mark.parametrize("total", [0, 1, 49, 50, 51])
def test_progress_adds_up(total: int) -> None:
    after = Progress(BATCH).after([item(str(n)) for n in range(total)], None)
    assert (after.done, after.saved_bytes, after.next_page) == (total, 10 * total, None)
