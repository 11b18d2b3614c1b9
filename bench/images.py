"""Pictures: ours beside bare Pillow, pyvips and sharp at the same effort; bytes, looks, memory and two jobs at once.

python -m bench.images [--json] [--media DIR]
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median

import psutil
from PIL import Image

from adapters.images import make_image
from adapters.probe import probe
from bench import media, peers
from bench.report import Row, alternating, main, timed
from config.rules import load_rules
from core.errors import Unprocessable
from core.media import Image as Picture
from core.media import Made
from core.plan import plan
from core.rules import Rules

RUNS = 5
PHOTO_BYTES = (300_000, 40_000_000)
MAX_PHOTOS = 6
PEAK_BYTES = 200_000_000


def rules(effort: str) -> Rules:
    shipped = load_rules()
    limits = replace(shipped.limits, max_image_pixels=120_000_000)
    return replace(
        shipped, limits=limits, images=replace(shipped.images, rule=replace(shipped.images.rule, effort=effort))
    )


def ours(source: Path, effort: str, folder: Path) -> Made:
    """The main picture, from the file to the finished, hashed output: probe, plan, make."""
    chosen = rules(effort)
    facts = probe(source, chosen.limits)
    main_picture = plan(facts, source.stat().st_size, chosen).renditions[0]
    return make_image(source, facts, main_picture, folder, chosen.limits)


def photos(folder: Path | None) -> list[Path]:
    """The photos to measure with: large JPEGs of the folder, or two that are made here."""
    if folder is None:
        return [media.photo_file("12mp", 4000, 3000), media.photo_file("24mp", 6000, 4000)]
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in (".jpg", ".jpeg") and PHOTO_BYTES[0] < path.stat().st_size < PHOTO_BYTES[1]:
            with suppress(Unprocessable):
                facts = probe(path, load_rules().limits)
                if isinstance(facts, Picture) and facts.width_px * facts.height_px > 5_000_000 and facts.mode == "RGB":
                    found.append(path)
    return found[:MAX_PHOTOS]


def rows(folder: Path | None = None) -> Iterator[Row]:
    """Every comparison; those with a peer that cannot be installed here are left out, with a note."""
    files = photos(folder)
    with tempfile.TemporaryDirectory(prefix="simpi-bench-") as name:
        out = Path(name)
        ours(files[0], "balanced", out)  # a warm child
        with peers.naive() as naive:
            yield from speed(naive, files, out, {"fast": 0.75, "balanced": 1.05}, "balanced")
            try:
                yield from bytes_and_looks(naive, files, out)
            except peers.Missing as missing:
                print(f"left out: {missing}", file=sys.stderr)
        for peer, target in ((peers.sharp, 1.15), (peers.vips, 1.35)):
            try:
                with peer() as started:
                    yield from speed(started, files, out, {"balanced": target}, None)
            except (RuntimeError, OSError, ValueError) as error:
                print(f"left out: {error}", file=sys.stderr)
        yield two_at_once(files[0], out)
        yield overhead(out)
        yield memory(out)


def speed(
    peer: peers.Peer, files: list[Path], out: Path, targets: dict[str, float], peer_effort: str | None
) -> Iterator[Row]:
    """Seconds per photo: the sum over the photos of the medians, in alternating runs."""
    for effort, target in targets.items():
        pairs = []
        for path in files:
            peer.seconds(path, peer_effort or effort)
            pairs.append(
                alternating(
                    lambda: timed(lambda: ours(path, effort, out)),  # noqa: B023
                    lambda: peer.seconds(path, peer_effort or effort),  # noqa: B023
                    RUNS,
                )
            )
        a, b = (sum(one) for one in zip(*pairs, strict=True))
        yield Row(
            f"images: {len(files)} photos at {effort}, against {peer.name}", a, b, "s", target, "ratio at most", RUNS
        )


def bytes_and_looks(naive: peers.Peer, files: list[Path], out: Path) -> Iterator[Row]:
    """At `fast`, against bare Pillow at its default: no more bytes, and it looks the same."""
    sizes, losses = ([], []), ([], [])  # type: tuple[list[int], list[int]], tuple[list[float], list[float]]
    for path in files:
        reference = out / "reference.png"
        with Image.open(path) as whole:
            scaled = whole.convert("RGB")
            scaled.thumbnail((2048, 2048), Image.Resampling.LANCZOS, reducing_gap=None)
            scaled.save(reference, compress_level=1)
        naive.seconds(path, "balanced")
        made = ours(path, "fast", out)
        for place, picture in enumerate((made.path, naive.target)):
            sizes[place].append(picture.stat().st_size)
            losses[place].append(100 - peers.ssimulacra2(reference, picture))
    yield Row("images: bytes at fast, against naive", sum(sizes[0]), sum(sizes[1]), "bytes", 1.03, "ratio at most", 1)
    a, b = median(losses[0]), median(losses[1])
    yield Row("images: loss at fast (100 - ssimulacra2)", a, b, "points", 1.0, "difference at most", 1)


def two_at_once(path: Path, out: Path) -> Row:
    """Photos per second with two jobs at once against one after the other: how well the processors are used."""
    folders = [out / "one", out / "two"]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    with ThreadPoolExecutor(2) as threads:

        def together() -> float:
            return 2 / timed(lambda: list(threads.map(lambda folder: ours(path, "balanced", folder), folders)))

        def alone() -> float:
            return 1 / timed(lambda: ours(path, "balanced", folders[0]))

        together()
        a, b = alternating(together, alone, RUNS)
    return Row("images: two jobs at once, against one", a, b, "/s", 1.9, "ratio at least", RUNS)


def overhead(out: Path) -> Row:
    """What the child, the probe, the plan and the hash add to Pillow itself: a very small photo."""
    path = out / "tiny.jpg"
    media.photo(64, 64).save(path)
    ours(path, "balanced", out)
    with peers.naive() as naive:
        naive.seconds(path, "balanced")
        a, b = alternating(
            lambda: timed(lambda: ours(path, "balanced", out)), lambda: naive.seconds(path, "balanced"), 15
        )
    return Row("images: what the sandbox adds (64 px)", a, b, "s", 0.02, "difference at most", 15)


def memory(out: Path) -> Row:
    """The most that the child of a 100 MP photo holds, against an idle child."""
    path = media.large_file()
    ours(path, "balanced", out)
    idle = most_held()
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            peak[0] = max(peak[0], most_held())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        ours(path, "balanced", out)
    finally:
        done.set()
        thread.join()
    a, b = peak[0] / 1e6, idle / 1e6
    return Row(
        "images: memory of a 100 MP photo, against an idle child", a, b, "MB", PEAK_BYTES / 1e6, "difference at most", 1
    )


def most_held() -> int:
    """Bytes of memory that the largest of our decoders holds now: the copies of our children do the work."""
    held = [0]
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if any("sandbox_child" in word for word in process.cmdline()):
                held.append(process.memory_info().rss)
    return max(held)


if __name__ == "__main__":
    main(rows, takes_media=True)
