"""Small media for the stack's tests, made once per process."""

from __future__ import annotations

import io
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import imageio_ffmpeg
from PIL import Image


@cache
def photo(width_px: int = 1600, height_px: int = 1200, seed: int = 1) -> bytes:
    """A JPEG with some structure in it."""
    picture = Image.effect_mandelbrot((width_px, height_px), (-2 + seed / 100, -1.5, 1, 1.5), 60).convert("RGB")
    noise = Image.effect_noise((width_px, height_px), 30).convert("RGB")
    target = io.BytesIO()
    Image.blend(picture, noise, 0.3).save(target, "JPEG", quality=95)
    return target.getvalue()


@cache
def clip(seconds: float = 2, size: str = "640x360", preset: str = "ultrafast", crf: int = 20) -> bytes:
    """An MP4 with sound that leaves something to compress."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "clip.mp4"
        source = [f"testsrc2=size={size}:rate=30:duration={seconds}", f"sine=frequency=440:duration={seconds}"]
        inputs = [part for one in source for part in ("-f", "lavfi", "-i", one)]
        encode = ["-vf", "noise=alls=6:allf=t", "-c:v", "libx264", "-preset", preset, "-crf", str(crf)]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *inputs, *encode, "-pix_fmt", "yuv420p"]
        subprocess.run([*command, "-c:a", "aac", "-shortest", str(target)], check=True)
        return target.read_bytes()
