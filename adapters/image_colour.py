"""Every kind of pixel to 8-bit RGB or RGBA in sRGB: what browsers show alike. Runs in a child."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

SRGB = ImageCms.createProfile("sRGB")
SAME_WITHIN = 3
"""A profile whose colours differ less than this (of 255) from sRGB is sRGB: no conversion."""


def to_scalable(picture: Image.Image) -> Image.Image:
    """Pixels that can be scaled: palette and bitmaps become colours, 16 bits become 8."""
    mode = picture.mode
    if mode in ("P", "PA"):
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if mode == "1":
        return picture.convert("L")
    if mode == "I" or mode.startswith("I;16"):
        return _wide_grey(picture)
    if mode == "F":
        low, high = picture.getextrema()
        scale = 255.0 / (high - low) if high > low else 1.0  # type: ignore[operator]
        return picture.point(lambda value: value * scale - low * scale).convert("L")  # type: ignore[operator]
    if mode in ("L", "RGB") and picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture


def _wide_grey(picture: Image.Image) -> Image.Image:
    """16-bit grey to 8 bits by value; Pillow's own conversion clips."""
    wide = picture.convert("I") if picture.mode != "I" else picture
    return wide.point(lambda value: value * (1 / 257)).convert("L")


def to_srgb(picture: Image.Image) -> Image.Image:
    """RGB or RGBA in sRGB. A broken profile, or one for other kinds of pixels, is as good as none."""
    icc = picture.info.get("icc_profile")
    if icc and picture.mode in ("RGB", "RGBA", "CMYK", "L", "LA"):
        try:
            return _through_profile(picture, icc)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            icc = None
    alpha = picture.mode in ("LA", "La", "RGBa", "RGBA", "PA") or bool(picture.has_transparency_data)
    wanted = "RGBA" if alpha else "RGB"
    return picture if picture.mode == wanted else picture.convert(wanted)


def _through_profile(picture: Image.Image, icc: bytes) -> Image.Image:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    space = str(profile.profile.xcolor_space).strip()
    alpha = picture.getchannel("A") if picture.mode in ("RGBA", "LA") else None
    if picture.mode in ("L", "LA"):
        base = picture.getchannel(0) if alpha else picture
        if space == "RGB":
            base = base.convert("RGB")
    else:
        base = picture.convert("RGB") if alpha else picture
    if {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}.get(space) != base.mode:
        raise ValueError(f"the profile is for {space}, the picture is {base.mode}")
    if not (base.mode == "RGB" and is_srgb(profile)):
        base = _convert(base, profile)
    base = base.convert("RGB")
    if alpha is not None:
        base.putalpha(alpha)
    return base


def _convert(base: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    intent = ImageCms.Intent.PERCEPTUAL if base.mode == "CMYK" else ImageCms.Intent.RELATIVE_COLORIMETRIC
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    made = ImageCms.profileToProfile(base, profile, SRGB, intent, "RGB", inPlace=False, flags=flags)
    if made is None:
        raise ValueError("no conversion")
    return made


def is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether a set of sample colours comes out as it went in."""
    samples = [
        (r, g, b) for r in (0, 64, 128, 192, 255) for g in (0, 64, 128, 192, 255) for b in (0, 64, 128, 192, 255)
    ]
    before = Image.new("RGB", (len(samples), 1))
    before.putdata(samples)
    after = _convert(before, profile)
    pairs = zip(before.tobytes(), after.tobytes(), strict=True)
    return max(abs(a - b) for a, b in pairs) <= SAME_WITHIN
