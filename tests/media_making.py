"""Compress a file the way the app does (probe, plan, make), for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from adapters.ffmpeg import make_video
from adapters.images import make_image
from adapters.probe import probe
from config.rules import load_rules
from core.media import Image, Made, Video, facts_from_dict
from core.plan import Plan, Rendition, plan
from core.rules import Rules


@cache
def rules() -> Rules:
    return load_rules()


def image_rules(**changes: Any) -> Rules:
    """The shipped rules with another main picture: target, quality, max_side_px, effort."""
    shipped = rules()
    return replace(shipped, images=replace(shipped.images, rule=replace(shipped.images.rule, **changes)))


def image_of(path: Path) -> Image:
    facts = probe(path, rules().limits)
    assert isinstance(facts, Image)
    return facts


def video_of(path: Path) -> Video:
    facts = probe(path, rules().limits)
    assert isinstance(facts, Video)
    return facts


def plan_of(path: Path, using: Rules | None = None) -> Plan:
    return plan(probe(path, rules().limits), path.stat().st_size, using or rules())


def make(
    path: Path,
    folder: Path,
    role: str = "main",
    using: Rules | None = None,
    on_progress: Callable[[float], None] = lambda _: None,
    **more: Any,
) -> Made:
    """One rendition of a file, by the rules."""
    using = using or rules()
    facts = facts_from_dict(asdict(probe(path, using.limits)))
    planned = plan(facts, path.stat().st_size, using)
    rendition = next(Rendition(**asdict(one)) for one in planned.renditions if one.role == role)
    folder.mkdir(exist_ok=True)
    if rendition.kind == "image":
        return make_image(path, facts, rendition, folder, using.limits)
    assert isinstance(facts, Video)
    options = {"time_limit_s": 120.0} | more
    return make_video(path, facts, rendition, folder, using.limits, on_progress=on_progress, **options)
