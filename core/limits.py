"""What one upload may cost: everything beyond is refused before, or stopped while, it is decoded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The `[limits]` of compression.toml: pixels, sides in px, times in seconds, sizes in bytes."""

    max_input_bytes: int
    max_image_pixels: int
    max_side_px: int
    max_frames: int
    max_total_pixels: int
    max_video_pixels: int
    max_video_total_pixels: int
    max_streams: int
    max_duration_s: float
    max_output_bytes: int
    probe_time_s: float
    image_time_s: float
    image_s_per_megapixel: float
    encode_time_s: float
    child_memory_bytes: int
    video_memory_bytes: int
