"""The picture's colours: those of the web are kept and tagged, all others become theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.ffmpeg_args import picture_filters
from tests.media_facts import FILM

BT709 = "range=limited:colorspace=bt709:color_primaries=bt709:color_trc=bt709"


@pytest.mark.parametrize(
    ("changes", "source", "tags"),
    [
        ({}, "in_color_matrix=bt709:in_range=limited", BT709),
        ({"full_range": True}, "in_color_matrix=bt709:in_range=full", BT709),
        # An HD film is told BT.709 whatever else it says of itself.
        ({"primaries": "bt470bg", "transfer": "smpte170m"}, "in_color_matrix=bt709:in_range=limited", BT709),
        (
            {"matrix": "smpte170m", "primaries": "unknown", "transfer": "unknown"},
            "in_color_matrix=smpte170m:in_range=limited",
            "range=limited:colorspace=smpte170m:color_primaries=smpte170m:color_trc=smpte170m",
        ),
        (
            {"matrix": "bt470bg", "primaries": "unknown", "transfer": "unknown"},
            "in_color_matrix=bt470bg:in_range=limited",
            "range=limited:colorspace=bt470bg:color_primaries=bt470bg:color_trc=smpte170m",
        ),
        (
            {"matrix": "bt470bg", "primaries": "smpte170m", "transfer": "smpte170m"},
            "in_color_matrix=bt470bg:in_range=limited",
            "range=limited:colorspace=bt470bg:color_primaries=smpte170m:color_trc=smpte170m",
        ),
        *(
            (
                {"matrix": "smpte170m", "primaries": said, "transfer": said},
                "in_color_matrix=smpte170m:in_range=limited",
                f"range=limited:colorspace=smpte170m:color_primaries={said}:color_trc={said}",
            )
            for said in ("bt709", "smpte170m", "bt470bg")
        ),
    ],
)
def test_colours_of_the_web_keep_their_matrix_and_are_tagged(changes: dict[str, Any], source: str, tags: str) -> None:
    video = replace(FILM, **changes)
    assert picture_filters(video, 640, 360) == [
        f"scale=640:360:flags=bicubic:{source}:out_color_matrix={video.matrix}:out_range=limited",
        "format=yuv420p",
        "setsar=1",
        f"setparams={tags}",
    ]


@pytest.mark.parametrize(
    ("pixel_format", "has_matrix"),
    [
        ("yuv422p", True), ("nv12", True), ("p010le", True), ("uyvy422", True), ("yuyv422", True),
        ("gbrp", False), ("rgb24", False), ("pal8", False), ("gray", False),
    ],
)  # fmt: skip
def test_only_pixels_that_have_a_matrix_are_read_by_one(pixel_format: str, has_matrix: bool) -> None:
    scale = picture_filters(replace(FILM, pixel_format=pixel_format), 640, 360)[0]
    read_by = ":in_color_matrix=bt709:in_range=limited" if has_matrix else ""
    assert scale == f"scale=640:360:flags=bicubic{read_by}:out_color_matrix=bt709:out_range=limited"


@pytest.mark.parametrize(
    ("width_px", "height_px", "matrix"),
    [
        (1920, 1080, "bt709"), (1280, 544, "bt709"), (960, 720, "bt709"),
        (1278, 718, "smpte170m"), (720, 576, "smpte170m"),
    ],
)  # fmt: skip
def test_a_film_that_names_no_matrix_is_read_by_its_size(width_px: int, height_px: int, matrix: str) -> None:
    video = replace(FILM, matrix="unknown", coded_width_px=width_px, coded_height_px=height_px)
    assert f"in_color_matrix={matrix}:" in picture_filters(video, 640, 360)[0]


@pytest.mark.parametrize(
    ("primaries", "matrix", "full_range", "given"),
    [
        ("bt2020", "bt2020nc", False, "pin=bt2020:min=2020_ncl:rin=limited"),
        ("unknown", "unknown", False, "pin=bt2020:min=2020_ncl:rin=limited"),
        ("bt2020", "unknown", True, "pin=bt2020:min=2020_ncl:rin=full"),
        ("p3", "bt709", False, "pin=smpte432:min=709:rin=limited"),
        ("p3", "smpte170m", False, "pin=smpte432:min=170m:rin=limited"),
        ("p3", "bt470bg", False, "pin=smpte432:min=470bg:rin=limited"),
    ],
)
@pytest.mark.parametrize(("transfer", "curve"), [("pq", "smpte2084"), ("hlg", "arib-std-b67")])
def test_hdr_is_mapped_to_bt709_at_203_nits(
    primaries: str, matrix: str, full_range: bool, given: str, transfer: str, curve: str
) -> None:
    video = replace(FILM, transfer=transfer, primaries=primaries, matrix=matrix, full_range=full_range)
    assert picture_filters(video, 640, 360) == [
        "scale=640:360:flags=bicubic",
        f"zscale=tin={curve}:{given}:p={'smpte432' if primaries == 'p3' else 'bt2020'}:t=linear:npl=203,format=gbrpf32le",
        "zscale=p=bt709",
        "tonemap=tonemap=mobius:desat=0",
        "zscale=t=bt709:m=bt709:r=limited",
        "format=yuv420p",
        "setsar=1",
    ]


@pytest.mark.parametrize(
    ("changes", "read_as"),
    [
        ({"primaries": "p3"}, "tin=bt709:pin=smpte432:min=709:rin=limited"),
        ({"primaries": "bt2020", "transfer": "bt2020"}, "tin=2020_10:pin=bt2020:min=709:rin=limited"),
        ({"matrix": "bt2020nc", "full_range": True}, "tin=bt709:pin=bt2020:min=2020_ncl:rin=full"),
    ],
)
def test_a_wide_gamut_without_hdr_is_converted_and_not_tone_mapped(changes: dict[str, Any], read_as: str) -> None:
    assert picture_filters(replace(FILM, **changes), 640, 360) == [
        "scale=640:360:flags=bicubic",
        f"zscale={read_as}:p=bt709:t=bt709:m=bt709:r=limited",
        "format=yuv420p",
        "setsar=1",
    ]
