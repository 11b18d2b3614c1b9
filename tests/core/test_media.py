"""Facts cross the durable boundary as JSON and come back as they were."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from core.media import Image, Video, facts_from_dict
from tests.media_facts import FILM, PICTURE


@pytest.mark.parametrize("facts", [PICTURE, FILM, replace(FILM, audio=None)], ids=["image", "video", "silent"])
def test_facts_survive_json(facts: Image | Video) -> None:
    assert facts_from_dict(json.loads(json.dumps(asdict(facts)))) == facts


def test_facts_of_a_newer_version_are_understood() -> None:
    assert facts_from_dict({**asdict(PICTURE), "added_later": 1}) == PICTURE


def test_what_is_neither_image_nor_video_is_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        facts_from_dict({"kind": "sound"})


def test_facts_of_an_older_version_are_understood() -> None:
    older = {key: value for key, value in asdict(FILM).items() if key not in ("audio", "dropped", "level")}
    assert facts_from_dict(older) == replace(FILM, audio=None, dropped=(), level=None)
