"""Histories recorded once replay to the same actions: an instance that runs through a deploy must not be led astray.

A change of a story that makes this fail needs a decision, not only a new recording: docs/decisions/0004-changed-stories.md.
Record anew with `python -m tests.story.test_replay`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrators.compress_batch import compress_batch, follow_media
from orchestrators.compress_media import compress_media
from orchestrators.deliver import deliver
from tests.story import test_compress_batch as batch
from tests.story import test_compress_media as media
from tests.story.engine import Play, _flat, play

RECORDED = Path(__file__).with_name("recorded")

ORCHESTRATORS = {
    "compress_media": compress_media,
    "compress_batch": compress_batch,
    "follow_media": follow_media,
    "deliver": deliver,
}


def scenes() -> dict[str, Play]:
    """One play of each way that a story can take."""
    progress = {"compress_video": [("progress", 20), ("progress", 60)]}
    return {
        "compress_media.success": media.told(events=progress),
        "compress_media.retried": media.told(True, compress_video=media.broken_once(media.made)),
        "compress_media.rejected": media.told(probe=media.refusing("corrupt")),
        "compress_media.failed": media.told(upload=media.broken),
        "compress_media.superseded": media.told(upload=media.refusing("superseded")),
        "compress_media.busy": media.told(compress_video=media.busy_for(3, media.made)),
        "compress_media.deferred": media.told(job=media.DEFERRED, events={"timer": [("run_now", None)]}),
        "compress_batch.page": batch.page_of(batch.Progress(batch.BATCH), ["a", "b", "n3"], 1),
        "follow_media.waited": batch.followed(lambda given: {"instance_id": "media-1"}, looks=3),
        "deliver.later": play(
            deliver,
            {"instance_id": media.JOB.instance_id},
            {"deliver_again": lambda given: {"open": given["tries"] < 3, "again_s": 5.0}},
        ),
    }


def answered(name: str, context: str) -> list[dict[str, Any]]:
    """What the story asks for when it is given a recorded context."""
    handle = ORCHESTRATORS[name.partition(".")[0]]._function.get_user_function()
    return list(_flat(json.loads(handle(context))["actions"][0]))


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
def test_a_recorded_history_replays_to_the_same_actions(path: Path) -> None:
    scene = json.loads(path.read_text())
    assert answered(path.stem, json.dumps(scene["context"])) == scene["actions"]


def test_every_orchestrator_has_a_recording() -> None:
    assert {path.stem.partition(".")[0] for path in RECORDED.glob("*.json")} == set(ORCHESTRATORS)


def test_a_history_of_another_story_is_noticed() -> None:
    scene = json.loads((RECORDED / "compress_media.success.json").read_text())
    changed = replace(media.JOB, max_attempts=9).to_dict()
    scene["context"]["input"] = json.dumps(changed)
    scene["context"]["history"][1]["Input"] = json.dumps(changed)
    assert answered("compress_media", json.dumps(scene["context"])) != scene["actions"]


if __name__ == "__main__":
    RECORDED.mkdir(exist_ok=True)
    for name, scene in scenes().items():
        recording = {"context": json.loads(scene.context), "actions": scene.actions}
        (RECORDED / f"{name}.json").write_text(json.dumps(recording, indent=1) + "\n")
