"""The compression rules as values: what compression.toml says, checked by its loader."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.limits import Limits


@dataclass(frozen=True)
class ImageRule:
    """How one picture is made. Sides in px; quality 1–100."""

    target: str
    """webp, jpeg, png, avif, or same (the format that came in)."""
    quality: int
    max_side_px: int
    effort: str
    """fast, balanced or small: time against bytes."""


@dataclass(frozen=True)
class ImageTier:
    """An image rule for inputs of at least so many bytes."""

    from_bytes: int
    rule: ImageRule


@dataclass(frozen=True)
class Images:
    rule: ImageRule
    tiers: tuple[ImageTier, ...]
    """Exceptions by input size, ascending; the last one that applies counts."""
    thumbnail: ImageRule | None
    widths: tuple[int, ...]
    keep_copyright: bool
    animation_quality: int


@dataclass(frozen=True)
class VideoTier:
    """How one video is made. `box_px` None keeps the size, up to `Videos.max_box_px`."""

    name: str
    below_bytes: int | None
    """The first tier whose bound is above the input's size counts; None takes all the rest."""
    crf: int
    preset: str
    box_px: tuple[int, int] | None


@dataclass(frozen=True)
class Videos:
    tiers: tuple[VideoTier, ...]
    max_fps: float
    max_box_px: tuple[int, int]
    """Nothing larger is written, also where the size is kept: what browsers can play."""
    audio_bitrate_bps: int
    remux_below_bpp: float
    """A web-ready video with fewer bits per pixel and frame than this is only repacked."""
    poster: ImageRule | None


@dataclass(frozen=True)
class OffPeak:
    """The window in which large uploads run when deferral is on; "HH:MM" in the time zone."""

    enabled: bool
    start: str
    end: str
    timezone: str


@dataclass(frozen=True)
class Schedule:
    immediate_below_bytes: int
    off_peak: OffPeak


@dataclass(frozen=True)
class Rules:
    version: str
    images: Images
    videos: Videos
    limits: Limits
    schedule: Schedule
    source: str = field(default="compression.toml", compare=False)
