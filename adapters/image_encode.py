"""Write one still picture in the format that the plan asks for. Runs in a child."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

WEBP_METHOD = {"fast": 2, "balanced": 4, "small": 6}
AVIF_SPEED = {"fast": 9, "balanced": 7, "small": 5}
PNG_LEVEL = {"fast": 3, "balanced": 6, "small": 9}
COPYRIGHT_TAGS = (0x8298, 0x013B)
"""Copyright and artist."""
WEBP_MAX_SIDE_PX = 16_383


def target_format(target: str, source: str) -> str:
    """What `same` means for this source; a BMP becomes a PNG, a format that we cannot write becomes WebP."""
    if target != "same":
        return target
    return {"bmp": "png"}.get(source, source)


def encode(picture: Image.Image, name: str, quality: int, effort: str, copyright_exif: bytes = b"") -> bytes:
    """One picture (RGB or RGBA, upright, no metadata) as a file."""
    if name == "webp" and max(picture.size) > WEBP_MAX_SIDE_PX:
        name = "jpeg"
    if name == "jpeg" and picture.mode == "RGBA":
        picture = flattened(picture)
    options = save_options(name, quality, effort)
    if copyright_exif and name in ("webp", "jpeg", "png", "avif"):
        options["exif"] = copyright_exif
    buffer = io.BytesIO()
    picture.info = {}
    if name == "heic":
        import pillow_heif

        pillow_heif.from_pillow(picture).save(buffer, quality=quality)
        return buffer.getvalue()
    picture.save(buffer, "JPEG" if name == "jpeg" else name.upper(), **options)
    return buffer.getvalue()


def save_options(name: str, quality: int, effort: str) -> dict[str, Any]:
    """Pillow's options for a format."""
    options: dict[str, dict[str, Any]] = {
        "webp": {"quality": quality, "method": WEBP_METHOD[effort], "alpha_quality": 100},
        "jpeg": {"quality": quality, "optimize": True, "progressive": effort != "fast"},
        "png": {"compress_level": PNG_LEVEL[effort], "optimize": effort == "small"},
        "avif": {"quality": max(1, quality - 15), "speed": AVIF_SPEED[effort], "max_threads": 2},
        "gif": {"optimize": True},
        "tiff": {"compression": "tiff_adobe_deflate"},
    }
    return options.get(name, {})


def encode_lossless(picture: Image.Image, effort: str) -> bytes:
    """A WebP of exactly these pixels: right for flat graphics."""
    buffer = io.BytesIO()
    picture.info = {}
    picture.save(buffer, "WEBP", lossless=True, quality=60, method=WEBP_METHOD[effort], exact=False)
    return buffer.getvalue()


def flattened(picture: Image.Image) -> Image.Image:
    """On white, for formats without transparency."""
    ground = Image.new("RGB", picture.size, (255, 255, 255))
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def copyright_only(picture: Image.Image) -> bytes:
    """An EXIF block with the copyright and the artist, if the picture names them."""
    kept = Image.Exif()
    try:
        tags = picture.getexif()
        for tag in COPYRIGHT_TAGS:
            if isinstance(value := tags.get(tag), str) and value.strip():
                kept[tag] = value.strip()[:500]
    except Exception:  # noqa: BLE001 - broken EXIF says nothing
        return b""
    return kept.tobytes() if len(kept) else b""
