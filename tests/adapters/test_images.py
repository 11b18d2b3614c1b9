"""Photos and drawings of every kind come out upright, in the right colours, small, and free of private data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.errors import Unprocessable
from core.media import Made
from tests.media_making import image_of, image_rules, make
from tests.media_samples import (
    BLUE,
    GPS_CANARY,
    GREEN,
    RED,
    corners,
    heic,
    jpeg,
    photo,
    quarters,
    stored_for,
    wide_gamut_profile,
)

UPRIGHT = (0, 1, 2, 3)


def opened(made: Made) -> Image.Image:
    """The output as a browser shows it; nothing may be left that a browser would have to turn."""
    with Image.open(made.path) as picture:
        picture.load()
        assert picture.size == (made.width_px, made.height_px)
        return picture


def close(pixel: Any, colour: tuple[int, ...], within: int = 24) -> bool:
    return all(abs(a - b) <= within for a, b in zip(pixel, colour, strict=False))


def test_a_large_photo_becomes_webp_of_2048_px(tmp_path: Path) -> None:
    source = jpeg(tmp_path / "a.jpg", photo(4000, 3000))
    made = make(source, tmp_path / "out")
    assert (made.action, made.format, made.extension, made.content_type) == ("compressed", "webp", "webp", "image/webp")
    assert opened(made).size == (2048, 1536)
    assert made.size_bytes == made.path.stat().st_size < source.stat().st_size / 3
    assert made.path.parent == tmp_path / "out"
    assert not any(str(tmp_path) in part for part in made.argv)


def test_a_thumbnail_fits_480_px(tmp_path: Path) -> None:
    made = make(jpeg(tmp_path / "a.jpg"), tmp_path / "out", "thumb")
    assert opened(made).size == (480, 320)


def test_nothing_is_left_in_the_folder_but_the_output(tmp_path: Path) -> None:
    make(jpeg(tmp_path / "a.jpg"), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["main.webp"]


def test_making_it_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    source = jpeg(tmp_path / "a.jpg")
    assert make(source, tmp_path / "one").sha256 == make(source, tmp_path / "two").sha256


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(tmp_path: Path, orientation: int) -> None:
    made = make(jpeg(tmp_path / "a.jpg", quarters(), orientation), tmp_path / "out")
    picture = opened(made)
    assert picture.size == (300, 200)
    assert corners(picture) == UPRIGHT


@pytest.mark.parametrize("by_container", [True, False], ids=["turned by its container", "turned by its EXIF alone"])
@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 8])
def test_a_heic_is_turned_once(tmp_path: Path, orientation: int, by_container: bool) -> None:
    source = heic(tmp_path / "a.heic", quarters(), orientation, by_container=by_container)
    assert image_of(source).format == "heic"
    picture = opened(make(source, tmp_path / "out"))
    assert picture.size == (300, 200)
    assert corners(picture) == UPRIGHT


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif", "deflated.tif", "a.avif"])
def test_other_formats_are_turned_once_too(tmp_path: Path, name: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    options: dict[str, Any] = {"compression": "tiff_adobe_deflate"} if name.startswith("deflated") else {}
    stored_for(quarters(), 6).save(tmp_path / name, exif=exif, **options)
    picture = opened(make(tmp_path / name, tmp_path / "out"))
    assert picture.size == (300, 200)
    assert corners(picture) == UPRIGHT


def test_the_orientation_of_a_png_counts_wherever_it_stands(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    stored_for(quarters(), 3).save(tmp_path / "a.png", exif=exif)
    data = (tmp_path / "a.png").read_bytes()
    at = data.index(b"eXIf") - 4
    chunk = data[at : at + 12 + int.from_bytes(data[at : at + 4], "big")]
    moved = data.replace(chunk, b"")
    (tmp_path / "a.png").write_bytes(moved[:-12] + chunk + moved[-12:])
    assert corners(opened(make(tmp_path / "a.png", tmp_path / "out"))) == UPRIGHT


@pytest.mark.parametrize("target", ["webp", "jpeg", "png", "avif"])
def test_private_data_is_gone_whatever_the_target(tmp_path: Path, target: str) -> None:
    source = jpeg(tmp_path / "a.jpg", photo(2600, 1600), orientation=6)
    made = make(source, tmp_path / "out", using=image_rules(target=target))
    data = made.path.read_bytes()
    for word in (GPS_CANARY.encode(), b"Canary", b"xmpmeta", b"2024:05:06"):
        assert word not in data
    assert not opened(made).getexif()


def test_a_heic_loses_its_private_data(tmp_path: Path) -> None:
    assert b"Canary" not in make(heic(tmp_path / "a.heic"), tmp_path / "out").path.read_bytes()


@pytest.mark.parametrize(("target", "kind"), [("jpeg", "JPEG"), ("png", "PNG"), ("avif", "AVIF"), ("same", "JPEG")])
def test_other_targets(tmp_path: Path, target: str, kind: str) -> None:
    made = make(
        jpeg(tmp_path / "a.jpg", photo(3000, 2000), quality=97), tmp_path / "out", using=image_rules(target=target)
    )
    assert opened(made).format == kind
    assert made.content_type == f"image/{kind.lower()}"


@pytest.mark.parametrize("effort", ["fast", "balanced", "small"])
def test_every_effort_works(tmp_path: Path, effort: str) -> None:
    made = make(jpeg(tmp_path / "a.jpg"), tmp_path / "out", using=image_rules(effort=effort))
    assert opened(made).format == "WEBP"


def test_widths_on_request(tmp_path: Path) -> None:
    from dataclasses import replace

    rules = image_rules()
    rules = replace(rules, images=replace(rules.images, widths=(640,)))
    assert opened(make(jpeg(tmp_path / "a.jpg", orientation=6), tmp_path / "out", "w640", rules)).size == (640, 427)


PIXELS: dict[str, tuple[Image.Image, str, tuple[int, ...]]] = {
    "grey": (Image.new("L", (300, 200), 90), "a.png", (90, 90, 90)),
    "16-bit grey": (Image.new("I;16", (300, 200), 90 * 257), "a.png", (90, 90, 90)),
    "16-bit grey TIFF": (Image.new("I;16", (300, 200), 90 * 257), "a.tif", (90, 90, 90)),
    "bitmap": (Image.new("1", (300, 200), 1), "a.png", (255, 255, 255)),
    "bitmap TIFF": (Image.new("1", (300, 200), 1), "a.tif", (255, 255, 255)),
    "palette": (Image.new("RGB", (300, 200), RED).quantize(8), "a.png", RED),
    "palette GIF": (Image.new("RGB", (300, 200), RED).quantize(8), "a.gif", RED),
    "CMYK without profile": (Image.new("CMYK", (300, 200), (0, 255, 255, 0)), "a.jpg", (255, 0, 0)),
    "CMYK TIFF": (Image.new("CMYK", (300, 200), (255, 0, 255, 0)), "a.tif", (0, 255, 0)),
    "BMP": (Image.new("RGB", (300, 200), BLUE), "a.bmp", BLUE),
    "floating point TIFF": (Image.linear_gradient("L").convert("F"), "a.tif", (0, 0, 0)),
    "odd sides": (Image.new("RGB", (301, 199), GREEN), "a.jpg", GREEN),
    "one pixel": (Image.new("RGB", (1, 1), GREEN), "a.png", GREEN),
    "a thin line": (Image.new("RGB", (3000, 2), GREEN), "a.png", GREEN),
}


@pytest.mark.parametrize("kind", PIXELS)
def test_every_kind_of_pixel_keeps_its_colour(tmp_path: Path, kind: str) -> None:
    picture, name, colour = PIXELS[kind]
    picture.save(tmp_path / name)
    for role in ("main", "thumb"):
        out = opened(make(tmp_path / name, tmp_path / "out", role)).convert("RGBA")
        assert close(out.getpixel((0, 0)), (*colour, 255)), (kind, role, out.getpixel((0, 0)))


@pytest.mark.parametrize(
    ("mode", "name"), [("RGBA", "a.png"), ("LA", "a.png"), ("P", "a.png"), ("P", "a.gif"), ("RGBA", "a.webp")]
)
def test_transparency_stays_transparency(tmp_path: Path, mode: str, name: str) -> None:
    picture = Image.new("RGBA", (600, 400), (*RED, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 300, 400))
    saved = (
        picture.quantize(16)
        if mode == "P" and name.endswith("png")
        else picture.convert(mode if mode != "P" else "RGBA")
    )
    saved.save(tmp_path / name)
    assert image_of(tmp_path / name).has_alpha
    out = opened(make(tmp_path / name, tmp_path / "out", "thumb")).convert("RGBA")
    left, right = out.getpixel((100, 150)), out.getpixel((400, 150))
    assert left[3] == 0 and right[3] == 255  # type: ignore[index]
    assert mode == "LA" or close(right, RED)


def test_transparency_becomes_white_where_the_target_has_none(tmp_path: Path) -> None:
    noisy = photo(400, 300).convert("RGBA")
    noisy.putalpha(0)
    noisy.save(tmp_path / "a.png")
    made = make(tmp_path / "a.png", tmp_path / "out", using=image_rules(target="jpeg"))
    assert close(opened(made).getpixel((10, 10)), (255, 255, 255))


def test_edges_of_transparent_pictures_stay_clean(tmp_path: Path) -> None:
    """Hidden colours must not bleed in when it is scaled."""
    picture = Image.new("RGBA", (1000, 1000), (0, 255, 0, 0))
    picture.paste((*RED, 255), (0, 0, 500, 1000))
    picture.save(tmp_path / "a.png")
    out = opened(make(tmp_path / "a.png", tmp_path / "out", "thumb")).convert("RGBA")
    edge: Any = [out.getpixel((x, 240)) for x in range(230, 250)]
    assert all(pixel[1] < 90 for pixel in edge if pixel[3] > 128)


def test_wide_gamut_colours_are_converted(tmp_path: Path) -> None:
    """The sample's profile exchanges red and green: looked at through it, a red picture is green."""
    source = jpeg(tmp_path / "a.jpg", Image.new("RGB", (300, 200), (255, 0, 0)), icc_profile=wide_gamut_profile())
    picture = opened(make(source, tmp_path / "out"))
    assert "icc_profile" not in picture.info
    assert close(picture.getpixel((50, 50)), (0, 255, 0))


