"""The whole way for many files at once: upload, follow, download. No printing: a view is told what happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cli.download import Names, download
from cli.errors import CliError, Stopped, Unreachable
from cli.follow import Follower, Receipt, Seen, without_receipt
from cli.inputs import Item
from cli.upload import upload

if TYPE_CHECKING:
    from cli.target import Target

FILES_AT_ONCE, UPLOADS_AT_ONCE = 16, 4


@dataclass(frozen=True)
class Result:
    """What became of one file.

    `problem` says what went wrong here and not in the job, empty if nothing did; `seconds` is from the first byte sent to
    the last one received.
    """

    item: Item
    receipt: Receipt
    downloaded: list[Path]
    problem: str
    seconds: float

    @property
    def is_fine(self) -> bool:
        """Whether the file was compressed (or rightly kept) and its results are here."""
        return self.receipt.get("status") == "success" and not self.problem

    def to_json(self) -> dict[str, Any]:
        """The receipt, with the file and where its results are. `problem` is there only if something went wrong here."""
        told = {**self.receipt, "file": str(self.item.path), "downloaded": [str(path) for path in self.downloaded]}
        return told | ({"problem": self.problem} if self.problem else {})


class View(Protocol):
    """Somebody who is told what happens, from several threads."""

    def uploading(self, item: Item, sent_bytes: int) -> None:
        """So many bytes of this file have been sent."""

    def running(self, item: Item, seen: Seen) -> None:
        """The job's status said this."""

    def finished(self, result: Result) -> None:
        """This file is through."""


class Run:
    """One call of `compress`."""

    def __init__(self, target: Target, items: Sequence[Item], into: Path, view: View) -> None:
        self._target, self._items, self._view = target, items, view
        self._stop = threading.Event()
        self._names = Names(into, [item.path for item in items])
        self._follower = Follower(target, self._stop)
        self._uploads = threading.Semaphore(UPLOADS_AT_ONCE)

    def all(self) -> list[Result]:
        """Every file's result, in the order of the files. Raises Unreachable, and KeyboardInterrupt after cleaning up."""
        pool = ThreadPoolExecutor(FILES_AT_ONCE, thread_name_prefix="file")
        try:
            futures = [pool.submit(self._one, item) for item in self._items]
            _first_problem(futures)
            return [future.result() for future in futures]
        finally:
            self._stop.set()
            pool.shutdown(wait=True, cancel_futures=True)

    def _one(self, item: Item) -> Result:
        began = time.monotonic()
        blob = instance = ""
        try:
            with self._uploads:
                if self._stop.is_set():
                    raise Stopped
                sent = self._view.uploading
                blob, instance = upload(self._target, item, self._stop, lambda sent_bytes: sent(item, sent_bytes))
            receipt = self._follower.follow(instance, blob, lambda seen: self._view.running(item, seen))
        except Unreachable:
            raise
        except CliError as problem:
            receipt = without_receipt(instance, blob, "Failed", str(problem)) | {"error_code": "not_started"}
            result = Result(item, receipt, [], _with_hint(problem), time.monotonic() - began)
        else:
            result = downloaded(self._target, self._names, item, receipt, self._stop, began)
        self._view.finished(result)
        return result


def downloaded(
    target: Target, names: Names, item: Item, receipt: Receipt, stop: threading.Event, began: float
) -> Result:
    """The result of a file whose job has ended, with what it has made brought here, or why not. Raises Stopped.

    `began` is when its way began, in monotonic seconds.
    """
    paths, problem = list[Path](), ""
    try:
        paths = download(target, names, item, receipt, stop)
    except (CliError, OSError) as failure:
        problem = _with_hint(failure)
    return Result(item, receipt, paths, problem, time.monotonic() - began)


def _with_hint(problem: Exception) -> str:
    hint = getattr(problem, "hint", "")
    return f"{problem}. {hint}" if hint else str(problem)


def _first_problem(futures: Sequence[Future[Result]]) -> None:
    """Wait for all, or for the first that cannot go on; in steps, so that Ctrl-C is noticed at once."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=0.2, return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()


def totals(results: Sequence[Result]) -> dict[str, Any]:
    """The sums over the files that have a compressed version, and how many files ended in which status."""
    told = [result.receipt for result in results if result.receipt.get("compressed_size") is not None]
    original = sum(int(receipt["original_size"]) for receipt in told)
    compressed = sum(int(receipt["compressed_size"]) for receipt in told)
    by_status: dict[str, int] = {}
    for result in results:
        status = str(result.receipt.get("status"))
        by_status[status] = by_status.get(status, 0) + 1
    return {
        "original_size": original,
        "compressed_size": compressed,
        "saved_bytes": original - compressed,
        "by_status": by_status,
    }
