"""The command lines: built from facts and a plan, without FFmpeg."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.rules import load_rules
from core.ffmpeg_args import encode_args, poster_args, remux_args, slower, source_matrix
from core.media import Video
from core.plan import plan
from tests.media_facts import AAC, FILM

RULES = load_rules()


def args_of(video: Video, size_bytes: int = 1_000_000) -> list[str]:
    return encode_args(video, plan(video, size_bytes, RULES).renditions[0].spec, RULES.limits)


def after(arguments: list[str], option: str) -> str:
    return arguments[arguments.index(option) + 1]


def filters_of(**changes: Any) -> str:
    return after(args_of(replace(FILM, **changes)), "-vf")


@pytest.mark.parametrize(
    "arguments", [args_of(FILM), remux_args(FILM, RULES.limits), poster_args(FILM, 1, 640, 360, RULES.limits)]
)
def test_ffmpeg_may_open_one_file_of_few_formats(arguments: list[str]) -> None:
    assert next(part for part in arguments if part.startswith("file:")) == "file:in.bin"
    assert after(arguments, "-protocol_whitelist") == "file"
    assert "hls" not in after(arguments, "-format_whitelist").split(",")
    assert "concat" not in after(arguments, "-format_whitelist").split(",")
    assert after(arguments, "-max_pixels") == "50000000"
    assert arguments.index("-codec_whitelist") < arguments.index("-i")
    assert "-nostdin" in arguments
    assert not any(part.startswith("/") for part in arguments)


@pytest.mark.parametrize("arguments", [args_of(FILM), remux_args(FILM, RULES.limits)])
def test_only_picture_and_sound_go_along_without_tags(arguments: list[str]) -> None:
    assert [arguments[at + 1] for at, part in enumerate(arguments) if part == "-map"] == ["0:0", "0:1"]
    assert "-sn" in arguments and "-dn" in arguments
    assert after(arguments, "-map_metadata") == "-1"
    assert after(arguments, "-map_chapters") == "-1"
    assert after(arguments, "-movflags") == "+faststart"
    assert after(arguments, "-progress") == "pipe:1"


def test_an_encode_is_8_bit_420_in_a_profile_that_browsers_play() -> None:
    arguments = args_of(FILM)
    assert after(arguments, "-pix_fmt") == "yuv420p"
    assert after(arguments, "-profile:v") == "high"
    assert after(arguments, "-fps_mode") == "vfr"
    assert (after(arguments, "-crf"), after(arguments, "-preset")) == ("23", "medium")


def test_the_rate_is_capped() -> None:
    arguments = args_of(replace(FILM, bitrate_bps=1_000_000))
    assert (after(arguments, "-maxrate"), after(arguments, "-bufsize")) == ("900000", "1800000")
    assert "-maxrate" not in args_of(replace(FILM, bitrate_bps=0))


def test_a_remux_encodes_nothing() -> None:
    arguments = remux_args(FILM, RULES.limits)
    assert after(arguments, "-c") == "copy"
    assert "-vf" not in arguments and "-crf" not in arguments


def test_sound_is_copied_encoded_or_left_out() -> None:
    assert after(args_of(FILM), "-c:a") == "copy"
    loud = args_of(replace(FILM, audio=replace(AAC, codec="mp3", channels=6, sample_rate_hz=96_000)))
    assert (after(loud, "-c:a"), after(loud, "-ac"), after(loud, "-ar")) == ("aac", "2", "48000")
    assert "-an" in args_of(replace(FILM, audio=None))


def test_sound_of_a_transport_stream_is_repacked_for_mp4() -> None:
    assert after(args_of(replace(FILM, container="mpegts")), "-bsf:a") == "aac_adtstoasc"


def test_the_picture_is_scaled_with_square_pixels() -> None:
    assert filters_of(sar=64 / 45, width_px=1024, height_px=576).startswith("scale=1024:576")
    assert "setsar=1" in filters_of()


def test_full_range_becomes_limited() -> None:
    assert "in_range=full:out_range" in filters_of(full_range=True).replace(":out_color_matrix=bt709", "")
    assert "out_range=limited" in filters_of(full_range=True)


def test_rgb_sources_are_not_told_a_matrix() -> None:
    assert "in_color_matrix" not in filters_of(pixel_format="gbrp", matrix="rgb")


@pytest.mark.parametrize(("transfer", "name"), [("pq", "smpte2084"), ("hlg", "arib-std-b67")])
def test_hdr_is_tone_mapped(transfer: str, name: str) -> None:
    filters = filters_of(transfer=transfer, primaries="bt2020", matrix="bt2020nc", pixel_format="yuv420p10le")
    assert f"tin={name}" in filters and "tonemap=" in filters
    assert filters.index("scale=") < filters.index("tonemap=")


def test_a_wide_gamut_without_hdr_is_only_converted() -> None:
    filters = filters_of(transfer="bt2020", primaries="bt2020", matrix="bt2020nc")
    assert "zscale=tin=2020_10" in filters and "tonemap" not in filters


def test_interlaced_pictures_are_joined_before_they_are_scaled() -> None:
    filters = filters_of(interlaced=True)
    assert filters.index("bwdif") < filters.index("scale=")


@pytest.mark.parametrize(
    ("fps", "filter_"), [(120.0, "framestep=2"), (240.0, "framestep=4"), (119.88, "framestep=2"), (90.0, "fps=60")]
)
def test_high_frame_rates_are_thinned_evenly(fps: float, filter_: str) -> None:
    assert slower(fps, 60) == filter_


def test_a_video_that_names_no_colours_is_read_as_players_do() -> None:
    assert source_matrix(replace(FILM, matrix="unknown")) == "bt709"
    assert source_matrix(replace(FILM, matrix="unknown", coded_width_px=720, coded_height_px=576)) == "smpte170m"
    assert source_matrix(replace(FILM, matrix="bt470bg")) == "bt470bg"


def test_a_poster_is_one_frame_of_the_same_colours() -> None:
    arguments = poster_args(FILM, 12.5, 640, 360, RULES.limits)
    assert after(arguments, "-ss") == "12.500"
    assert arguments.index("-ss") < arguments.index("-i")
    assert after(arguments, "-frames:v") == "1"
    assert after(arguments, "-vf").startswith("scale=640:360")
