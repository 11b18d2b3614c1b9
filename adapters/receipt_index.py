"""The receipts of days, in one line each, fast: an index that the jobs themselves write, checked against the receipts.

Each job appends its line to `index/{yyyy}/{mm}/{dd}/{HH}.jsonl` in the container `receipts`. What counts is which receipts
lie in a day's folder: lines without a receipt are dropped, receipts without a line are read and added. So the index may be
lost, late or doubled, and the answer is right all the same.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContainerClient

from adapters.blobs import open_service
from config.settings import Settings
from core import naming
from core.jobs import Row, row_of

INDEX = "index/"
FRESH_S, FRESH_TIMES = 3.0, 5.0
"""How long a day's listing is believed: this long, and so many times as long as it took."""
MOST_ROWS = 200_000
READERS = 16
BLOCK_BYTES = 3 * 1024**2
"""Of one append; the service takes 4 MiB."""


@dataclass(frozen=True)
class _Day:
    rows: dict[str, Row]
    index: tuple[tuple[str, int], ...]
    good_until: float


class ReceiptIndex:
    """The index of one storage account's receipts. Safe to share between threads."""

    def __init__(self, service: BlobServiceClient) -> None:
        self._container: ContainerClient = service.get_container_client(naming.RECEIPTS)
        self._days: OrderedDict[date, _Day] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, receipt: dict[str, Any]) -> None:
        """Append the line of a receipt to the index. Twice is harmless: the later line counts."""
        self._append(_index_name(receipt["completed_at"]), _line(row_of(receipt)))

    def days(self) -> list[date]:
        """The days that have receipts, newest first."""
        found = []
        for year in self._folders("", 4):
            for month in self._folders(year, 2):
                found += [day.strip("/") for day in self._folders(month, 2)]
        return sorted((date.fromisoformat(day.replace("/", "-")) for day in found), reverse=True)

    def _folders(self, prefix: str, digits: int) -> list[str]:
        walked = self._container.walk_blobs(name_starts_with=prefix, delimiter="/")
        names = (entry.name for entry in walked if entry.name.endswith("/"))
        return [name for name in names if len(own := name[len(prefix) : -1]) == digits and own.isdigit()]

    def rows(self, day: date) -> Iterable[Row]:
        """The jobs that ended on a day (UTC), in no order."""
        with self._lock:
            known = self._days.get(day)
            if known is None or time.monotonic() > known.good_until:
                known = self._days[day] = self._checked(day, known)
                self._days.move_to_end(day)
                while len(self._days) > 1 and sum(len(one.rows) for one in self._days.values()) > MOST_ROWS:
                    self._days.popitem(last=False)
            return known.rows.values()

    def _checked(self, day: date, known: _Day | None) -> _Day:
        begun, folder = time.monotonic(), f"{day:%Y/%m/%d}/"
        blobs = self._container.list_blobs(name_starts_with=INDEX + folder)
        index = tuple((blob.name, int(blob.size)) for blob in blobs)
        there = {
            name[len(folder) : -len(".json")]: name for name in self._container.list_blob_names(name_starts_with=folder)
        }
        rows = known.rows if known and known.index == index else self._indexed(name for name, _ in index)
        rows = {own_id: rows[own_id] for own_id in there if own_id in rows}
        if missing := {own_id: name for own_id, name in there.items() if own_id not in rows}:
            read = self._read(missing.values())
            rows |= {row.instance_id: row for row in read}
            self._mend(read)
        took_s = time.monotonic() - begun
        return _Day(rows, index, begun + took_s + max(FRESH_S, FRESH_TIMES * took_s))

    def _indexed(self, names: Iterable[str]) -> dict[str, Row]:
        rows: dict[str, Row] = {}
        for name in names:
            for line in self._container.download_blob(name).readall().splitlines():
                try:
                    row = Row(*json.loads(line))
                except (ValueError, TypeError):  # of another version of ours: the receipt is read instead
                    continue
                rows[row.instance_id] = row
        return rows

    def _read(self, names: Iterable[str]) -> list[Row]:
        def read(name: str) -> Row | None:
            try:
                return row_of(json.loads(self._container.download_blob(name).readall()))
            except (ResourceNotFoundError, ValueError, TypeError):
                return None

        with ThreadPoolExecutor(READERS) as pool:
            return [row for row in pool.map(read, names) if row is not None and row.instance_id and row.completed_at]

    def _mend(self, rows: list[Row]) -> None:
        """Add the lines that the index lacks, many at once."""
        lines: dict[str, bytes] = {}
        for row in rows:
            name = _index_name(row.completed_at)
            lines[name] = lines.get(name, b"") + _line(row)
            if len(lines[name]) > BLOCK_BYTES:
                self._append(name, lines.pop(name))
        for name, more in lines.items():
            self._append(name, more)

    def _append(self, name: str, lines: bytes) -> None:
        blob = self._container.get_blob_client(name)
        try:
            blob.append_block(lines, length=len(lines))
        except ResourceNotFoundError:
            with suppress(ResourceExistsError, ResourceModifiedError):  # somebody else was quicker
                blob.create_append_blob(headers={"If-None-Match": "*"})
            blob.append_block(lines, length=len(lines))


def _index_name(completed_at: str) -> str:
    """By hour: a blob takes 50,000 appends."""
    return f"{INDEX}{completed_at[:10].replace('-', '/')}/{completed_at[11:13]}.jsonl"


def _line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@cache
def open_receipt_index(settings: Settings) -> ReceiptIndex:
    """The index of the configured account, one per process."""
    return ReceiptIndex(open_service(settings))
