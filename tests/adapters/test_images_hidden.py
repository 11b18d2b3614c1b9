"""What a kept original may not carry: words in the corners of its format where no picture is."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from adapters.image_colour import to_srgb
from adapters.image_strip import Malformed, strip
from tests.media_making import image_rules, make
from tests.media_samples import gif, noisy_quarters, photo, quarters, wide_gamut_profile

SECRET = b"51.5054N 0.0235W, camera 4711, call me"
BEST = image_rules(quality=100)
"""With this quality our version of a small picture is larger than the original."""


def saved(picture: Image.Image, name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, name, **options)
    return buffer.getvalue()


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("secret.txt", SECRET)
    return buffer.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def profile_with_words() -> bytes:
    """A profile that decoders accept, with a text behind it and in a tag of its own."""
    profile = wide_gamut_profile()
    (count,) = struct.unpack_from(">I", profile, 128)
    at = 132 + 12 * count
    moved = [struct.unpack_from(">4sII", profile, 132 + 12 * number) for number in range(count)]
    table = b"".join(struct.pack(">4sII", name, start + 12, size) for name, start, size in moved)
    table += struct.pack(">4sII", b"zzzz", len(profile) + 12, len(SECRET))
    whole = profile[:128] + struct.pack(">I", count + 1) + table + profile[at:] + SECRET
    return struct.pack(">I", len(whole)) + whole[4:] + SECRET


@cache
def jpeg() -> bytes:
    return saved(noisy_quarters(), "JPEG", quality=40)


def in_jpeg(where: int, what: bytes) -> bytes:
    data = jpeg()
    return data[:where] + what + data[where:]


JPEGS: dict[str, Callable[[], bytes]] = {
    "behind the JFIF header": lambda: jpeg()[:2] + segment(0xE0, jpeg()[6:20] + SECRET) + jpeg()[20:],
    "a thumbnail": lambda: jpeg()[:2] + segment(0xE0, jpeg()[6:18] + b"\x03\x05" + SECRET + bytes(7)) + jpeg()[20:],
    "a second JFIF header": lambda: in_jpeg(20, segment(0xE0, b"JFIF\0" + SECRET)),
    "a profile that is none": lambda: in_jpeg(20, segment(0xE2, b"ICC_PROFILE\0\1\1" + SECRET * 9)),
    "a profile that says more": lambda: saved(noisy_quarters(), "JPEG", quality=40, icc_profile=profile_with_words()),
    "behind Adobe's transform": lambda: in_jpeg(20, segment(0xEE, b"Adobe\0\x64\0\0\0\0\1" + SECRET)),
    "a header after the pixels": lambda: in_jpeg(len(jpeg()) - 2, segment(0xE2, b"ICC_PROFILE\0\1\1" + SECRET * 9)),
    "a table after the pixels": lambda: in_jpeg(len(jpeg()) - 2, segment(0xDB, b"\0" + SECRET + b"x" * 26)),
    "an archive in a header": lambda: in_jpeg(20, segment(0xE0, b"JFIF\0" + archive())),
    "an archive after the pixels": lambda: in_jpeg(len(jpeg()) - 2, archive().replace(b"\xff", b"\xff\0")),
}


@pytest.mark.parametrize("kind", JPEGS)
def test_a_jpeg_is_published_without_words_in_its_corners(tmp_path: Path, kind: str) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(JPEGS[kind]())
    assert SECRET in source.read_bytes()
    made = make(source, tmp_path / "out", using=BEST)
    assert SECRET not in made.path.read_bytes() and b"PK\3\4" not in made.path.read_bytes()
    with Image.open(source) as before, Image.open(made.path) as after:
        before, after = to_srgb(before), to_srgb(after)
        if made.action == "kept_original":
            assert ImageChops.difference(before, after).getbbox() is None
            assert made.size_bytes < source.stat().st_size


def test_a_plain_jpeg_is_still_kept(tmp_path: Path) -> None:
    for number, progressive in enumerate((False, True)):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(saved(noisy_quarters(), "JPEG", quality=40, progressive=progressive))
        assert make(path, tmp_path / "out", using=BEST).action == "kept_original"


def test_a_picture_with_a_profile_of_tables_is_made_smaller_instead(tmp_path: Path) -> None:
    """Such a profile cannot be made anew, so the original is not published; ours must not be larger all the same."""
    tables = bytearray(profile_with_words())
    at = tables.index(b"zzzz")
    tables[at : at + 4] = b"A2B0"
    path = tmp_path / "a.jpg"
    path.write_bytes(saved(photo(600, 400), "JPEG", quality=60, icc_profile=bytes(tables)))
    made = make(path, tmp_path / "out", using=BEST)
    assert made.action == "compressed" and made.size_bytes < path.stat().st_size


def riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def webp_with(chunk: bytes, **options: Any) -> bytes:
    data = saved(quarters(), "WEBP", quality=80, icc_profile=wide_gamut_profile(), **options)
    return riff(b"RIFF", data[8:30] + chunk + data[30:])


def animated_webp() -> bytes:
    """Its first frame holds a chunk that is no picture."""
    frames = [photo(64, 64, seed) for seed in (1, 2)]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=70, loop=3)
    at = data.index(b"ANMF")
    (size,) = struct.unpack_from("<I", data, at + 4)
    frame = data[at + 8 : at + 8 + size]
    return riff(b"RIFF", data[8:at] + riff(b"ANMF", frame + riff(b"note", SECRET)) + data[at + 8 + size :])


WEBPS: dict[str, Callable[[], bytes]] = {
    "a profile that is none": lambda: riff(
        b"RIFF", b"WEBP" + riff(b"VP8X", b"\x20\0\0\0" + struct.pack("<I", 299)[:3] + struct.pack("<I", 199)[:3])
        + riff(b"ICCP", SECRET * 9) + saved(quarters(), "WEBP", quality=80)[12:]
    ),
    "a profile that says more": lambda: saved(quarters(), "WEBP", quality=80, icc_profile=profile_with_words()),
    "a longer header": lambda: saved(quarters(), "WEBP", quality=80, exif=b"Exif\0\0" + SECRET),
    "within a frame": animated_webp,
}  # fmt: skip


@pytest.mark.parametrize("kind", WEBPS)
def test_a_webp_is_stripped_to_its_picture(kind: str) -> None:
    data = WEBPS[kind]()
    assert SECRET in data
    stripped = strip(data, "webp", 1)
    assert SECRET not in stripped and len(stripped) == 8 + struct.unpack_from("<I", stripped, 4)[0]
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(stripped)) as after:
        assert getattr(before, "n_frames", 1) == getattr(after, "n_frames", 1)
        assert before.info.get("loop") == after.info.get("loop")
        assert ImageChops.difference(to_srgb(before), to_srgb(after)).getbbox() is None


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(before_pixels: bytes = b"", after_pixels: bytes = b"") -> bytes:
    data = saved(quarters(), "PNG")
    end = data.index(b"IEND") - 4
    return data[:33] + before_pixels + data[33:end] + after_pixels + data[end:]


PNGS: dict[str, Callable[[], bytes]] = {
    "the profile's name": lambda: png(chunk(b"iCCP", SECRET + b"\0\0" + zlib.compress(wide_gamut_profile()))),
    "a number too long": lambda: png(chunk(b"gAMA", struct.pack(">I", 45455) + SECRET)),
    "the same number again": lambda: png(chunk(b"pHYs", bytes(9)) + chunk(b"pHYs", SECRET[:9])),
    "more pixels": lambda: png(after_pixels=chunk(b"IDAT", SECRET)),
    "a note": lambda: png(chunk(b"prVt", SECRET)),
}


@pytest.mark.parametrize("kind", PNGS)
def test_a_png_is_stripped_to_its_picture(kind: str) -> None:
    data = PNGS[kind]()
    assert SECRET[:9] in data
    try:
        stripped = strip(data, "png", 1)
    except Malformed:
        assert kind == "a number too long"
        return
    assert SECRET[:9] not in stripped
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(stripped)) as after:
        assert ImageChops.difference(to_srgb(before), to_srgb(after)).getbbox() is None


def test_words_in_the_profile_of_a_png_go() -> None:
    data = png(chunk(b"iCCP", b"x\0\0" + zlib.compress(profile_with_words())))
    with Image.open(io.BytesIO(strip(data, "png", 1))) as after:
        assert SECRET not in after.info["icc_profile"] and len(after.info["icc_profile"]) > 300


def test_pixels_that_nobody_sees_keep_a_png_from_being_published_as_it_is() -> None:
    data = saved(quarters(), "PNG")
    at = data.index(b"IDAT")
    rows = zlib.decompress(data[at + 4 : at + 4 + struct.unpack_from(">I", data, at - 4)[0]])
    more = data[: at - 4] + chunk(b"IDAT", zlib.compress(rows + SECRET)) + chunk(b"IEND", b"")
    with Image.open(io.BytesIO(more)) as picture:
        picture.load()
    with pytest.raises(Malformed):
        strip(more, "png", 1)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_followed_to_its_last_pixel(mode: str) -> None:
    data = saved(quarters(37, 23).convert("L" if mode == "I;16" else mode).convert(mode), "PNG")
    assert strip(data, "png", 1) == data


def test_an_animated_png_keeps_its_frames() -> None:
    frames = [photo(64, 48, seed) for seed in (1, 2, 3)]
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=70)
    stripped = strip(data, "png", 1)
    assert stripped == data


def test_an_interlaced_png_is_followed_to_its_last_pixel() -> None:
    """Seven passes over 9×5 pixels of grey, each row with its filter byte."""
    rows = b"".join(
        (b"\0" + bytes(-((x - 9) // dx))) * -((y - 5) // dy)
        for x, y, dx, dy in (
            (0, 0, 8, 8),
            (4, 0, 8, 8),
            (0, 4, 4, 8),
            (2, 0, 4, 4),
            (0, 2, 2, 4),
            (1, 0, 2, 2),
            (0, 1, 1, 2),
        )
    )
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 5, 8, 0, 0, 0, 1))
    data = head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
    assert strip(data, "png", 1) == data
    with pytest.raises(Malformed):
        strip(head + chunk(b"IDAT", zlib.compress(rows + b"!")) + chunk(b"IEND", b""), "png", 1)


def test_words_in_the_loop_count_and_the_times_of_a_gif_go(tmp_path: Path) -> None:
    data = gif(tmp_path / "a.gif", (50, 70, 90), loop=4).read_bytes()
    words = bytes([len(SECRET)]) + SECRET
    at = data.index(b"NETSCAPE2.0") + 15
    with_words = data[:at] + words + data[at:]
    at = with_words.index(b"!\xf9\4") + 7
    with_words = with_words[:at] + words + with_words[at:]
    stripped = strip(with_words, "gif", 1)
    assert SECRET not in stripped
    with Image.open(io.BytesIO(stripped)) as after:
        assert (after.n_frames, after.info["loop"]) == (3, 4)  # type: ignore[attr-defined]
