"""What to make of one upload: facts and rules in, a plan with its reason out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import Unprocessable
from core.media import Image, Video
from core.rules import Rules


@dataclass(frozen=True)
class Rendition:
    """One output to be made; `Rendition(**asdict(...))` restores it, also after a JSON round trip."""

    role: str
    """main, thumb, poster, w640 …"""
    kind: str
    """image or video: who makes it. A poster is an image."""
    action: str
    """compress, remux or keep: what is planned; the maker may find that the original is better."""
    optional: bool
    """Extras may fail without failing the job."""
    spec: dict[str, Any]
    """Everything the maker needs to know; small and JSON-able."""


@dataclass(frozen=True)
class Plan:
    kind: str
    tier: str
    reason: str
    renditions: tuple[Rendition, ...]


def plan(facts: Image | Video, size_bytes: int, rules: Rules) -> Plan:
    """Choose what to make of one upload of this size.

    Raises: Unprocessable (empty, too_large, too_many_pixels, too_many_frames, too_long, no_picture).
    """
    from core.plan_image import plan_image
    from core.plan_video import plan_video

    if size_bytes <= 0:
        raise Unprocessable("empty", "the file has no content")
    if size_bytes > rules.limits.max_input_bytes:
        raise Unprocessable("too_large", f"{size_bytes} bytes are more than {rules.limits.max_input_bytes}")
    if isinstance(facts, Image):
        return plan_image(facts, size_bytes, rules)
    return plan_video(facts, size_bytes, rules)
