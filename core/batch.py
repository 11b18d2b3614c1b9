"""A batch: many uploads under one parent, page by page. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

PAGE = 50
"""Uploads that one generation of the parent fans out. Its history starts anew after each page."""

BATCH_ID = re.compile(r"batch-[0-9a-f]{32}")

MAX_NAMES = 100_000
MAX_REQUEST_BYTES = 16 * 1024**2


@dataclass(frozen=True)
class Progress:
    """How far a batch is. `next_page` is none when the last page is done; `by_status` counts what ended, by status."""

    batch_id: str
    next_page: int | None = 0
    total: int | None = None
    done: int = 0
    saved_bytes: int = 0
    by_status: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises: ValueError for an id that is not a batch's: names of blobs are made from it."""
        if not BATCH_ID.fullmatch(self.batch_id):
            raise ValueError("this is not the id of a batch")

    def after(self, items: list[dict[str, Any]], next_page: int | None) -> Progress:
        """The progress with one more page done."""
        counts = Counter(self.by_status) + Counter(str(item["status"]) for item in items)
        return Progress(
            self.batch_id,
            next_page,
            self.total,
            self.done + len(items),
            self.saved_bytes + sum(item["saved_bytes"] or 0 for item in items),
            dict(counts),
        )

    def to_dict(self) -> dict[str, Any]:
        """What crosses the durable boundary."""
        return asdict(self)


def request_name(batch_id: str) -> str:
    """Where the names of a batch lie, in `receipts`: they would be too large for a message."""
    return f"batches/{batch_id}/request.json"


def items_name(batch_id: str, page: int) -> str:
    """Where the items of one page are reported, in `receipts`."""
    return f"batches/{batch_id}/items-{page:05d}.json"
