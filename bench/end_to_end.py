"""What the way through blob storage and the durable orchestration costs a user, against the bare encoder call.

Ours is what `./simpi compress` waits for: from the first byte uploaded to the receipt. The peer is the same encode alone.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench.report import Row, alternating, main
from cli import background, demo_media, stack
from cli.errors import CliError
from cli.follow import Follower
from cli.inputs import Item
from cli.target import Target, of_stack
from cli.upload import upload

PHOTO_RUNS, VIDEO_RUNS = 5, 3
PHOTO_PX, VIDEO_PX, VIDEO_S = (1200, 1600), "640x360", 30
LARGEST_SIDE_PX, THUMBNAIL_PX, WEBP_QUALITY = 2048, 400, 85
OVERHEAD_S = 1.0
VIDEO_RATIO = 1.25


def rows() -> Iterator[Row]:
    """A small photo and a video of 30 s, on a stack that is warm."""
    with tempfile.TemporaryDirectory(prefix="simpi-bench-") as folder:
        here = Path(folder)
        photo, video = here / "photo.jpg", here / "video.mp4"
        demo_media.photo(photo, PHOTO_PX)
        demo_media.video(video, VIDEO_S, VIDEO_PX, crf=36)
        data = here / "data"
        try:
            target = of_stack(background.ensure(data, None, lambda _: None))
            through(target, photo)  # warm it up
            a, b = alternating(lambda: through(target, photo), lambda: bare_pillow(photo), PHOTO_RUNS)
            yield Row("end to end: small photo", a, b, "s", OVERHEAD_S, "difference at most", PHOTO_RUNS)
            a, b = alternating(lambda: through(target, video), lambda: bare_ffmpeg(video), VIDEO_RUNS)
            yield Row("end to end: 30 s video", a, b, "s", VIDEO_RATIO, "ratio at most", VIDEO_RUNS)
        finally:
            stack.stop(data)


def through(target: Target, path: Path) -> float:
    """Seconds from upload to receipt."""
    stop = threading.Event()
    item = Item(0, path, path.name, path.stat().st_size, Path(), path.stem)
    began = time.perf_counter()
    blob, instance = upload(target, item, stop, lambda _: None)
    receipt = Follower(target, stop).follow(instance, blob, lambda _: None)
    if receipt["status"] != "success":
        raise CliError(f"{path.name} ended as {receipt['status']}: {receipt.get('error')}")
    return time.perf_counter() - began


def bare_pillow(path: Path) -> float:
    """Seconds of the same picture by Pillow alone: turned, fitted, saved as WebP, with its thumbnail."""
    from PIL import Image, ImageOps

    began = time.perf_counter()
    with Image.open(path) as opened:
        picture = ImageOps.exif_transpose(opened)
        picture.thumbnail((LARGEST_SIDE_PX, LARGEST_SIDE_PX))
        picture.save(path.with_suffix(".webp"), quality=WEBP_QUALITY)
        picture.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
        picture.save(path.with_suffix(".thumb.webp"), quality=WEBP_QUALITY)
    return time.perf_counter() - began


def bare_ffmpeg(path: Path) -> float:
    """Seconds of the same video by FFmpeg alone, by the shipped rule of the small tier."""
    began = time.perf_counter()
    demo_media.run_ffmpeg(
        *("-i", str(path), "-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", str(path.with_suffix(".bare.mp4"))),
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    main(rows)
