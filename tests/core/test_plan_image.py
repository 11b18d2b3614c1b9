"""What is made of a picture: by the rules, by its size, within the limits."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

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
    shared = {"target": "webp", "effort": "balanced", "animation_quality": 75, "keep_copyright": False}
    assert (made.kind, made.tier) == ("image", "default")
    assert made.renditions == (
        Rendition("main", "image", "compress", False, shared | {"quality": 85, "max_side_px": 2048, "animate": True}),
        Rendition("thumb", "image", "compress", True, shared | {"quality": 80, "max_side_px": 480, "animate": False}),
    )


@pytest.mark.parametrize(
    ("width_px", "frames", "words"),
    [
        (2048, 1, ["JPEG", "WEBP quality 85"]),
        (2049, 1, ["JPEG", "WEBP quality 85", "2048 px"]),
        (300, 20, ["20 frames", "WEBP quality 85"]),
    ],
)
def test_the_reason_names_what_came_what_is_made_and_a_size_that_changes(
    width_px: int, frames: int, words: list[str]
) -> None:
    reason = plan(replace(PHOTO, width_px=width_px, height_px=300, frames=frames), MB, RULES).reason
    assert all(word in reason for word in words)
    assert ("2048 px" in reason) == (width_px > 2048)


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
    rules = replace(RULES, images=replace(RULES.images, widths=(640, 3999, 4000, 5000)))
    main, _, small, large = plan(PHOTO, MB, rules).renditions
    assert (small.role, small.kind, small.action, small.optional) == ("w640", "image", "compress", True)
    assert small.spec == main.spec | {"width_px": 640}
    assert (large.role, large.spec["width_px"]) == ("w3999", 3999)


def test_thumbnails_can_be_switched_off_and_do_not_move() -> None:
    rules = replace(RULES, images=replace(RULES.images, thumbnail=None))
    assert [one.role for one in plan(PHOTO, MB, rules).renditions] == ["main"]
    animation = replace(PHOTO, format="gif", width_px=200, height_px=200, frames=20)
    main, thumb = plan(animation, MB, RULES).renditions
    assert main.spec["animate"] and not thumb.spec["animate"]


@pytest.mark.parametrize(
    ("most", "beyond", "code"),
    [
        ({"width_px": 10_000, "height_px": 5_000}, {"height_px": 5_001}, "too_many_pixels"),
        ({"width_px": 16_384, "height_px": 10}, {"width_px": 16_385}, "too_many_pixels"),
        ({"width_px": 10, "height_px": 16_384}, {"height_px": 16_385}, "too_many_pixels"),
        ({"frames": 500, "width_px": 10, "height_px": 10}, {"frames": 501}, "too_many_frames"),
        ({"frames": 500, "width_px": 1000, "height_px": 1000}, {"width_px": 1001}, "too_many_pixels"),
        ({"width_px": 1, "height_px": 1}, {"width_px": 0}, "no_picture"),
        ({"width_px": 1, "height_px": 1}, {"height_px": 0}, "no_picture"),
    ],
)
def test_what_is_beyond_a_limit_is_refused_and_what_reaches_it_is_not(
    most: dict[str, int], beyond: dict[str, int], code: str
) -> None:
    plan(replace(PHOTO, **most), MB, RULES)
    assert code_of(replace(PHOTO, **most | beyond)) == code


def test_an_upload_has_at_least_one_byte_and_at_most_5_gib() -> None:
    plan(PHOTO, 1, RULES)
    plan(PHOTO, 5 * 1024**3, RULES)
    assert code_of(PHOTO, 0) == "empty"
    assert code_of(PHOTO, 5 * 1024**3 + 1) == "too_large"


def test_a_picture_may_take_eight_seconds_and_half_a_second_for_each_megapixel_of_all_its_frames() -> None:
    assert time_for(replace(PHOTO, width_px=4000, height_px=3000), RULES.limits) == 14
    assert time_for(replace(PHOTO, width_px=1000, height_px=500, frames=40), RULES.limits) == 18