def test_a_broken_profile_does_not_matter(tmp_path: Path) -> None:
    source = jpeg(tmp_path / "a.jpg", Image.new("RGB", (300, 200), RED), icc_profile=b"\xff" * 500)
    assert close(opened(make(source, tmp_path / "out")).getpixel((50, 50)), RED)


def test_the_copyright_may_stay_and_nothing_else(tmp_path: Path) -> None:
    from dataclasses import replace

    rules = image_rules()
    rules = replace(rules, images=replace(rules.images, keep_copyright=True))
    made = make(jpeg(tmp_path / "a.jpg", orientation=6), tmp_path / "out", using=rules)
    assert dict(opened(made).getexif()) == {0x8298: "(c) Canary"}
    assert GPS_CANARY.encode() not in made.path.read_bytes()


def test_only_the_first_picture_of_a_burst_is_used(tmp_path: Path) -> None:
    first = quarters(600, 400)
    first.save(tmp_path / "a.mpo", "MPO", save_all=True, append_images=[photo(600, 400)], quality=95)
    facts = image_of(tmp_path / "a.mpo")
    assert (facts.format, facts.frames, facts.pictures) == ("jpeg", 1, 2)
    assert corners(opened(make(tmp_path / "a.mpo", tmp_path / "out"))) == UPRIGHT


def test_only_the_first_picture_of_a_heic_is_used(tmp_path: Path) -> None:
    import pillow_heif

    burst = pillow_heif.from_pillow(quarters())
    burst.add_from_pillow(photo(300, 200))
    burst.save(tmp_path / "a.heic", quality=80)
    facts = image_of(tmp_path / "a.heic")
    assert (facts.frames, facts.pictures) == (1, 2)
    assert corners(opened(make(tmp_path / "a.heic", tmp_path / "out"))) == UPRIGHT


def test_flat_graphics_become_lossless(tmp_path: Path) -> None:
    quarters(900, 600).quantize(8).save(tmp_path / "a.png")
    made = make(tmp_path / "a.png", tmp_path / "out", "thumb")
    assert "lossless" in made.reason


def test_a_cut_off_photo_is_corrupt(tmp_path: Path) -> None:
    source = jpeg(tmp_path / "a.jpg")
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(Unprocessable) as caught:
        make(source, tmp_path / "out")
    assert caught.value.code == "corrupt"
    assert list((tmp_path / "out").iterdir()) == []
