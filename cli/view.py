"""What the user sees while files are compressed: bars in a terminal, one line per finished file elsewhere. On stderr."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cli import text
from cli.console import err, note
from cli.follow import Seen, is_waiting
from cli.inputs import Item
from cli.run import Result, View

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

BARS = 12
LABEL_CHARS = 32
UPLOAD_SHARE = 0.1
"""A file's bar: the first tenth is the upload, the rest what the status says."""


@contextlib.contextmanager
def shown(items: Sequence[Item]) -> Iterator[View]:
    """The view that fits where stderr goes."""
    if not err().is_terminal:
        yield Lines(len(items))
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.fields[label]}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[doing]}", style="dim", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err(), transient=True, refresh_per_second=10) as progress:
        yield Bars(progress, items)


class Lines:
    """One line per finished file: for logs and pipes."""

    def __init__(self, count: int) -> None:
        self._count, self._done = count, 0
        self._lock, self._waits = threading.Lock(), Waits()

    def uploading(self, item: Item, sent_bytes: int) -> None:
        """Not worth a line."""

    def running(self, item: Item, seen: Seen) -> None:
        """Say why nothing happens; the rest is not worth a line."""
        if self._waits.is_new(seen):
            note(f"{item.label}: {seen.message}")

    def finished(self, result: Result) -> None:
        """Say how the file ended."""
        with self._lock:
            self._done += 1
            err().print(f"[{self._done}/{self._count}] {sentence(result)}", markup=False, soft_wrap=True)


class Waits:
    """Why jobs wait, each reason once for all files: many wait for the same."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def is_new(self, seen: Seen) -> bool:
        """Whether this is a reason to wait that nobody has been told of."""
        with self._lock:
            new = is_waiting(seen.message) and seen.message not in self._said
            self._said.add(seen.message)
        return new


class Bars:
    """A bar per file that is being worked on, and one for all."""

    def __init__(self, progress: Progress, items: Sequence[Item]) -> None:
        self._progress = progress
        self._many = len(items) > BARS
        self._bars: dict[int, TaskID] = {}
        self._lock, self._waits = threading.Lock(), Waits()
        name = text.plural(len(items), "file")
        self._all = progress.add_task(
            "", total=len(items), label=f"{name:<{LABEL_CHARS}}", doing="", visible=len(items) > 1
        )

    def uploading(self, item: Item, sent_bytes: int) -> None:
        """Move within the first part of the bar."""
        self._show(item, 100 * UPLOAD_SHARE * (sent_bytes / item.size_bytes if item.size_bytes else 1), "uploading")

    def running(self, item: Item, seen: Seen) -> None:
        """Move within the rest of the bar."""
        if self._waits.is_new(seen):
            note(f"{item.label}: {seen.message}")
        waits = is_waiting(seen.message)  # said above, in full
        told = seen.message and seen.message.lower() != seen.stage and not waits
        doing = "waiting" if waits else f"{seen.stage} {seen.message}" if told else seen.stage
        self._show(item, 100 * UPLOAD_SHARE + (1 - UPLOAD_SHARE) * seen.percent, doing)

    def finished(self, result: Result) -> None:
        """Fill the bar and say how the file ended; among many, make room for the next."""
        bar = self._bar(result.item)
        self._progress.update(bar, completed=100, doing=outcome(result), visible=not self._many)
        self._progress.stop_task(bar)
        self._progress.advance(self._all)
        if self._many:
            self._progress.console.print(sentence(result), markup=False, soft_wrap=True)

    def _show(self, item: Item, percent: float, doing: str) -> None:
        self._progress.update(self._bar(item), completed=percent, doing=doing)

    def _bar(self, item: Item) -> TaskID:
        with self._lock:
            if item.number not in self._bars:
                label = item.label if len(item.label) <= LABEL_CHARS else "…" + item.label[1 - LABEL_CHARS :]
                self._bars[item.number] = self._progress.add_task(
                    "", total=100, label=f"{label:<{LABEL_CHARS}}", doing=""
                )
            return self._bars[item.number]


def sentence(result: Result) -> str:
    """How one file ended, in one line."""
    return f"{result.item.label}: {outcome(result)}, {text.seconds(result.seconds)}"


def outcome(result: Result) -> str:
    """How one file ended, in a few words."""
    receipt = result.receipt
    if result.problem:
        return result.problem
    if receipt.get("status") != "success":
        return text.verdict(receipt)
    original, compressed = receipt.get("original_size"), receipt.get("compressed_size")
    if receipt.get("action") == "kept_original":
        return "original kept"
    return f"{text.size(original)} → {text.size(compressed)} ({text.saved(original, compressed)})"
