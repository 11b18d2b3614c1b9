"""Facts of imaginary media, for tests that need no file."""

from __future__ import annotations

from core.media import Audio, Image, Video

PICTURE = Image("jpeg", 4000, 3000, "RGB", False, 6, 1, True)
AAC = Audio("aac", "LC", 48_000, 2, 128_000, 1)
FILM = Video(
    container="mov",
    codec="h264",
    profile="High",
    pixel_format="yuv420p",
    bit_depth=8,
    width_px=1920,
    height_px=1080,
    coded_width_px=1920,
    coded_height_px=1080,
    rotation_deg=0,
    sar=1.0,
    fps=30.0,
    variable_rate=False,
    interlaced=False,
    transfer="bt709",
    primaries="bt709",
    matrix="bt709",
    full_range=False,
    duration_s=60.0,
    bitrate_bps=8_000_000,
    index=0,
    audio=AAC,
    level=40,
    dropped=("data",),
)
