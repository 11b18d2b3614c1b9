"""What to make of one picture or animation. Pure."""

from __future__ import annotations

from typing import Any

from core.errors import Unprocessable
from core.limits import Limits
from core.media import Image
from core.plan import Plan, Rendition
from core.rules import ImageRule, Images, Rules


def check_image(image: Image, limits: Limits) -> None:
    """Refuse what would cost too much to decode; asked of the header, before decoding.

    Raises: Unprocessable (no_picture, too_many_pixels, too_many_frames).
    """
    pixels = image.width_px * image.height_px
    if pixels <= 0:
        raise Unprocessable("no_picture", "the picture has no pixels")
    if max(image.width_px, image.height_px) > limits.max_side_px:
        sides = f"{image.width_px}×{image.height_px}"
        raise Unprocessable("too_many_pixels", f"{sides}: a side may have {limits.max_side_px} px")
    if pixels > limits.max_image_pixels:
        raise Unprocessable("too_many_pixels", f"{pixels} pixels are more than {limits.max_image_pixels}")
    if image.frames > limits.max_frames:
        raise Unprocessable("too_many_frames", f"{image.frames} frames are more than {limits.max_frames}")
    if image.frames * pixels > limits.max_total_pixels:
        total = image.frames * pixels
        raise Unprocessable("too_many_pixels", f"{total} pixels over all frames; {limits.max_total_pixels} are allowed")


def time_for(image: Image, limits: Limits) -> float:
    """Seconds that making one picture of this may take: what takes longer is an attack."""
    megapixels = image.frames * image.width_px * image.height_px / 1e6
    return limits.image_time_s + limits.image_s_per_megapixel * megapixels


def rule_for(images: Images, size_bytes: int) -> tuple[str, ImageRule]:
    """The tier's name and rule for an upload of this size."""
    name, rule = "default", images.rule
    for tier in images.tiers:
        if size_bytes >= tier.from_bytes:
            name, rule = f"from {tier.from_bytes} bytes", tier.rule
    return name, rule


def plan_image(image: Image, size_bytes: int, rules: Rules) -> Plan:
    """The main picture, its thumbnail and the widths that were asked for."""
    check_image(image, rules.limits)
    tier, rule = rule_for(rules.images, size_bytes)
    main = Rendition("main", "image", "compress", False, image_spec(rule, rules.images, animate=True))
    extras = []
    if rules.images.thumbnail:
        spec = image_spec(rules.images.thumbnail, rules.images, animate=False)
        extras.append(Rendition("thumb", "image", "compress", True, spec))
    for width_px in rules.images.widths:
        if width_px < image.width_px:
            spec = image_spec(rule, rules.images, animate=True) | {"width_px": width_px}
            extras.append(Rendition(f"w{width_px}", "image", "compress", True, spec))
    return Plan("image", tier, image_reason(image, rule), (main, *extras))


def image_spec(rule: ImageRule, images: Images, *, animate: bool) -> dict[str, Any]:
    """Everything that the maker of a picture needs to know."""
    return {
        "target": rule.target,
        "quality": rule.quality,
        "max_side_px": rule.max_side_px,
        "effort": rule.effort,
        "animate": animate,
        "animation_quality": images.animation_quality,
        "keep_copyright": images.keep_copyright,
    }


def image_reason(image: Image, rule: ImageRule) -> str:
    """Why this is made, in words."""
    larger = max(image.width_px, image.height_px) > rule.max_side_px
    size = f"fitted into {rule.max_side_px} px" if larger else "in its own size"
    what = f"an animation of {image.frames} frames" if image.is_animated else f"a {image.format.upper()} picture"
    return f"{what}, {size}, as {rule.target.upper()} quality {rule.quality}"
