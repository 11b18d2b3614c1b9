"""The rules file: the shipped tiers, and what is said about a bad value."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from config.rules import DEFAULT_PATH, RulesError, load_rules

SHIPPED = DEFAULT_PATH.read_text("utf-8")


def test_the_shipped_rules_are_the_documented_ones() -> None:
    rules = load_rules()
    tiers = [(tier.name, tier.below_bytes, tier.crf, tier.preset, tier.box_px) for tier in rules.videos.tiers]
    assert tiers == [
        ("small", 10_000_000, 23, "medium", None),
        ("medium", 50_000_000, 25, "medium", (854, 480)),
        ("large", None, 27, "fast", (1280, 720)),
    ]
    image = rules.images.rule
    assert (image.target, image.quality, image.max_side_px) == ("webp", 85, 2048)
    assert rules.images.thumbnail is not None and rules.images.thumbnail.max_side_px == 480
    window = rules.schedule.off_peak
    assert (rules.schedule.immediate_below_bytes, window.start, window.end, window.enabled) == (
        5_000_000,
        "02:00",
        "06:00",
        False,
    )


@pytest.mark.parametrize(
    ("line", "instead", "key", "allowed"),
    [
        ("quality = 85 ", "quality = 101", "images.quality is 101", "1 to 100"),
        ("quality = 85 ", "quality = true", "images.quality is True", "1 to 100"),
        ("quality = 85 ", "quality = '85'", "images.quality is '85'", "whole number"),
        ('target = "webp"', 'target = "bmp"', "images.target is 'bmp'", "webp | jpeg | png | avif | same"),
        ('effort = "balanced"      #', 'effort = "max" #', "images.effort is 'max'", "fast | balanced | small"),
        ("widths = []", "widths = [1]", "images.widths is [1]", "16 to 16383"),
        ("crf = 23", "crf = 99", "video.tier[0].crf is 99", "0 to 51"),
        ("crf = 23", "crv = 23", "video.tier[0].crf is missing", "0 to 51"),
        ("crf = 23", "crf = 23\ncrv = 1", "video.tier[0].crv is 1", "no such key"),
        ('preset = "fast"', 'preset = "placebo"', "video.tier[2].preset is 'placebo'", "ultrafast"),
        ("box_px = [854, 480]", "box_px = [854]", "video.tier[1].box_px is [854]", "[width, height]"),
        ("below_bytes = 50_000_000", "below_bytes = 5", "video.tier is [10000000, 5, None]", "ascending"),
        ('start = "02:00"', 'start = "2 am"', "schedule.off_peak.start is '2 am'", '"HH:MM"'),
        ('end = "06:00"', 'end = "02:00"', "schedule.off_peak.end is '02:00'", "not that of the start"),
        ('timezone = "UTC"', 'timezone = "Moon/Base"', "schedule.off_peak.timezone is 'Moon/Base'", "time zone"),
        ("max_streams = 16", "max_streams = 0", "limits.max_streams is 0", "1 to 1000"),
        ("[limits]", "[limit]", "limits is missing", "a table"),
        ("version =", "version", "is not TOML", "a file like"),
    ],
)
def test_a_bad_value_stops_with_its_key_and_what_is_allowed(
    tmp_path: Path, line: str, instead: str, key: str, allowed: str
) -> None:
    assert line in SHIPPED
    path = tmp_path / "my-rules.toml"
    path.write_text(SHIPPED.replace(line, instead, 1))
    with pytest.raises(RulesError) as caught:
        load_rules(path)
    message = str(caught.value)
    assert message.startswith("my-rules.toml: ")
    assert key in message and allowed in message


def test_tiers_by_input_size_take_what_they_do_not_say_from_the_default(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    tier = "[[images.tier]]\nfrom_bytes = 10_000_000\neffort = 'fast'\n"
    path.write_text(SHIPPED.replace("[video]", f"{tier}\n[video]", 1))
    (made,) = load_rules(path).images.tiers
    assert (made.from_bytes, made.rule.effort, made.rule.quality) == (10_000_000, "fast", 85)


def test_extras_can_be_switched_off(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(SHIPPED.replace("enabled = true", "enabled = false"))
    rules = load_rules(path)
    assert rules.images.thumbnail is None and rules.videos.poster is None


def test_every_value_is_in_the_documentation() -> None:
    words = (DEFAULT_PATH.parent.parent / "docs" / "media.md").read_text("utf-8")

    def keys(table: dict[str, object]) -> set[str]:
        found = set(table)
        for value in table.values():
            for item in value if isinstance(value, list) else [value]:
                found |= keys(item) if isinstance(item, dict) else set()
        return found

    assert [key for key in sorted(keys(tomllib.loads(SHIPPED))) if f"`{key}`" not in words] == []
