"""What is made of a picture: by the rules, by its size, within the limits."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from config.rules import load_rules
from core.errors import Unprocessable
from core.media import Image
from core.plan import Rendition, plan
from core.plan_image import time_for
from core.rules import ImageTier

RULES = load_rules()
PHOTO = Image("jpeg", 4000, 3000, "RGB", False, 1, 1, False)
MB = 1_000_000


def code_of(facts: Image, size_bytes: int = MB) -> str:
    with pytest.raises(Unprocessable) as caught:
        plan(facts, size_bytes, RULES)
    return caught.value.code


def test_a_photo_becomes_a_main_picture_and_a_thumbnail() -> None:
    made = plan(PHOTO, 3 * MB, RULES)
    assert [(one.role, one.kind, one.optional) for one in made.renditions] == [
        ("main", "image", False),
        ("thumb", "image", True),
    ]
    main, thumb = (one.spec for one in made.renditions)
    assert (main["target"], main["quality"], main["max_side_px"], main["effort"]) == ("webp", 85, 2048, "balanced")
    assert thumb["max_side_px"] == 480
    assert "fitted into 2048 px" in made.reason


def test_the_plan_survives_json() -> None:
    for rendition in plan(PHOTO, MB, RULES).renditions:
        assert Rendition(**json.loads(json.dumps(asdict(rendition)))) == rendition


def test_a_rule_by_input_size_overrides_the_default() -> None:
    tier = ImageTier(10 * MB, replace(RULES.images.rule, effort="fast", quality=70))
    rules = replace(RULES, images=replace(RULES.images, tiers=(tier,)))
    assert plan(PHOTO, 9 * MB, rules).renditions[0].spec["quality"] == 85
    large = plan(PHOTO, 10 * MB, rules)
    assert (large.renditions[0].spec["quality"], large.renditions[0].spec["effort"]) == (70, "fast")
    assert large.tier == "from 10000000 bytes"


def test_widths_on_request_but_never_larger_than_the_picture() -> None:
    rules = replace(RULES, images=replace(RULES.images, widths=(640, 1280, 5000)))
    roles = [one.role for one in plan(PHOTO, MB, rules).renditions]
    assert roles == ["main", "thumb", "w640", "w1280"]


def test_thumbnails_can_be_switched_off_and_do_not_move() -> None:
    rules = replace(RULES, images=replace(RULES.images, thumbnail=None))
    assert [one.role for one in plan(PHOTO, MB, rules).renditions] == ["main"]
    animation = replace(PHOTO, format="gif", width_px=200, height_px=200, frames=20)
    main, thumb = plan(animation, MB, RULES).renditions
    assert main.spec["animate"] and not thumb.spec["animate"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"width_px": 8000, "height_px": 7000}, "too_many_pixels"),
        ({"width_px": 20_000, "height_px": 10}, "too_many_pixels"),
        ({"frames": 501, "width_px": 10, "height_px": 10}, "too_many_frames"),
        ({"frames": 400, "width_px": 2000, "height_px": 2000}, "too_many_pixels"),
        ({"width_px": 0}, "no_picture"),
    ],
)
def test_what_costs_too_much_is_refused(changes: dict[str, Any], code: str) -> None:
    assert code_of(replace(PHOTO, **changes)) == code


def test_nothing_and_too_much_are_refused() -> None:
    assert code_of(PHOTO, 0) == "empty"
    assert code_of(PHOTO, RULES.limits.max_input_bytes + 1) == "too_large"


def test_large_pictures_may_take_longer() -> None:
    small, large = replace(PHOTO, width_px=100, height_px=100), replace(PHOTO, frames=10)
    assert RULES.limits.image_time_s <= time_for(small, RULES.limits) < time_for(large, RULES.limits)
