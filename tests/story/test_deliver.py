"""The story of what could not be delivered, played with the real generator and scripted rounds."""

from __future__ import annotations

from typing import Any

from orchestrators.deliver import deliver
from tests.story.engine import Activity, Play, play

JOB = "media-" + "0" * 32
OPEN, DONE = {"open": True, "again_s": 0.0}, {"open": False, "again_s": 0.0}


def rounds(*answers: dict[str, Any] | Exception) -> Activity:
    left = list(answers)

    def round_(given: dict[str, Any]) -> dict[str, Any]:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return round_


def told(*answers: dict[str, Any] | Exception, events: Any = None) -> Play:
    return play(deliver, {"instance_id": JOB}, {"deliver_again": rounds(*answers)}, events=events)


def test_it_goes_on_round_after_round_with_growing_waits_until_nothing_is_left() -> None:
    story = told(OPEN, OPEN, OPEN, DONE)
    assert story.output == {"tries": 4}
    assert len(story.waits_s) == 4
    assert story.waits_s[0] >= 5
    assert all(later > earlier for earlier, later in zip(story.waits_s, story.waits_s[1:], strict=False))
    assert [given["tries"] for _, given in story.calls] == [1, 2, 3, 4]


def test_a_receiver_that_asked_for_patience_is_left_alone_for_that_long() -> None:
    assert told({"open": True, "again_s": 777.0}, DONE).waits_s[1] == 777


def test_a_round_that_broke_is_only_a_round_that_did_not_help() -> None:
    assert told(OSError("the storage is away"), DONE).output == {"tries": 2}


def test_somebody_who_asks_is_not_kept_waiting_and_may_ask_again() -> None:
    story = told(OPEN, OPEN, DONE, events={"timer": [("now", None), ("now", None)]})
    assert story.called("deliver_again") == 3
    assert len(story.waits_s) == 1


def test_somebody_who_asks_twice_during_a_round_hurries_once_and_not_for_ever() -> None:
    """The SDK gives an event that nobody waits for to every later wait of its name, again and again."""
    story = told(OPEN, OPEN, OPEN, DONE, events={"deliver_again": [("now", None), ("now", None)]})
    assert story.called("deliver_again") == 4
    assert len(story.waits_s) == 3
