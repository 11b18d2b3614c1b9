"""Sides that fit: aspect kept, never enlarged. All in px."""

from __future__ import annotations


def fit(width_px: int, height_px: int, box_px: tuple[int, int]) -> tuple[int, int]:
    """The largest size of this shape that is inside the box and not larger than it was."""
    factor = min(box_px[0] / width_px, box_px[1] / height_px)
    if factor >= 1.0:
        return width_px, height_px
    return max(1, round(width_px * factor)), max(1, round(height_px * factor))


def oriented_box(width_px: int, height_px: int, box_px: tuple[int, int]) -> tuple[int, int]:
    """The box turned the way the medium stands: 854×480 for landscape is 480×854 for portrait."""
    long_px, short_px = max(box_px), min(box_px)
    return (short_px, long_px) if height_px > width_px else (long_px, short_px)


def even(side_px: int) -> int:
    """The nearest even side that is not larger, at least 2: 4:2:0 video has no odd sides."""
    return max(2, side_px - side_px % 2)


def fit_even(width_px: int, height_px: int, box_px: tuple[int, int] | None) -> tuple[int, int]:
    """The size that fits in the medium's own orientation, each side the nearest even one: 1080p in 854×480 is 854×480."""
    if box_px is None:
        return even(width_px), even(height_px)
    box = oriented_box(width_px, height_px, box_px)
    factor = min(box[0] / width_px, box[1] / height_px)
    sides = ((width_px, box[0]), (height_px, box[1]))
    wide, high = (min(even(min(side, most)), max(2, 2 * round(side * factor / 2))) for side, most in sides)
    return wide, high


def displayed(width_px: int, height_px: int, sar: float, rotation_deg: int) -> tuple[int, int]:
    """What a viewer sees of coded pixels: made square by widening or narrowing, then turned."""
    width_px = max(1, round(width_px * sar))
    return (height_px, width_px) if rotation_deg % 180 else (width_px, height_px)
