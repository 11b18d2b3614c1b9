"""An original that is better than our version is kept: the same pixels, upright, without private data."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps

from adapters.image_colour import to_srgb
from adapters.image_strip import Malformed, strip
from tests.media_making import image_rules, make
from tests.media_samples import (
    GPS_CANARY,
    corners,
    gif,
    heic,
    jpeg,
    noisy_quarters,
    photo,
    quarters,
    stored_for,
    wide_gamut_profile,
)

BEST = image_rules(quality=100)
"""With this quality our version of a small picture is larger than the original."""


def same_pixels(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one.convert("RGBA"), other.convert("RGBA")).getbbox(alpha_only=False) is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_small_jpeg_is_kept_upright_and_without_private_data(tmp_path: Path, orientation: int) -> None:
    source = jpeg(tmp_path / "a.jpg", noisy_quarters(), orientation, quality=40)
    made = make(source, tmp_path / "out", using=BEST)
    assert (made.action, made.format, made.content_type) == ("kept_original", "jpeg", "image/jpeg")
    assert (made.width_px, made.height_px) == (600, 400)
    assert made.size_bytes < source.stat().st_size
    data = made.path.read_bytes()
    assert not any(word in data for word in (b"Canary", b"xmpmeta", b"2024:05:06"))
    with Image.open(made.path) as kept, Image.open(source) as original:
        assert same_pixels(kept, original)
        assert set(kept.getexif()) <= {0x0112}
        assert corners(ImageOps.exif_transpose(kept)) == (0, 1, 2, 3)


def test_what_hides_behind_a_jpeg_goes(tmp_path: Path) -> None:
    source = jpeg(tmp_path / "a.jpg", noisy_quarters(), quality=40)
    source.write_bytes(source.read_bytes() + b"<script>alert(1)</script>" * 10)
    assert b"script" not in make(source, tmp_path / "out", using=BEST).path.read_bytes()


@pytest.mark.parametrize("progressive", [False, True])
def test_stripping_keeps_every_pixel_of_a_jpeg(tmp_path: Path, progressive: bool) -> None:
    profile = wide_gamut_profile()
    source = jpeg(
        tmp_path / "a.jpg", photo(640, 480), progressive=progressive, icc_profile=profile, restart_marker_rows=2
    )
    stripped = tmp_path / "b.jpg"
    stripped.write_bytes(strip(source.read_bytes(), "jpeg", 1))
    with Image.open(source) as before, Image.open(stripped) as after:
        assert same_pixels(before, after)
        assert same_pixels(to_srgb(before), to_srgb(after)) and not same_pixels(before, to_srgb(after))
        assert "comment" not in after.info and not after.getexif()


def test_a_cmyk_jpeg_keeps_its_colours(tmp_path: Path) -> None:
    source = tmp_path / "a.jpg"
    Image.new("CMYK", (64, 64), (0, 255, 255, 0)).save(source, comment=GPS_CANARY)
    (tmp_path / "b.jpg").write_bytes(strip(source.read_bytes(), "jpeg", 1))
    with Image.open(source) as before, Image.open(tmp_path / "b.jpg") as after:
        assert before.tobytes() == after.tobytes()


def test_stripping_a_png(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("Comment", GPS_CANARY)
    text.add_itxt("XML:com.adobe.xmp", GPS_CANARY)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, GPS_CANARY
    picture = stored_for(quarters(), 6).quantize(8)
    picture.save(tmp_path / "a.png", pnginfo=text, exif=exif, transparency=0)
    data = strip((tmp_path / "a.png").read_bytes() + b"PK\x03\x04hidden", "png", 6)
    assert GPS_CANARY.encode() not in data and b"hidden" not in data
    (tmp_path / "b.png").write_bytes(data)
    with Image.open(tmp_path / "a.png") as before, Image.open(tmp_path / "b.png") as after:
        assert same_pixels(before, after)
        assert dict(after.getexif()) == {0x0112: 6}


@pytest.mark.parametrize("orientation", [1, 6])
def test_stripping_a_webp(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, GPS_CANARY
    stored_for(quarters(), orientation).save(tmp_path / "a.webp", exif=exif, xmp=GPS_CANARY.encode(), quality=80)
    data = strip((tmp_path / "a.webp").read_bytes(), "webp", orientation)
    assert GPS_CANARY.encode() not in data
    (tmp_path / "b.webp").write_bytes(data)
    with Image.open(tmp_path / "a.webp") as before, Image.open(tmp_path / "b.webp") as after:
        assert same_pixels(before, after)
        assert after.getexif().get(0x0112, 1) == orientation


def test_stripping_a_gif_keeps_its_loops_and_times(tmp_path: Path) -> None:
    source = gif(tmp_path / "a.gif", (50, 70, 90), loop=4)
    data = source.read_bytes()
    at = data.index(b"!\xff\x0bNETSCAPE")
    comment = b"!\xfe" + bytes([len(GPS_CANARY)]) + GPS_CANARY.encode() + b"\0"
    xmp = b"!\xff\x0bXMP DataXMP" + bytes([len(GPS_CANARY)]) + GPS_CANARY.encode() + b"\0"
    stripped = strip(data[:at] + comment + xmp + data[at:] + b"hidden", "gif", 1)
    assert GPS_CANARY.encode() not in stripped and b"hidden" not in stripped
    (tmp_path / "b.gif").write_bytes(stripped)
    with Image.open(tmp_path / "b.gif") as after:
        assert (after.n_frames, after.info["loop"]) == (3, 4)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "gif"])
def test_stripping_what_is_cut_off_says_so(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"a.{name}"
    photo(64, 64).save(path)
    for share in (0.1, 0.5, 0.9):
        data = path.read_bytes()[: int(path.stat().st_size * share)]
        try:
            assert len(strip(data, name, 1)) <= len(data) + 1
        except Malformed:
            continue


def test_a_heic_is_never_kept_but_gets_no_larger(tmp_path: Path) -> None:
    """Browsers do not show HEIC: our version must exist, with less quality if need be."""
    source = heic(tmp_path / "a.heic", photo(640, 480))
    made = make(source, tmp_path / "out", using=BEST)
    assert (made.action, made.format) == ("compressed", "webp")
    assert made.size_bytes < source.stat().st_size
    assert "not larger than the original" in made.reason


def test_the_reason_is_said(tmp_path: Path) -> None:
    made = make(jpeg(tmp_path / "a.jpg", noisy_quarters(), quality=40), tmp_path / "out", using=BEST)
    assert "original is smaller" in made.reason
