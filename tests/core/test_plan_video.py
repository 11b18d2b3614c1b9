"""What is made of a video: repacked when it is already right, else encoded by its tier; and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.rules import load_rules
from core.errors import Unprocessable
from core.media import Audio, Video
from core.plan import plan
from core.plan_video import audio_rate, buffer_bits, copies_audio, why_not_web_ready
from tests.media_facts import AAC, FILM

RULES = load_rules()
MB = 1_000_000


def film(**changes: Any) -> Video:
    return replace(FILM, **changes)


def spec_of(video: Video, size_bytes: int) -> dict[str, Any]:
    return plan(video, size_bytes, RULES).renditions[0].spec


@pytest.mark.parametrize(
    ("size_bytes", "tier", "crf", "preset", "size"),
    [
        (10 * MB - 1, "small", 23, "medium", (1920, 1080)),
        (10 * MB, "medium", 25, "medium", (854, 480)),
        (50 * MB, "large", 27, "fast", (1280, 720)),
    ],
)
def test_the_tier_follows_the_uploads_size(
    size_bytes: int, tier: str, crf: int, preset: str, size: tuple[int, int]
) -> None:
    made = plan(FILM, size_bytes, RULES)
    spec = made.renditions[0].spec
    assert made.tier == tier
    assert (spec["crf"], spec["preset"], (spec["width_px"], spec["height_px"])) == (crf, preset, size)


def test_a_portrait_video_fits_a_portrait_box() -> None:
    spec = spec_of(film(width_px=1080, height_px=1920), 20 * MB)
    assert (spec["width_px"], spec["height_px"]) == (480, 854)


def test_nothing_larger_than_4k_is_written() -> None:
    spec = spec_of(film(width_px=7680, height_px=4320, coded_width_px=7680, coded_height_px=4320), 9 * MB)
    assert (spec["width_px"], spec["height_px"]) == (3840, 2160)


def test_a_poster_comes_along_and_may_fail() -> None:
    poster = plan(FILM, MB, RULES).renditions[1]
    assert (poster.role, poster.kind, poster.optional) == ("poster", "image", True)


def test_a_small_web_ready_video_is_repacked() -> None:
    made = plan(film(bitrate_bps=400_000), MB, RULES)
    assert made.renditions[0].action == "remux"
    assert "repacked" in made.reason


def test_it_is_not_repacked_when_it_must_shrink() -> None:
    assert plan(film(bitrate_bps=400_000), 20 * MB, RULES).renditions[0].action == "compress"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"codec": "hevc"}, "HEVC"),
        ({"pixel_format": "yuv422p"}, "yuv422p"),
        ({"pixel_format": "yuv420p10le"}, "yuv420p10le"),
        ({"profile": "High 4:4:4 Predictive"}, "profile"),
        ({"profile": None}, "profile"),
        ({"level": 62}, "level"),
        ({"transfer": "pq"}, "HDR"),
        ({"interlaced": True}, "interlaced"),
        ({"sar": 1.5}, "square"),
        ({"width_px": 435}, "odd"),
        ({"fps": 120.0}, "120 frames"),
        ({"audio": Audio("mp3", None, 44_100, 2, 128_000, 1)}, "MP3"),
        ({"audio": replace(AAC, channels=6)}, "6 channel"),
    ],
)
def test_what_browsers_do_not_play_is_encoded_and_says_why(changes: dict[str, Any], word: str) -> None:
    video = film(bitrate_bps=400_000, **changes)
    made = plan(video, MB, RULES)
    assert made.renditions[0].action == "compress"
    assert word in made.reason
    assert not made.renditions[0].spec["playable"]


def test_a_web_ready_video_is_called_playable() -> None:
    assert why_not_web_ready(FILM, RULES.videos) is None
    assert spec_of(FILM, MB)["playable"]


def test_hdr_is_mapped_and_fields_are_joined() -> None:
    spec = spec_of(film(transfer="hlg", interlaced=True), MB)
    assert spec["tonemap"] and spec["deinterlace"]


def test_the_rate_is_capped_below_the_sources() -> None:
    assert spec_of(film(bitrate_bps=1_000_000), MB)["cap_bps"] == 900_000
    assert spec_of(film(bitrate_bps=0), MB)["cap_bps"] is None


def test_the_cap_of_a_short_clip_has_a_small_buffer() -> None:
    assert buffer_bits(1_000_000, 60) == 2_000_000
    assert buffer_bits(1_000_000, 3) == 500_000
    assert buffer_bits(None, 3) is None


def test_only_high_frame_rates_are_capped() -> None:
    assert spec_of(film(fps=60.06), MB)["max_fps"] is None
    assert spec_of(film(fps=120.0), MB)["max_fps"] == 60


@pytest.mark.parametrize(
    ("audio", "wanted"),
    [
        (AAC, "copy"),
        (replace(AAC, bitrate_bps=320_000), "aac"),
        (replace(AAC, bitrate_bps=None), "aac"),
        (replace(AAC, profile="Main"), "aac"),
        (replace(AAC, channels=6), "aac"),
        (replace(AAC, sample_rate_hz=96_000), "aac"),
        (replace(AAC, codec="opus"), "aac"),
        (None, None),
    ],
)
def test_sound_is_copied_only_when_it_is_right(audio: Audio | None, wanted: str | None) -> None:
    assert spec_of(film(audio=audio), MB)["audio"] == wanted


def test_sound_never_gets_more_than_it_had() -> None:
    assert audio_rate(replace(AAC, bitrate_bps=64_000), 128_000) == 64_000
    assert audio_rate(replace(AAC, bitrate_bps=320_000), 128_000) == 128_000
    assert audio_rate(replace(AAC, channels=1, bitrate_bps=None), 128_000) == 80_000
    assert audio_rate(None, 128_000) is None
    assert copies_audio(replace(AAC, bitrate_bps=1_000_000), None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"duration_s": 20_000.0}, "too_long"),
        ({"coded_width_px": 8192, "coded_height_px": 8192}, "too_many_pixels"),
        ({"width_px": 20_000, "height_px": 100}, "too_many_pixels"),
        ({"coded_width_px": 0}, "no_picture"),
    ],
)
def test_what_costs_too_much_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        plan(film(**changes), MB, RULES)
    assert caught.value.code == code
