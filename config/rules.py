"""Read compression.toml once and check every value: a bad one stops the start with its key and what is allowed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from core.limits import Limits
from core.rules import ImageRule, Images, ImageTier, OffPeak, Rules, Schedule, Videos, VideoTier

DEFAULT_PATH = Path(__file__).with_name("compression.toml")

TARGETS = ("webp", "jpeg", "png", "avif", "same")
EFFORTS = ("fast", "balanced", "small")
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")

T = TypeVar("T")


class RulesError(ValueError):
    """A value in the rules file is not allowed: the message has the file, the key, the value and what is allowed."""


class Table:
    """One table of the file: hands out checked values and knows which keys nobody asked for."""

    def __init__(self, data: dict[str, Any], path: str, file: str) -> None:
        self._data, self._path, self._file = dict(data), path, file

    def error(self, key: str, value: object, allowed: str) -> RulesError:
        return RulesError(f"{self._file}: {self._path}{key} is {value!r}; allowed: {allowed}")

    def take(self, key: str, check: Callable[[Any], bool], allowed: str, default: Any = ...) -> Any:
        value = self._data.pop(key, default)
        if value is ...:
            raise RulesError(f"{self._file}: {self._path}{key} is missing; allowed: {allowed}")
        if value is not default and not check(value):
            raise self.error(key, value, allowed)
        return value

    def whole(self, key: str, low: int, high: int, default: Any = ...) -> Any:
        def check(value: Any) -> bool:
            return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

        return self.take(key, check, f"a whole number from {low} to {high}", default)

    def number(self, key: str, low: float, high: float, default: Any = ...) -> float:
        def check(value: Any) -> bool:
            return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

        return float(self.take(key, check, f"a number from {low:g} to {high:g}", default))

    def one_of(self, key: str, choices: Iterable[str], default: Any = ...) -> str:
        choices = tuple(choices)
        return str(self.take(key, lambda value: value in choices, " | ".join(choices), default))

    def flag(self, key: str, default: Any = ...) -> bool:
        return bool(self.take(key, lambda value: isinstance(value, bool), "true | false", default))

    def text(self, key: str, check: Callable[[str], bool], allowed: str) -> str:
        return str(self.take(key, lambda value: isinstance(value, str) and check(value), allowed))

    def table(self, key: str) -> Table:
        data = self.take(key, lambda value: isinstance(value, dict), f"a table [{self._path}{key}]")
        return Table(data, f"{self._path}{key}.", self._file)

    def tables(self, key: str) -> list[Table]:
        def check(value: Any) -> bool:
            return isinstance(value, list) and all(isinstance(item, dict) for item in value)

        items = self.take(key, check, f"tables [[{self._path}{key}]]", [])
        return [Table(item, f"{self._path}{key}[{number}].", self._file) for number, item in enumerate(items)]

    def done(self, result: T) -> T:
        """The result, if every key was known."""
        for key, value in self._data.items():
            raise self.error(key, value, "no such key here; see docs/media.md")
        return result


def load_rules(path: Path | None = None) -> Rules:
    """The rules of this file, or of the shipped compression.toml.

    Raises: RulesError (a ValueError) naming the file, the key, the value and what is allowed; OSError.
    """
    path = path or DEFAULT_PATH
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(f"{path.name}: is not TOML: {error}; allowed: a file like config/compression.toml") from error
    top = Table(data, "", path.name)
    rules = Rules(
        version=top.text("version", lambda value: 0 < len(value) <= 40, "a text of 1 to 40 characters"),
        images=_images(top.table("images")),
        videos=_videos(top.table("video")),
        limits=_limits(top.table("limits")),
        schedule=_schedule(top.table("schedule")),
        source=path.name,
    )
    return top.done(rules)


def _image_rule(table: Table, default: ImageRule | None = None) -> ImageRule:
    """One image rule; what is not said is as in `default`."""
    return ImageRule(
        target=table.one_of("target", TARGETS, default.target if default else ...),
        quality=table.whole("quality", 1, 100, default.quality if default else ...),
        max_side_px=table.whole("max_side_px", 16, 16_383, default.max_side_px if default else ...),
        effort=table.one_of("effort", EFFORTS, default.effort if default else ...),
    )


def _picture(table: Table) -> ImageRule | None:
    """A thumbnail's or poster's rule, or None when it is switched off. Always WebP unless told otherwise."""
    enabled = table.flag("enabled", True)
    base = ImageRule("webp", 80, 480, "balanced")
    rule = table.done(_image_rule(table, base))
    return rule if enabled else None


def _images(table: Table) -> Images:
    rule = _image_rule(table)
    tiers = []
    for item in table.tables("tier"):
        from_bytes = item.whole("from_bytes", 1, 2**63 - 1)
        tiers.append(ImageTier(from_bytes, item.done(_image_rule(item, rule))))

    def widths_ok(value: Any) -> bool:
        return (
            isinstance(value, list)
            and len(value) <= 10
            and all(isinstance(item, int) and not isinstance(item, bool) and 16 <= item <= 16_383 for item in value)
        )

    widths = table.take("widths", widths_ok, "a list of up to 10 widths from 16 to 16383", [])
    return table.done(
        Images(
            rule=rule,
            tiers=tuple(sorted(tiers, key=lambda tier: tier.from_bytes)),
            thumbnail=_picture(table.table("thumbnail")),
            widths=tuple(sorted(set(widths))),
            keep_copyright=table.flag("keep_copyright", False),
            animation_quality=table.whole("animation_quality", 1, 100, 75),
        )
    )


def _videos(table: Table) -> Videos:
    tiers = [_video_tier(item) for item in table.tables("tier")]
    bounds = [tier.below_bytes for tier in tiers]
    if not tiers or bounds[-1] is not None or None in bounds[:-1] or not _ascending(bounds[:-1]):
        raise table.error("tier", bounds, "tiers with ascending below_bytes, and a last one without a bound")
    return table.done(
        Videos(
            tiers=tuple(tiers),
            max_fps=table.number("max_fps", 1, 240),
            max_box_px=_box(table) or (3840, 2160),
            audio_bitrate_bps=table.whole("audio_bitrate_bps", 16_000, 512_000),
            remux_below_bpp=table.number("remux_below_bpp", 0, 10),
            poster=_picture(table.table("poster")),
        )
    )


def _ascending(bounds: list[int | None]) -> bool:
    numbers = [bound for bound in bounds if bound is not None]
    return all(low < high for low, high in pairwise(numbers))


def _box(table: Table, default: Any = ...) -> tuple[int, int] | None:
    def box_ok(value: Any) -> bool:
        return isinstance(value, list) and len(value) == 2 and all(type(x) is int and 16 <= x <= 16_384 for x in value)

    key = "max_box_px" if default is ... else "box_px"
    box = table.take(key, box_ok, "[width, height], each from 16 to 16384", default)
    return (max(box), min(box)) if box else None


def _video_tier(table: Table) -> VideoTier:
    return table.done(
        VideoTier(
            name=table.text("name", lambda value: value.isidentifier(), "a word"),
            below_bytes=table.whole("below_bytes", 1, 2**63 - 1, None),
            crf=table.whole("crf", 0, 51),
            preset=table.one_of("preset", PRESETS),
            box_px=_box(table, None),
        )
    )


def _limits(table: Table) -> Limits:
    big = 2**63 - 1
    limits = Limits(
        max_input_bytes=table.whole("max_input_bytes", 1, big),
        max_image_pixels=table.whole("max_image_pixels", 1, 2**31 - 1),
        max_side_px=table.whole("max_side_px", 16, 65_535),
        max_frames=table.whole("max_frames", 1, 100_000),
        max_total_pixels=table.whole("max_total_pixels", 1, big),
        max_video_pixels=table.whole("max_video_pixels", 1, 2**31 - 1),
        max_video_total_pixels=table.whole("max_video_total_pixels", 1, big, 2_000_000_000_000),
        max_streams=table.whole("max_streams", 1, 1000),
        max_duration_s=table.number("max_duration_s", 1, 1e6),
        max_output_bytes=table.whole("max_output_bytes", 1, big),
        probe_time_s=table.number("probe_time_s", 0.1, 3600),
        image_time_s=table.number("image_time_s", 0.1, 3600),
        image_s_per_megapixel=table.number("image_s_per_megapixel", 0, 3600),
        encode_time_s=table.number("encode_time_s", 1, 1e6, 21_600.0),
        child_memory_bytes=table.whole("child_memory_bytes", 200_000_000, big),
        video_memory_bytes=table.whole("video_memory_bytes", 200_000_000, big),
    )
    return table.done(limits)


def _schedule(table: Table) -> Schedule:
    below = table.whole("immediate_below_bytes", 0, 2**63 - 1)
    window = table.table("off_peak")
    start = window.text("start", _is_time, 'a time as "HH:MM"')
    off_peak = OffPeak(
        enabled=window.flag("enabled"),
        start=start,
        end=window.text("end", lambda end: _is_time(end) and end != start, 'a time as "HH:MM", not that of the start'),
        timezone=window.text("timezone", _is_zone, 'a time zone as "Europe/Berlin"'),
    )
    return table.done(Schedule(below, window.done(off_peak)))


def _is_time(value: str) -> bool:
    hours, colon, minutes = value.partition(":")
    fits = colon and len(hours) == len(minutes) == 2 and hours.isdecimal() and minutes.isdecimal()
    return bool(fits) and int(hours) < 24 and int(minutes) < 60


def _is_zone(value: str) -> bool:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        return False
    return True
