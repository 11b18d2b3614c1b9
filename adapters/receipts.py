"""The receipts: each lies by day, for people and lists, and by its job's id, which says that the job is done."""

from __future__ import annotations

from functools import cache
from typing import Any

from adapters.blobs import Blobs, open_blobs
from config.settings import Settings
from core import naming
from core.naming import RECEIPTS

Receipt = dict[str, Any]


class Receipts:
    """One storage account's receipts (docs/receipt.md describes one). Safe to share between threads."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def of(self, instance_id: str) -> Receipt | None:
        """The receipt of a job, or None while it has not ended."""
        return self._blobs.get_json(RECEIPTS, naming.receipt_by_id(instance_id))

    def exists(self, instance_id: str) -> bool:
        """Whether a job has ended."""
        return self._blobs.exists(RECEIPTS, naming.receipt_by_id(instance_id))

    def ids(self) -> set[str]:
        """The ids of all jobs that have ended: one listing."""
        names = self._blobs.names(RECEIPTS, naming.BY_ID)
        return {name.removeprefix(naming.BY_ID).removesuffix(".json") for name in names}

    def write(self, receipt: Receipt) -> None:
        """Write a receipt, or what has changed in it since. By id comes last: a crash in between leaves the job undone."""
        own_id = receipt["instance_id"]
        for name in (naming.receipt_by_day(own_id, receipt["completed_at"]), naming.receipt_by_id(own_id)):
            self._blobs.put_json(RECEIPTS, name, receipt)

    def keep_earlier(self, receipt: Receipt) -> str:
        """Keep the receipt of a run that is to be repeated; the name of the copy."""
        name = naming.earlier_receipt(receipt["instance_id"], receipt["completed_at"])
        self._blobs.put_json(RECEIPTS, name, receipt)
        return name

    def reopen(self, receipt: Receipt) -> None:
        """Say that a job is not done any more, unless the run that repeats it has written its own receipt already."""
        self._blobs.delete_json(RECEIPTS, naming.receipt_by_id(receipt["instance_id"]), receipt)


@cache
def open_receipts(settings: Settings) -> Receipts:
    """The receipts of the configured account."""
    return Receipts(open_blobs(settings))
