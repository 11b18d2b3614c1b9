"""Facts about media, as values: what a file is (`Image`, `Video`) and what was made of it (`Made`).

Only whitelisted scalars, never raw tags: these values cross the durable boundary and end up in receipts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Image:
    """One picture or animation, as a viewer would show it (upright)."""

    format: str
    """jpeg, png, gif, webp, heic, avif, tiff or bmp."""
    width_px: int
    height_px: int
    mode: str
    """Pillow's name of the pixel layout: RGB, RGBA, P, L, CMYK, I;16 …"""
    has_alpha: bool
    orientation: int
    """The EXIF orientation (1–8) that is still to be applied; 1 when the decoder does it."""
    frames: int
    """More than 1 only for an animation; a multi-picture file has one."""
    has_icc: bool
    pictures: int = 1
    """Pictures in the file that are not frames of an animation (a burst, an MPO, pages); only the first is used."""
    kind: str = "image"

    @property
    def is_animated(self) -> bool:
        return self.frames > 1


@dataclass(frozen=True)
class Audio:
    """The sound track that goes along."""

    codec: str
    profile: str | None
    sample_rate_hz: int
    channels: int
    bitrate_bps: int | None
    index: int
    """Number of the stream in the file."""
    streams: int = 1
    """Sound tracks in the file; only one is kept."""


@dataclass(frozen=True)
class Video:
    """One film: its main picture and sound track. Sides in px, rates in bits per second, times in seconds."""

    container: str
    """mov, matroska, avi, mpegts, mpeg, flv or asf."""
    codec: str
    profile: str | None
    pixel_format: str
    bit_depth: int
    width_px: int
    """As viewers see it: square pixels, upright."""
    height_px: int
    coded_width_px: int
    coded_height_px: int
    rotation_deg: int
    """Clockwise turn that the display matrix asks for: 0, 90, 180, 270."""
    sar: float
    """Width of one pixel over its height, before the turn."""
    fps: float | None
    variable_rate: bool
    interlaced: bool
    transfer: str
    """bt709, pq, hlg, unknown …"""
    primaries: str
    matrix: str
    full_range: bool
    duration_s: float
    bitrate_bps: int
    """Of the picture alone; estimated from the file when the file does not say."""
    index: int
    """Number of the stream in the file."""
    audio: Audio | None = None
    level: int | None = None
    has_b_frames: bool = False
    dropped: tuple[str, ...] = ()
    """What the file holds besides and the output leaves out: subtitle, data, cover, video, audio."""
    kind: str = "video"

    @property
    def is_hdr(self) -> bool:
        return self.transfer in ("pq", "hlg")


@dataclass(frozen=True)
class Made:
    """One finished output: a file inside the job's folder and what is to be said about it."""

    role: str
    path: Path
    extension: str
    content_type: str
    format: str
    width_px: int
    height_px: int
    duration_s: float | None
    size_bytes: int
    sha256: str
    action: str
    """compressed, remuxed or kept_original."""
    reason: str
    argv: list[str]
    """What was run, with the file names `in.bin` and `out.*` instead of paths."""
    elapsed_s: float


CONTENT_TYPES = {
    "webp": "image/webp",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "avif": "image/avif",
    "heic": "image/heic",
    "tiff": "image/tiff",
    "mp4": "video/mp4",
}

EXTENSIONS = {name: name for name in CONTENT_TYPES} | {"jpeg": "jpg", "tiff": "tif"}


def facts_from_dict(data: dict[str, Any]) -> Image | Video:
    """Restore what `asdict` made, also after a JSON round trip.

    Raises: ValueError, if it is no such thing.
    """
    if data.get("kind") == "image":
        return Image(**_known(Image, data))
    if data.get("kind") == "video":
        values = _known(Video, data)
        audio = values.get("audio")
        values["audio"] = Audio(**_known(Audio, audio)) if isinstance(audio, dict) else None
        values["dropped"] = tuple(values.get("dropped", ()))
        return Video(**values)
    raise ValueError(f"kind: {data.get('kind')!r} is neither image nor video")


def _known(cls: type, data: dict[str, Any]) -> dict[str, Any]:
    """Only the fields we know: a newer version may have written more."""
    names = {field.name for field in fields(cls)}
    return {name: value for name, value in data.items() if name in names}
