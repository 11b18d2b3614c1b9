"""Many files under one parent orchestration: upload all, start the batch, download what its pages report."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.console import note
from cli.download import Names
from cli.errors import CliError
from cli.follow import ENDED, Seen, receipt_of, without_receipt
from cli.inputs import Item
from cli.run import Result, View, downloaded
from cli.upload import upload

if TYPE_CHECKING:
    from cli.target import Target

UPLOADS_AT_ONCE, DOWNLOADS_AT_ONCE, LOOK_S = 4, 4, 1.0


class BatchRun:
    """One call of `compress --batch`."""

    def __init__(self, target: Target, items: Sequence[Item], into: Path, view: View) -> None:
        self._target, self._items, self._view = target, items, view
        self._stop, self._began = threading.Event(), time.monotonic()
        self._names = Names(into, [item.path for item in items])

    def all(self) -> list[Result]:
        """Every file's result, in the order of the files. Raises Unreachable, CliError."""
        try:
            with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
                uploaded = dict(zip(pool.map(self._upload, self._items), self._items, strict=True))
            results: dict[int, Result] = {}
            with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
                for told in self._told(list(uploaded)):
                    for result in pool.map(lambda one: self._result(uploaded[one["blob_name"]], one), told):
                        results[result.item.number] = result
                        self._view.finished(result)
            return [results[item.number] for item in self._items]
        finally:
            self._stop.set()

    def _upload(self, item: Item) -> str:
        name, _ = upload(self._target, item, self._stop, lambda sent: self._view.uploading(item, sent))
        self._view.running(item, Seen("queued", 0, "waiting for the batch"))
        return name

    def _told(self, names: list[str]) -> Iterator[list[dict[str, Any]]]:
        """What the batch reports, page by page as each is done."""
        started = self._target.operation("POST", "/api/batch", {"blob_names": names})
        if started.status != 202:
            raise CliError(f"the batch was not started: {started.status} {started.body}")
        url = str(started.body["statusUrl"])
        note(f"batch {started.body['batchId']}: {len(names)} files")
        page = reported = 0
        while reported < len(names):
            answer = self._target.operation("GET", url, page=str(page))
            if answer.status != 200:
                raise CliError(f"the batch is lost: {self._target.url} answered {answer.status}", "./simpi list")
            if items := answer.body["items"]:
                yield items
                page, reported = page + 1, reported + len(items)
            elif answer.body["runtimeStatus"] in ENDED:
                raise CliError(f"the batch ended as {answer.body['runtimeStatus']}", "./simpi list")
            else:
                self._stop.wait(LOOK_S)

    def _result(self, item: Item, told: dict[str, Any]) -> Result:
        instance = str(told.get("instance_id") or "")
        receipt = receipt_of(self._target, instance) if instance else None
        if receipt is None:
            lost = without_receipt(instance, str(told["blob_name"]), "Failed", told.get("error"))
            lost |= {"error_code": told.get("error_code")}
            return Result(item, lost, [], "", time.monotonic() - self._began)
        return downloaded(self._target, self._names, item, receipt, self._stop, self._began)
