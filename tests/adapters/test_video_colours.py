"""Films whose colours are written in a rare way come out in the web's colours, or are refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from core.errors import Unprocessable
from tests.media_making import make, video_of
from tests.media_samples import CORNERS, ffmpeg, frames_of, quarters, video

SDR = "p=bt709:t=bt709"
WAYS = {
    "YCgCo": (f"zscale=m=ycgco:{SDR}:r=limited", "yuv420p", "ycgco"),
    "YCgCo, full range": (f"zscale=m=ycgco:{SDR}:r=full", "yuv444p", "ycgco"),
    "SMPTE 240M": (f"zscale=m=smpte240m:{SDR}:r=limited", "yuv420p", "smpte240m"),
    "FCC": (f"zscale=m=fcc:{SDR}:r=limited", "yuv420p", "fcc"),
    "constant luminance": ("zscale=m=2020_cl:p=2020:t=2020_10:r=limited", "yuv420p10le", "bt2020c"),
    "derived from the primaries": (f"zscale=m=chroma-derived-nc:{SDR}:r=limited", "yuv420p", "chroma-derived-nc"),
}


def written(path: Path, way: str, pixels: str, *options: str) -> Path:
    """A film of the four coloured quarters, whose pixels are written this way."""
    quarters(320, 180).save(still := path.with_suffix(".png"))
    rgb = "format=gbrp,setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr"
    codec = options or ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "4", "-x265-params", "log-level=none")
    ffmpeg("-loop", "1", "-t", "0.4", "-i", still, "-vf", f"{rgb},{way},format={pixels}", *codec, path)
    return path


def difference(path: Path) -> int:
    """How far the middle of a quarter is from the colour that it should have, at most."""
    picture: Image.Image = frames_of(path)[3]
    places = [(x, y) for y in (45, 135) for x in (80, 240)]
    found = [picture.resize((320, 180)).getpixel(place) for place in places]
    return max(abs(a - b) for one, colour in zip(found, CORNERS, strict=True) for a, b in zip(one, colour, strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("way", WAYS)
def test_a_rare_matrix_becomes_the_webs(tmp_path: Path, way: str) -> None:
    conversion, pixels, name = WAYS[way]
    source = written(tmp_path / "a.mkv", conversion, pixels)
    assert video_of(source).matrix == name
    made = make(source, tmp_path / "out")
    facts = video_of(made.path)
    assert (facts.pixel_format, facts.matrix, facts.full_range) == ("yuv420p", "bt709", False)
    assert difference(made.path) < 20
    poster = make(source, tmp_path / "out", "poster")
    with Image.open(poster.path) as picture:
        assert picture.size == (320, 180)


def test_hdr_in_ictcp_looks_as_it_does_in_ycbcr(tmp_path: Path) -> None:
    pictures = []
    for name in ("ictcp", "2020_ncl"):
        way = f"zscale=m={name}:p=2020:t=smpte2084:r=limited:npl=203"
        source = written(tmp_path / f"{name}.mkv", way, "yuv420p10le")
        assert video_of(source).is_hdr
        pictures.append(frames_of(make(source, tmp_path / name).path)[3].resize((16, 16)).tobytes())
    assert max(abs(a - b) for a, b in zip(*pictures, strict=True)) < 30


@pytest.mark.parametrize("number", [0, 4, 7, 8, 10, 12, 13])
def test_a_film_that_names_a_rare_matrix_and_nothing_else_is_encoded_for_the_web(tmp_path: Path, number: int) -> None:
    """Repacked, the mark would go along, and browsers show such films in false colours or not at all."""
    source = video(tmp_path / "a.mp4", "-bsf:v", f"h264_metadata=matrix_coefficients={number}", seconds=0.4)
    made = make(source, tmp_path / "out")
    assert made.action == "compressed"
    assert video_of(made.path).matrix in ("bt709", "smpte170m")


@pytest.mark.parametrize(("number", "words"), [(11, "SMPTE 2085"), (14, "ICtCp")])
def test_what_cannot_be_converted_is_refused_with_the_reason(tmp_path: Path, number: int, words: str) -> None:
    source = video(tmp_path / "a.mp4", "-bsf:v", f"h264_metadata=matrix_coefficients={number}", seconds=0.4)
    with pytest.raises(Unprocessable) as refused:
        video_of(source)
    assert refused.value.code == "unsupported_type"
    assert words in refused.value.detail and "BT.709" in refused.value.detail


HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-tag:v", "dvh1")
PLAIN = "setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown"
HLG = "setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=arib-std-b67"


def test_dolby_vision_in_colours_of_its_own_is_refused_and_not_shown_in_green_and_purple(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4", *HEVC, "-vf", f"format=yuv420p10le,{PLAIN}", seconds=0.4)
    with pytest.raises(Unprocessable) as refused:
        video_of(source)
    assert refused.value.code == "unsupported_type"
    assert "Dolby Vision profile 5" in refused.value.detail


def test_dolby_vision_above_hlg_is_tone_mapped_as_hlg(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4", *HEVC, "-vf", f"format=yuv420p10le,{HLG}", seconds=0.4)
    assert video_of(source).transfer == "hlg"
    assert video_of(make(source, tmp_path / "out").path).transfer == "bt709"


def test_a_short_still_clip_of_few_bytes_does_not_come_out_grey(tmp_path: Path) -> None:
    source = video(tmp_path / "a.webm", "-c:v", "libvpx-vp9", "-cpu-used", "8", "-crf", "40", "-b:v", "0",
                   size="640x360", seconds=1, source="smptehdbars", sound=False)  # fmt: skip
    made = make(source, tmp_path / "out")
    pairs = zip(*(frames_of(path)[0].resize((32, 18)).tobytes() for path in (source, made.path)), strict=True)
    assert sum(abs(a - b) for a, b in pairs) / (32 * 18 * 3) < 12
