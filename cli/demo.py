"""`./simpi demo`: the main job on media that it makes itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cli import compress, demo_media
from cli.console import err, out
from cli.inputs import items_of
from cli.run import Result

MADE = (("photo.jpg", demo_media.photo), ("animation.gif", demo_media.animation), ("video.mp4", demo_media.video))


def demo(folder: Path, data: Path) -> list[Result]:
    """Make a photo, an animation and a video while the stack starts, and compress them the whole way."""
    originals, results = folder / "originals", folder / "compressed"
    originals.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(len(MADE)) as pool:
        making = [pool.submit(_made, originals / name, make) for name, make in MADE]
        target = compress.reach(None, data, None)
        with err().status("making a photo, an animation and a video…"):
            for one in making:
                one.result()
    items = items_of([originals / name for name, _ in MADE], results, recursive=False)
    return compress.run(target, items, results)


def _made(path: Path, make: Callable[[Path], None]) -> None:
    """Make a file, whole or not at all; one from an earlier demo will do."""
    if not path.exists():
        half = path.with_name(f"half.{path.name}")
        make(half)
        half.replace(path)


def show(results: list[Result], folder: Path) -> None:
    """The table, the three receipts in short, and what to do next."""
    compress.show(results, folder / "compressed")
    lines = ["", "Receipts (in full: ./simpi show ID):"]
    for result in results:
        receipt = result.receipt
        recipe = receipt.get("recipe") or {}
        facts = [str(receipt.get(key)) for key in ("status", "action", "format") if receipt.get(key)]
        facts += [f"tier {recipe['tier']}"] if recipe.get("tier") else []
        lines.append(f"  {receipt['instance_id']}  {result.item.label}: {', '.join(facts)}")
        lines += [f"      {path}" for path in result.downloaded]
    lines += [
        "",
        f"The originals are in {folder / 'originals'}.",
        "",
        "Next:",
        "  ./simpi compress PHOTO VIDEO   your own files, into ./compressed",
        "  ./simpi up                     everything in this terminal, with the web page",
        "  ./simpi list                   the jobs so far",
        "  ./simpi down                   ends the stack in the background",
    ]
    out().print("\n".join(lines), markup=False, soft_wrap=True)
