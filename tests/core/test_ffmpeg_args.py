"""Whole command lines, one for each recipe: nothing is said to FFmpeg that is not meant, and nothing is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.rules import load_rules
from core.ffmpeg_args import CODECS, FORMATS, encode_args, poster_args, remux_args, slower
from core.media import Audio
from core.plan import plan
from tests.media_facts import AAC, FILM

RULES = load_rules()

# fmt: off
QUIET = ["-nostdin", "-hide_banner", "-y", "-v", "error"]  # never asks, and says only what is wrong
CONFINED = [  # one file, nine containers, known codecs, and the limits of compression.toml
    "-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-codec_whitelist", CODECS,
    "-max_pixels", "50000000", "-max_streams", "16",
]
SOURCE = ["-i", "file:in.bin"]
PICTURE_AND_SOUND = ["-map", "0:0", "-map", "0:1"]
NOTHING_ELSE = [  # no subtitles, no data, no tags of the file or of a track, no chapters
    "-sn", "-dn", "-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1",
]
FOR_BROWSERS = ["-pix_fmt", "yuv420p", "-profile:v", "high"]  # 8 bits, 4:2:0
NO_TEXTS = "filter_units=pass_types=1-5|7-9"
"""What a camera wrote into the stream (SEI) stays out."""
MP4 = [
    "-t", "14400",                # the longest film that is allowed, whatever the file claims
    "-movflags", "+faststart",    # starts to play while it loads
    "-write_tmcd", "0", "-fflags", "+bitexact",  # no time code track, no encoder's name: the same bytes again
    "-max_muxing_queue_size", "4096",            # sound that begins minutes late fails no film
    "-progress", "pipe:1", "-nostats",           # how far it is, for machines
    "-f", "mp4", "file:out/out.mp4",
]
# fmt: on
BT709 = "range=limited:colorspace=bt709:color_primaries=bt709:color_trc=bt709"


def encoded(size_bytes: int = 1_000_000, **changes: Any) -> list[str]:
    video = replace(FILM, **changes)
    return encode_args(video, plan(video, size_bytes, RULES).renditions[0].spec, RULES.limits)


def test_a_film_of_the_web_is_encoded_smaller_and_its_sound_copied() -> None:
    picture = (
        "scale=1920:1080:flags=bicubic:in_color_matrix=bt709:in_range=limited:out_color_matrix=bt709:out_range=limited,"
        f"format=yuv420p,setsar=1,setparams={BT709}"
    )
    # fmt: off
    assert encoded() == [
        *QUIET, *CONFINED, *SOURCE, *PICTURE_AND_SOUND, *NOTHING_ELSE,
        "-vf", picture,
        "-fps_mode", "vfr",                               # times are kept, frames neither doubled nor dropped
        "-c:v", "libx264", "-preset", "medium", "-crf", "23",  # the tier below 10 MB
        "-maxrate", "7200000", "-bufsize", "14400000",    # nine tenths of the source's rate, over two seconds
        *FOR_BROWSERS,
        "-c:a", "copy",
        *MP4,
    ]
    # fmt: on


def test_a_film_of_a_camera_is_made_fit_for_the_web_in_one_go() -> None:
    sound = Audio("pcm_s16le", None, 96_000, 6, 4_608_000, 2)
    made = encoded(
        60_000_000, codec="hevc", index=1, audio=sound, fps=120.0, interlaced=True, bitrate_bps=0,
        pixel_format="yuv420p10le", transfer="pq", primaries="bt2020", matrix="bt2020nc",
    )  # fmt: skip
    picture = (
        "bwdif=mode=send_frame:deint=interlaced,framestep=2,scale=1280:720:flags=bicubic,"
        "zscale=tin=smpte2084:pin=bt2020:min=2020_ncl:rin=limited:p=bt2020:t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,"
        "tonemap=tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r=limited,format=yuv420p,setsar=1"
    )
    # fmt: off
    assert made == [
        *QUIET, *CONFINED, *SOURCE, "-map", "0:1", "-map", "0:2", *NOTHING_ELSE,
        "-vf", picture, "-fps_mode", "vfr",
        "-c:v", "libx264", "-preset", "fast", "-crf", "27",  # the tier from 50 MB; no cap without a known rate
        *FOR_BROWSERS,
        "-c:a", "aac", "-b:a", "128000", "-ac", "2", "-ar", "48000",
        *MP4,
    ]
    # fmt: on


def test_a_silent_film_stays_silent() -> None:
    made = encoded(audio=None)
    assert made[made.index("-map") : made.index("-vf")] == ["-map", "0:0", *NOTHING_ELSE]
    assert made[-len(MP4) - 1 :] == ["-an", *MP4]


def test_a_remux_copies_picture_and_sound_and_nothing_else() -> None:
    assert remux_args(FILM, RULES.limits) == [
        *QUIET, *CONFINED, *SOURCE, *PICTURE_AND_SOUND, *NOTHING_ELSE, "-c", "copy", "-bsf:v", NO_TEXTS, *MP4
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "filters"),
    [
        ({"container": "mpegts"}, ["-bsf:a", "aac_adtstoasc", "-bsf:v", NO_TEXTS]),
        ({"container": "mpeg"}, ["-bsf:a", "aac_adtstoasc", "-bsf:v", NO_TEXTS]),
        ({"container": "mpegts", "audio": replace(AAC, codec="mp3")}, ["-bsf:v", NO_TEXTS]),
        ({"container": "mpegts", "audio": None}, ["-bsf:v", NO_TEXTS]),
        (
            {"container": "avi", "has_b_frames": True},
            ["-bsf:v", f"dts2pts,setts=pts=if(eq(PTS\\,NOPTS)\\,DTS+4*DURATION\\,PTS),{NO_TEXTS}"],
        ),
        ({"container": "avi", "has_b_frames": False}, ["-bsf:v", NO_TEXTS]),
        ({"container": "mov", "has_b_frames": True}, ["-bsf:v", NO_TEXTS]),
    ],
)
def test_streams_are_only_changed_where_an_mp4_needs_it(changes: dict[str, Any], filters: list[str]) -> None:
    made = remux_args(replace(FILM, **changes), RULES.limits)
    assert made[made.index("copy") + 1 : -len(MP4)] == filters


@pytest.mark.parametrize(("container", "filters"), [("mpegts", ["-bsf:a", "aac_adtstoasc"]), ("mov", [])])
def test_copied_sound_is_repacked_beside_an_encoded_picture_too(container: str, filters: list[str]) -> None:
    made = encoded(container=container)
    assert made[made.index("-c:a") : -len(MP4)] == ["-c:a", "copy", *filters]


@pytest.mark.parametrize(
    ("rate_hz", "channels", "wanted"),
    [
        (48_000, 1, ["-b:a", "80000", "-ac", "1", "-ar", "48000"]),
        (96_000, 8, ["-b:a", "128000", "-ac", "2", "-ar", "48000"]),
        (44_101, 2, ["-b:a", "128000", "-ac", "2", "-ar", "48000"]),
        (44_100, 2, ["-b:a", "128000", "-ac", "2", "-ar", "44100"]),
        (8_000, 0, ["-b:a", "80000", "-ac", "1", "-ar", "44100"]),
    ],
)
def test_other_sound_becomes_aac_with_at_most_two_channels(rate_hz: int, channels: int, wanted: list[str]) -> None:
    made = encoded(audio=Audio("mp3", None, rate_hz, channels, None, 1))
    assert made[made.index("-c:a") : -len(MP4)] == ["-c:a", "aac", *wanted]


STILL = [
    "-an", "-sn", "-dn", "-map_metadata", "-1",
    "-vf", f"scale=640:360:flags=bicubic:in_color_matrix=bt709:in_range=limited:out_color_matrix=bt709:out_range=limited,"
           f"format=yuv420p,setsar=1,setparams={BT709}",
    "-frames:v", "1", "-c:v", "png", "-compression_level", "1",  # without loss, quickly: it is encoded once more
    "-f", "image2", "-update", "1", "file:out/out.png",
]  # fmt: skip


@pytest.mark.parametrize(("at_s", "seek"), [(12.5, ["-ss", "12.500"]), (0.5, ["-ss", "0.500"]), (0.0, [])])
def test_a_poster_is_one_frame_sought_before_decoding_and_the_first_is_not_sought(at_s: float, seek: list[str]) -> None:
    made = poster_args(replace(FILM, index=3), at_s, 640, 360, RULES.limits)
    assert made == [*QUIET, *CONFINED, *seek, *SOURCE, "-map", "0:3", *STILL]


def test_a_poster_of_fields_is_a_whole_frame() -> None:
    made = poster_args(replace(FILM, interlaced=True), 0, 640, 360, RULES.limits)
    assert made[made.index("-vf") + 1] == "bwdif=mode=send_frame:deint=interlaced," + STILL[STILL.index("-vf") + 1]


def test_ffmpeg_gets_nine_containers_and_none_that_refers_to_other_files() -> None:
    formats = FORMATS.split(",")
    assert len(formats) == 9
    assert not {"hls", "concat", "dash", "image2", "lavfi", "sdp", "rtsp", "tee", "applehttp"} & set(formats)


@pytest.mark.parametrize(
    ("fps", "filter_"),
    [
        (120.0, "framestep=2"),
        (119.88, "framestep=2"),
        (240.0, "framestep=4"),
        (96.5, "framestep=2"),
        # Every second frame would leave four fifths of what is allowed, or fewer.
        (96.0, "fps=60"),
        (90.0, "fps=60"),
    ],
)
def test_high_frame_rates_are_thinned_evenly_where_that_leaves_enough(fps: float, filter_: str) -> None:
    assert slower(fps, 60) == filter_


def test_pixels_that_are_not_square_become_so() -> None:
    made = encoded(sar=64 / 45, width_px=1024, height_px=576, coded_width_px=720, coded_height_px=576)
    filters = made[made.index("-vf") + 1].split(",")
    assert filters[0].startswith("scale=1024:576:")
    assert "setsar=1" in filters
