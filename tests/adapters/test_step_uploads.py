"""Which upload of a SIMPI step is the newest, on a real Azurite."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from adapters.blobs import Blobs
from adapters.step_uploads import StepUploads

NOON = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)


def test_the_upload_that_came_last_is_the_newest_whichever_asks_first(blobs: Blobs) -> None:
    steps = StepUploads(blobs)
    assert steps.is_newest("9", "old.mp4", NOON)
    assert steps.is_newest("9", "new.jpg", LATER)
    assert not steps.is_newest("9", "old.mp4", NOON)
    assert steps.is_newest("9", "new.jpg", LATER)
    assert steps.is_newest("10", "old.mp4", NOON), "another step has nothing to do with it"


def test_of_two_that_came_in_one_second_always_the_same_one_is_newer(blobs: Blobs) -> None:
    steps = StepUploads(blobs)
    assert steps.is_newest("tie", "b.jpg", NOON)
    assert not steps.is_newest("tie", "a.jpg", NOON)
    assert steps.is_newest("tie", "b.jpg", NOON)


def test_a_deleted_upload_speaks_for_its_step_only_where_no_other_does(blobs: Blobs) -> None:
    steps = StepUploads(blobs)
    assert steps.is_newest("gone", "only.jpg", NOON)
    assert steps.is_newest("gone", "only.jpg", None)
    assert steps.is_newest("gone", "next.jpg", LATER)
    assert not steps.is_newest("gone", "only.jpg", None)


def test_an_upload_that_was_overwritten_counts_as_new_as_its_newest_version(blobs: Blobs) -> None:
    steps = StepUploads(blobs)
    assert steps.is_newest("same", "a.jpg", NOON)
    assert steps.is_newest("same", "b.jpg", LATER)
    assert steps.is_newest("same", "a.jpg", LATER + timedelta(seconds=1))
    assert not steps.is_newest("same", "b.jpg", LATER)


def test_a_step_may_be_called_anything(blobs: Blobs) -> None:
    assert all(StepUploads(blobs).is_newest(step, "a.jpg", NOON) for step in ("..", "a/b", "ü?#", "x" * 2000))


def test_many_that_ask_at_once_leave_the_newest_noted(blobs: Blobs) -> None:
    steps = StepUploads(blobs)
    uploads = [(f"{number}.jpg", NOON + timedelta(seconds=number)) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda upload: steps.is_newest("crowd", *upload), uploads))
    assert [steps.is_newest("crowd", *upload) for upload in uploads] == [False] * 11 + [True]
