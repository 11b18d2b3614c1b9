"""The figures that README and docs/media.md give are those of the rules that are shipped."""

from __future__ import annotations

import re
from pathlib import Path

from config.rules import DEFAULT_PATH, load_rules
from core.rules import VideoTier

ROOT = Path(__file__).resolve().parents[2]
README, MEDIA = (ROOT / "README.md").read_text(), (ROOT / "docs" / "media.md").read_text()
RULES = load_rules(DEFAULT_PATH)


def upload(tiers: tuple[VideoTier, ...], number: int) -> tuple[int | None, int | None]:
    """From how many to how many MB a tier takes."""
    bounds = [tier.below_bytes and tier.below_bytes // 1_000_000 for tier in tiers]
    return (bounds[number - 1] if number else None), bounds[number]


def box(tier: VideoTier) -> str:
    return f"{tier.box_px[0]}×{tier.box_px[1]}" if tier.box_px else ""


def test_the_readme_gives_the_tiers_as_they_are_shipped() -> None:
    rows = re.findall(r"^\| video (.+?) \| H\.264 CRF (\d+), (size kept|fits (\d+×\d+)).* \|$", README, re.MULTILINE)
    given = [([int(n) for n in re.findall(r"\d+", size)], int(crf), box_px) for size, crf, _, box_px in rows]
    tiers = RULES.videos.tiers
    assert given == [
        ([mb for mb in upload(tiers, number) if mb is not None], tier.crf, box(tier))
        for number, tier in enumerate(tiers)
    ]


def test_the_page_about_media_gives_the_tiers_as_they_are_shipped() -> None:
    table = MEDIA[MEDIA.index("| tier | upload |") :].split("\n\n")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]
    tiers = RULES.videos.tiers
    assert [row[0] for row in rows] == [tier.name for tier in tiers]
    for number, (tier, (_, size, crf, preset, fits)) in enumerate(zip(tiers, rows, strict=True)):
        assert [int(mb) for mb in re.findall(r"\d+", size)] == [mb for mb in upload(tiers, number) if mb is not None]
        assert (int(crf), preset) == (tier.crf, tier.preset)
        assert (box(tier) or "{}×{}".format(*RULES.videos.max_box_px)) in fits


def test_both_give_the_photos_figures_as_they_are_shipped() -> None:
    rule, thumbnail = RULES.images.rule, RULES.images.thumbnail
    assert thumbnail is not None
    photo = next(line for line in README.splitlines() if line.startswith("| photo |"))
    picture = next(line for line in MEDIA.splitlines() if line.startswith("| JPEG, PNG"))
    for line in (photo, picture.split("|", 2)[2]):
        assert [int(n) for n in re.findall(r"\d+", line)] == [rule.quality, rule.max_side_px, thumbnail.max_side_px]
        assert rule.target in line.lower()
