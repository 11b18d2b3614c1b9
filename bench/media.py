"""Media for the benchmarks, made once and kept: photos with the detail of real ones, films with their motion."""

from __future__ import annotations

import subprocess
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from adapters.ffmpeg import ffmpeg_binary
from cli import ROOT

FOLDER = ROOT / ".simpi" / "bench"


def photo(width_px: int, height_px: int) -> Image.Image:
    """Light and clouds at every scale, a few hard edges, and a sensor's grain as demosaicing leaves it."""
    bands = []
    for _ in range(3):
        band = Image.new("L", (width_px, height_px), 128)
        for octave in range(1, 8):
            side = (max(2, width_px >> octave), max(2, height_px >> octave))
            waves = Image.effect_noise(side, 30 + 12 * octave).resize((width_px, height_px), Image.Resampling.BICUBIC)
            band = Image.blend(band, waves, 0.16 + 0.03 * octave)
        bands.append(band)
    picture = Image.merge("RGB", bands)
    draw = ImageDraw.Draw(picture)
    for number in range(40):
        x, y, size = (number * 733) % width_px, (number * 397) % height_px, width_px // (6 + number % 9)
        colour = ((number * 53) % 256, (number * 97 + 40) % 256, (number * 29 + 90) % 256)
        draw.ellipse((x, y, x + size, y + size // 2), fill=colour)
    grain = Image.effect_noise((width_px // 2, height_px // 2), 12).resize(picture.size, Image.Resampling.BICUBIC)
    return ImageChops.add(picture, Image.merge("RGB", (grain, grain, grain)), scale=1, offset=-128)


def photo_file(name: str, width_px: int, height_px: int) -> Path:
    """A JPEG of quality 90, made at the first call."""
    path = FOLDER / "media" / f"{name}.jpg"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        photo(width_px, height_px).save(path, quality=90)
    return path


def large_file() -> Path:
    """A baseline JPEG of 100 MP: four by four of one photo."""
    path = FOLDER / "media" / "100mp.jpg"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        tile, whole = photo(2500, 2500), Image.new("RGB", (10_000, 10_000))
        for number in range(16):
            whole.paste(tile, (number % 4 * 2500, number // 4 * 2500))
        whole.save(path, quality=88)
    return path


def film(name: str, size: str, seconds: float, *options: str) -> Path:
    """An H.264 film with sound, motion and grain, made at the first call."""
    path = FOLDER / "media" / f"{name}.mp4"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        sources = (f"testsrc2=size={size}:rate=30:duration={seconds}", f"sine=frequency=330:duration={seconds}")
        inputs = [part for source in sources for part in ("-f", "lavfi", "-i", source)]
        grain = ("-vf", "noise=alls=8:allf=t,format=yuv420p", "-c:v", "libx264", "-preset", "veryfast")
        command = [ffmpeg_binary(), "-v", "error", "-y", *inputs, *grain, *options, "-c:a", "aac", str(path)]
        subprocess.run(command, check=True)
    return path
