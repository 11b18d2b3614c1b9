"""Make one picture from an upload: the task of a child. Open files in, bytes and a few words out."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from PIL import Image

from adapters import image_animation, image_colour, image_encode, image_hdr, image_open, image_strip
from adapters.sandbox_output import write_all

LOSSLESS_SOURCES = ("png", "gif", "bmp", "tiff", "webp")
WEB_FORMATS = ("jpeg", "png", "gif", "webp")
"""What browsers show: an original in one of these may be published as it is, without its metadata."""
HDR_FORMATS = ("heic", "avif")
LOWER_QUALITIES = (75, 65, 50)
GRAPHICS_COLOURS = 1024
"""A picture of no more colours is drawn, not photographed."""
IDLE_TAIL_BYTES, STRIP_PX = 16, 256
"""A JPEG that looks the same without so many of its last bytes carries something besides its picture."""
SCALING = {
    "fast": (Image.Resampling.BICUBIC, 1.4),
    "balanced": (Image.Resampling.BICUBIC, 1.4),
    "small": (Image.Resampling.LANCZOS, 2.0),
}
"""The filter, and how much larger than needed a JPEG is decoded. Lanczos is sharper, costs bytes and a third more time."""
TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}


Original = Callable[[], bytes | None]
"""The upload without its metadata, if it may be published; made when it is asked for."""


@dataclass(frozen=True)
class Output:
    """What came out, before anybody asked whether the original was better."""

    data: bytes
    format: str
    width_px: int
    height_px: int
    reason: str
    duration_s: float | None = None


def make(source_fd: int, output_fd: int, *, facts: dict[str, Any], spec: dict[str, Any], max_pixels: int) -> Any:
    """Write the picture that `spec` asks for into the output file, and say what it is.

    Raises: Unprocessable; whatever Pillow raises on broken files (the child calls that corrupt).
    """
    animated = facts["frames"] > 1 and spec["animate"]
    original = cache(partial(publishable, source_fd, facts))
    with image_open.open_file(source_fd) as stream:
        picture = image_open.open_picture(stream, facts["format"], max_pixels)
        if animated:
            output = image_animation.make(picture, stream, facts, spec, box_of(spec))
        else:
            hdr = facts["format"] in HDR_FORMATS and as_sdr(picture, stream)
            output = still(picture, facts, spec, os.fstat(source_fd).st_size, original)
            output = replace(output, reason=f"{output.reason}; HDR to SDR") if hdr else output
        action, output = better(output, facts, os.fstat(source_fd).st_size, original)
    write_all(output_fd, output.data)
    return {
        "format": output.format,
        "width_px": output.width_px,
        "height_px": output.height_px,
        "duration_s": output.duration_s,
        "action": action,
        "reason": output.reason,
    }


def as_sdr(picture: Image.Image, stream: io.BufferedReader) -> bool:
    """Give an HDR still the profile that darkens it; a profile of its own says that it is none."""
    profile = None if picture.info.get("icc_profile") else image_hdr.hdr_profile(image_open.head_of(stream))
    if profile:
        picture.info["icc_profile"] = profile
    return profile is not None


def box_of(spec: dict[str, Any]) -> tuple[int, int]:
    """The box, for an upright picture: a longest side, or a width."""
    if spec.get("width_px"):
        return int(spec["width_px"]), image_encode.WEBP_MAX_SIDE_PX
    return int(spec["max_side_px"]), int(spec["max_side_px"])


def still(
    picture: Image.Image, facts: dict[str, Any], spec: dict[str, Any], source_bytes: int, original: Original
) -> Output:
    """Scale first (the decoder then helps), turn it upright, colours last: the order decides the memory."""
    orientation = facts["orientation"]
    rights = image_encode.copyright_only(picture) if spec["keep_copyright"] else b""
    graphics = facts["format"] in LOSSLESS_SOURCES and is_graphics(picture)
    box = box_of(spec)
    small = scaled(picture, box[::-1] if orientation >= 5 else box, spec["effort"])
    for turn in TURNS.get(orientation, ()):
        small = small.transpose(turn)
    coloured = image_colour.to_srgb(small)
    name = image_encode.target_format(spec["target"], facts["format"])
    data = image_encode.encode(coloured, name, spec["quality"], spec["effort"], rights)
    reason = f"{name.upper()} quality {spec['quality']}"
    if name == "webp" and graphics:
        lossless = image_encode.encode_lossless(coloured, spec["effort"])
        if len(lossless) < len(data):
            data, reason = lossless, "lossless WebP: smaller for flat graphics"
    if len(data) >= source_bytes and not (same_size(coloured.size, facts) and original()):
        data, reason = lower(coloured, name, spec, data, source_bytes, reason)
    kind = actual_format(data, name)
    return Output(data, kind, coloured.width, coloured.height, reason)


def same_size(size: tuple[int, int], facts: dict[str, Any]) -> bool:
    return size == (facts["width_px"], facts["height_px"])


def actual_format(data: bytes, wanted: str) -> str:
    return "jpeg" if data[:3] == b"\xff\xd8\xff" else wanted


def scaled(picture: Image.Image, box: tuple[int, int], effort: str) -> Image.Image:
    """Not larger than the box, in one of the modes that can be scaled well."""
    kernel, gap = SCALING[effort]
    fits = picture.width <= box[0] and picture.height <= box[1]
    if picture.mode in ("RGB", "L", "CMYK", "YCbCr") and not picture.has_transparency_data:
        if not fits:
            icc = picture.info.get("icc_profile")
            picture.thumbnail(box, kernel, gap)
            if icc:
                picture.info["icc_profile"] = icc
        picture.load()
        return picture
    icc = picture.info.get("icc_profile")
    ready = image_colour.to_scalable(picture)
    if not fits:
        ready.thumbnail(box, kernel, gap)
    if icc:
        ready.info["icc_profile"] = icc
    return ready


def is_graphics(picture: Image.Image) -> bool:
    """Whether it has few colours: palettes, bitmaps, screenshots, logos."""
    if picture.mode in ("1", "P"):
        return True
    if picture.mode not in ("L", "LA", "RGB", "RGBA"):
        return False
    return picture.getcolors(GRAPHICS_COLOURS) is not None and picture.mode != "L"


def lower(
    picture: Image.Image, name: str, spec: dict[str, Any], data: bytes, source_bytes: int, reason: str
) -> tuple[bytes, str]:
    """Try lower qualities for an original that is not published as it is and that is smaller than our version of it."""
    for quality in LOWER_QUALITIES:
        if len(data) < source_bytes or quality >= spec["quality"] or name in ("png", "tiff"):
            break
        tried = image_encode.encode(picture, name, quality, spec["effort"])
        if len(tried) < len(data):
            data, reason = tried, f"{name.upper()} quality {quality}: not larger than the original"
    if len(data) >= source_bytes:
        reason += "; larger than the original, which is not published as it is"
    return data, reason


def better(output: Output, facts: dict[str, Any], source_bytes: int, original: Original) -> tuple[str, Output]:
    """The output, or the original without its metadata when that is not larger in the same size."""
    same = same_size((output.width_px, output.height_px), facts)
    still_of_many = facts["frames"] > 1 and output.duration_s is None
    if len(output.data) < source_bytes or not same or still_of_many:
        return "compressed", output
    stripped = original()
    if stripped is None or len(stripped) > len(output.data):
        return "compressed", output
    reason = f"the original is smaller than our {output.format.upper()} of the same size: kept without its metadata"
    kept = Output(stripped, facts["format"], output.width_px, output.height_px, reason, output.duration_s)
    return "kept_original", kept


def publishable(source_fd: int, facts: dict[str, Any]) -> bytes | None:
    """The original without its metadata; None where browsers do not show it or it holds what is no picture."""
    if facts["format"] not in WEB_FORMATS:
        return None
    try:
        data = image_strip.strip(
            os.pread(source_fd, os.fstat(source_fd).st_size, 0), facts["format"], facts["orientation"]
        )
    except image_strip.Malformed:
        return None
    return None if facts["format"] == "jpeg" and has_idle_tail(data) else data


def has_idle_tail(jpeg: bytes) -> bool:
    """Whether bytes lie between the pixels and the end: decoders skip them, so the picture is the same without."""
    short = image_strip.shortened(jpeg, IDLE_TAIL_BYTES)
    if short is None:
        return False
    with (
        Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as one,
        Image.open(io.BytesIO(short), formats=["JPEG"]) as other,
    ):
        tops = range(0, one.height, STRIP_PX)
        boxes = [(0, top, one.width, min(one.height, top + STRIP_PX)) for top in reversed(tops)]
        return all(one.crop(box).tobytes() == other.crop(box).tobytes() for box in boxes)
