"""Media that the demo and the benchmarks make themselves: nothing is downloaded, and each run makes the same kind."""

from __future__ import annotations

import math
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors import CliError

if TYPE_CHECKING:
    from PIL.Image import Image

PHOTO_SIZE_PX = (3024, 4032)
"""As people see it: 12 megapixels, upright."""
ORIENTATION_TAG, TURN_RIGHT = 0x0112, 6
"""EXIF orientation 6: the camera was held upright and stored what it saw lying down; viewers must turn it."""


def photo(path: Path, size_px: tuple[int, int] = PHOTO_SIZE_PX, quality: int = 93) -> None:
    """A landscape like a phone's camera makes it: soft sky, detailed ground, sensor noise, EXIF, held upright."""
    from PIL import Image

    lying = _landscape(*size_px).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[ORIENTATION_TAG] = "SIMPI", "Demo camera", TURN_RIGHT
    lying.save(path, "JPEG", quality=quality, exif=exif, subsampling=0)


def _landscape(width: int, height: int) -> Image:
    from PIL import Image, ImageChops

    sky = Image.merge(
        "RGB", [_slope(height, *ends).resize((width, height)) for ends in ((70, 225), (120, 190), (190, 150))]
    )
    clouds = _clouds(width, height)
    scene = Image.composite(
        Image.new("RGB", (width, height), (250, 248, 244)), sky, clouds.point(lambda v: max(0, v - 120))
    )
    for depth in range(4):
        ridge = _ridge(width, height, depth)
        shade = 1 - 0.22 * depth
        colour = tuple(int(c * shade) for c in (92, 128, 84))
        ground = Image.new("RGB", (width, height), colour)
        grain = Image.effect_noise((width // 2, height // 2), 60 + 14 * depth).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        textured = ImageChops.multiply(ground, Image.merge("RGB", [grain.point(lambda v: min(255, v + 95))] * 3))
        scene.paste(textured, (0, 0), ridge)
    noise = Image.effect_noise((width, height), 7)
    return ImageChops.add(scene, Image.merge("RGB", [noise] * 3), offset=-128)


def _slope(height: int, top: int, bottom: int) -> Image:
    from PIL import Image

    column = Image.new("L", (1, height))
    column.putdata([int(top + (bottom - top) * y / height) for y in range(height)])
    return column


def _clouds(width: int, height: int) -> Image:
    """Noise in octaves, the coarse ones strongest."""
    from PIL import Image

    sum_of = Image.new("L", (width, height), 128)
    for octave in range(5):
        cells = (max(2, (4 << octave)), max(2, (3 << octave)))
        layer = Image.effect_noise(cells, 110).resize((width, height), Image.Resampling.BICUBIC)
        sum_of = Image.blend(sum_of, layer, 0.5 if octave == 0 else 0.5 / (octave + 1))
    return sum_of


def _ridge(width: int, height: int, depth: int) -> Image:
    """A mask of what lies below a line of hills."""
    from PIL import Image, ImageDraw

    mask = Image.new("L", (width, height))
    base = height * (0.45 + 0.13 * depth)
    waves = ((3 + depth, 0.05, depth), (7 + 2 * depth, 0.02, 2 * depth), (23, 0.006, depth * 5), (71, 0.003, 3))
    line = [
        (
            x,
            base
            - sum(height * high * math.sin(2 * math.pi * often * x / width + shift) for often, high, shift in waves),
        )
        for x in range(0, width + 8, 8)
    ]
    ImageDraw.Draw(mask).polygon([*line, (width, height), (0, height)], fill=255)
    return mask


def animation(path: Path, frames: int = 24, size_px: tuple[int, int] = (480, 320)) -> None:
    """An animated GIF: discs that circle over a gradient, 25 frames a second, for ever."""
    from PIL import Image, ImageDraw

    width, height = size_px
    back = Image.merge("RGB", [_slope(height, *ends).resize(size_px) for ends in ((30, 90), (40, 130), (80, 190))])
    drawn = []
    for n in range(frames):
        frame = back.copy()
        pen = ImageDraw.Draw(frame)
        for disc in range(6):
            angle = 2 * math.pi * (n / frames + disc / 6)
            x, y = width / 2 + width * 0.33 * math.cos(angle), height / 2 + height * 0.33 * math.sin(2 * angle)
            radius = 18 + 6 * disc
            colour = (250 - 30 * disc, 120 + 20 * disc, 60 + 30 * disc)
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        drawn.append(frame)
    drawn[0].save(path, save_all=True, append_images=drawn[1:], duration=40, loop=0)


def video(path: Path, seconds: float = 3, size: str = "1280x720", crf: int = 22) -> None:
    """A short video with sound: a fractal zoom and moving noise, coded the way a phone does, generously."""
    fractal = f"mandelbrot=size={size}:rate=30:start_scale=2:end_scale=0.2:end_pts=300"
    picture = f"{fractal},noise=alls=5:allf=t,format=yuv420p"
    sound = "sine=frequency=330:beep_factor=4:sample_rate=48000"
    coding = f"-c:v libx264 -preset ultrafast -crf {crf} -c:a aac -b:a 192k -movflags +faststart".split()
    run_ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-t", f"{seconds}", *coding, str(path))


def ffmpeg() -> str:
    """The FFmpeg that the app uses, too."""
    import imageio_ffmpeg

    return os.environ.get("FFMPEG_BINARY") or str(imageio_ffmpeg.get_ffmpeg_exe())


def run_ffmpeg(*arguments: str) -> None:
    """Run FFmpeg quietly. Raises CliError with what it said."""
    done = subprocess.run(
        [ffmpeg(), "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CliError(f"FFmpeg could not make the video: {done.stderr.strip()[-500:]}", "./simpi doctor")
