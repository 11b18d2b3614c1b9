"""What is made of a video: repacked when it is already right, else encoded by its tier; and why."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from config.rules import load_rules
from core.errors import Unprocessable
from core.media import Audio, Video
from core.plan import Rendition, plan
from core.plan_video import audio_rate, buffer_bits, why_not_web_ready
from tests.media_facts import AAC, FILM

RULES = load_rules()
MB = 1_000_000
HUGE = {"coded_width_px": 10_000, "coded_height_px": 5_000}


def film(**changes: Any) -> Video:
    return replace(FILM, **changes)


def spec_of(video: Video, size_bytes: int) -> dict[str, Any]:
    return plan(video, size_bytes, RULES).renditions[0].spec


@pytest.mark.parametrize(
    ("size_bytes", "tier", "crf", "preset", "size"),
    [
        (10 * MB - 1, "small", 23, "medium", (1920, 1080)),
        (10 * MB, "medium", 25, "medium", (854, 480)),
        (50 * MB - 1, "medium", 25, "medium", (854, 480)),
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


def test_all_that_is_made_of_a_film() -> None:
    made = plan(FILM, MB, RULES)
    main = {
        "tier": "small",
        "width_px": 1920,
        "height_px": 1080,
        "crf": 23,
        "preset": "medium",
        "cap_bps": 7_200_000,
        "buffer_bits": 14_400_000,
        "max_fps": None,
        "tonemap": False,
        "deinterlace": False,
        "audio": "copy",
        "audio_bitrate_bps": 128_000,
        "playable": True,
    }
    poster = {
        "target": "webp",
        "quality": 80,
        "max_side_px": 1280,
        "effort": "balanced",
        "animate": False,
        "animation_quality": 75,
        "keep_copyright": False,
    }
    assert made.kind == "video"
    assert made.renditions == (
        Rendition("main", "video", "compress", False, main),
        Rendition("poster", "image", "compress", True, poster),
    )


def test_a_plan_survives_json() -> None:
    for rendition in plan(FILM, MB, RULES).renditions:
        assert Rendition(**json.loads(json.dumps(asdict(rendition)))) == rendition


def test_a_portrait_video_fits_a_portrait_box() -> None:
    spec = spec_of(film(width_px=1080, height_px=1920), 20 * MB)
    assert (spec["width_px"], spec["height_px"]) == (480, 854)


def test_nothing_larger_than_4k_is_written() -> None:
    spec = spec_of(film(width_px=7680, height_px=4320, coded_width_px=7680, coded_height_px=4320), 9 * MB)
    assert (spec["width_px"], spec["height_px"]) == (3840, 2160)


def test_a_poster_can_be_switched_off() -> None:
    rules = replace(RULES, videos=replace(RULES.videos, poster=None))
    assert [one.role for one in plan(FILM, MB, rules).renditions] == ["main"]


def test_a_small_web_ready_video_is_repacked() -> None:
    made = plan(film(bitrate_bps=400_000), MB, RULES)
    assert made.renditions[0].action == "remux"
    assert "repacked" in made.reason
    assert "400 kb/s" in made.reason


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        ({"bitrate_bps": 19_999}, "remux"),  # 0.02 bits for each of 1000 pixels, 1000 times a second
        ({"bitrate_bps": 20_000}, "compress"),
        ({"bitrate_bps": 0}, "compress"),
        ({"bitrate_bps": 19_999, "fps": None}, "compress"),
    ],
)
def test_few_bits_are_counted_by_pixel_and_frame(changes: dict[str, Any], action: str) -> None:
    rules = replace(RULES, videos=replace(RULES.videos, max_fps=1000))
    video = film(width_px=50, height_px=20, fps=1000.0)
    assert plan(replace(video, **changes), MB, rules).renditions[0].action == action


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


@pytest.mark.parametrize(
    "changes",
    [
        {"pixel_format": "yuvj420p"},
        {"profile": "Constrained Baseline"},
        {"profile": "Baseline"},
        {"profile": "Main"},
        {"level": 52},
        {"level": None},
        {"sar": 1.001},
        {"fps": 60.6},
        {"fps": None},
        {"audio": None},
        {"audio": replace(AAC, bitrate_bps=320_000)},  # more than is copied, but browsers play it
        {"audio": replace(AAC, bitrate_bps=None)},
    ],
)
def test_what_browsers_play_is_called_playable(changes: dict[str, Any]) -> None:
    assert why_not_web_ready(film(**changes), RULES.videos) is None


@pytest.mark.parametrize(
    "changes",
    [{"level": 53}, {"sar": 1.002}, {"sar": 0.998}, {"fps": 60.7}, {"height_px": 1079}, {"profile": "High 10"}],
)
def test_what_they_do_not_play_is_not_however_close(changes: dict[str, Any]) -> None:
    assert why_not_web_ready(film(**changes), RULES.videos) is not None


def test_hdr_is_mapped_and_fields_are_joined_and_the_reason_says_so() -> None:
    made = plan(film(transfer="hlg", interlaced=True), MB, RULES)
    assert made.renditions[0].spec["tonemap"] and made.renditions[0].spec["deinterlace"]
    assert "HDR to SDR, deinterlaced" in made.reason
    assert "HDR to SDR" not in plan(film(), MB, RULES).reason


def test_the_reason_of_an_encode_names_its_numbers_and_a_size_that_changes() -> None:
    assert "CRF 25 (medium), fitted to 854×480" in plan(FILM, 20 * MB, RULES).reason
    same = plan(FILM, MB, RULES).reason
    assert "CRF 23 (small)" in same and "1920×1080" not in same


def test_the_rate_is_capped_below_the_sources() -> None:
    assert spec_of(film(bitrate_bps=1_000_000), MB)["cap_bps"] == 900_000
    assert spec_of(film(bitrate_bps=0), MB)["cap_bps"] is None
    assert spec_of(film(bitrate_bps=1), MB)["cap_bps"] == 20_000


def test_the_cap_of_a_short_clip_has_a_small_buffer() -> None:
    assert [buffer_bits(1_000_000, duration_s) for duration_s in (60, 12, 3, 1.2, 0)] == [
        2_000_000,
        2_000_000,
        500_000,
        200_000,
        200_000,
    ]
    assert buffer_bits(None, 3) is None


def test_the_buffer_of_a_still_clip_holds_a_first_picture() -> None:
    assert buffer_bits(20_000, 1, 640 * 360) == 14_400
    assert buffer_bits(1_000_000, 1, 640 * 360) == 200_000


def test_only_high_frame_rates_are_capped() -> None:
    assert spec_of(film(fps=60.06), MB)["max_fps"] is None
    assert spec_of(film(fps=120.0), MB)["max_fps"] == 60


@pytest.mark.parametrize(
    ("audio", "wanted"),
    [
        (AAC, "copy"),
        (replace(AAC, profile=None), "copy"),
        (replace(AAC, profile="HE-AAC"), "copy"),
        (replace(AAC, channels=1), "copy"),
        (replace(AAC, channels=0), "aac"),
        (replace(AAC, sample_rate_hz=8_000), "copy"),
        (replace(AAC, sample_rate_hz=7_350), "aac"),
        (replace(AAC, sample_rate_hz=48_001), "aac"),
        (replace(AAC, bitrate_bps=140_800), "copy"),  # encoders keep to 128 kb/s only so closely
        (replace(AAC, bitrate_bps=140_801), "aac"),
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


@pytest.mark.parametrize(
    ("channels", "had_bps", "gets_bps"),
    [
        (2, 64_000, 64_000),
        (2, 320_000, 128_000),
        (2, None, 128_000),
        (2, 0, 128_000),
        (6, 640_000, 128_000),
        (1, None, 80_000),
        (1, 64_000, 64_000),
        (2, 12_200, 24_000),  # the least that AAC is given
    ],
)
def test_sound_never_gets_more_than_it_had_but_for_the_least(channels: int, had_bps: int | None, gets_bps: int) -> None:
    assert audio_rate(replace(AAC, channels=channels, bitrate_bps=had_bps), 128_000) == gets_bps


def test_silence_gets_no_rate() -> None:
    assert spec_of(film(audio=None), MB)["audio_bitrate_bps"] is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"matrix": "smpte2085"}, "SMPTE 2085"),
        ({"matrix": "ipt-c2"}, "Dolby Vision profile 5"),
        ({"matrix": "ycgco-re"}, "YCgCo-R"),
        ({"matrix": "ycgco-ro"}, "YCgCo-R"),
        ({"matrix": "ictcp"}, "ICtCp without HDR"),
    ],
)
def test_colours_that_nothing_can_convert_are_refused_by_name(changes: dict[str, Any], words: str) -> None:
    plan(film(matrix="ictcp", transfer="pq"), MB, RULES)
    with pytest.raises(Unprocessable) as caught:
        plan(film(**changes), MB, RULES)
    assert caught.value.code == "unsupported_type"
    assert words in caught.value.detail


@pytest.mark.parametrize(
    ("most", "beyond", "code"),
    [
        ({"duration_s": 14_400.0}, {"duration_s": 14_400.1}, "too_long"),
        # 2,000,000,000,000 pixels over all frames: 50 million, 40 times a second; 30 times where a film does not say.
        ({**HUGE, "fps": 40.0, "duration_s": 1000.0}, {"duration_s": 1000.1}, "too_many_pixels"),
        ({**HUGE, "fps": None, "duration_s": 1333.3}, {"duration_s": 1333.4}, "too_many_pixels"),
        ({"coded_width_px": 10_000, "coded_height_px": 5_000}, {"coded_height_px": 5_001}, "too_many_pixels"),
        ({"width_px": 10_000, "height_px": 5_000}, {"height_px": 5_001}, "too_many_pixels"),
        ({"width_px": 16_384, "height_px": 100}, {"width_px": 16_385}, "too_many_pixels"),
        ({"coded_width_px": 100, "coded_height_px": 16_384}, {"coded_height_px": 16_385}, "too_many_pixels"),
        ({"coded_width_px": 1, "coded_height_px": 1}, {"coded_width_px": 0}, "no_picture"),
        ({"coded_width_px": 1, "coded_height_px": 1}, {"coded_height_px": 0}, "no_picture"),
    ],
)
def test_what_is_beyond_a_limit_is_refused_and_what_reaches_it_is_not(
    most: dict[str, Any], beyond: dict[str, Any], code: str
) -> None:
    plan(film(**most), MB, RULES)
    with pytest.raises(Unprocessable) as caught:
        plan(film(**most | beyond), MB, RULES)
    assert caught.value.code == code
