"""Files that people drop: made here, in a folder of the test run."""

from __future__ import annotations

import io
import random
from pathlib import Path

from PIL import Image

from tests.stack.media import clip, photo


def scenery(folder: Path, name: str, width: int = 2400, height: int = 1600, seed: int = 1) -> Path:
    """A photo."""
    path = folder / name
    path.write_bytes(photo(width, height, seed))
    return path


def five_kinds(folder: Path) -> list[Path]:
    """A JPEG, a PNG, an animation, a HEIC and a clip."""
    from pillow_heif import register_heif_opener

    register_heif_opener()
    folder.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(photo(1600, 1200, 3)))
    paths = [
        folder / name
        for name in ("Meer bei Nacht.jpg", "chart.png", "loading.gif", "IMG_0042.heic", "Holiday clip.mp4")
    ]
    paths[0].write_bytes(photo(2400, 1600, 2))
    picture.resize((800, 600)).save(paths[1])
    frames = [picture.resize((240, 180)).rotate(angle) for angle in range(0, 60, 10)]
    frames[0].save(paths[2], save_all=True, append_images=frames[1:], duration=80, loop=0)
    picture.save(paths[3], quality=90)
    paths[4].write_bytes(clip(2, "1280x720"))
    return paths


def padded_clip(path: Path, size_bytes: int) -> Path:
    """A short clip in a file of this size: the rest is a box that players skip, full of noise."""
    video = clip(1)
    box = size_bytes - len(video)
    noise = random.Random(7).randbytes(box - 8)
    path.write_bytes(video + box.to_bytes(4, "big") + b"free" + noise)
    return path
