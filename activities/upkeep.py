"""What is tidied by the clock: plain functions, which the timers call and tests can call, too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from activities import tools
from adapters.blobs import ListedBlob
from core import naming
from core.receipt import FAILED


def stale_temp(now: datetime, keep: timedelta) -> dict[str, int]:
    """The jobs whose folder in `temp` nobody needs any more, with the bytes in it.

    That is one that has not changed for so long, or whose job is done: it was cut off between its receipt and its cleanup.
    What a failed job has staged is kept for a re-drive.
    """
    newest: dict[str, datetime] = {}
    size_bytes: dict[str, int] = {}
    for blob in tools.blobs().listed(naming.TEMP):
        job = blob.name.partition("/")[0]
        newest[job] = max(newest.get(job, blob.changed_at), blob.changed_at)
        size_bytes[job] = size_bytes.get(job, 0) + blob.size_bytes
    return {job: size_bytes[job] for job, changed_at in newest.items() if now - changed_at > keep or _is_done(job)}


def _is_done(instance_id: str) -> bool:
    if not naming.is_instance_id(instance_id):
        return False
    receipt = tools.receipts().of(instance_id)
    return receipt is not None and receipt["status"] != FAILED


def without_receipt(now: datetime, older_than: timedelta) -> Iterator[ListedBlob]:
    """The uploads of so long ago that have no receipt: two listings, however many there are."""
    done = tools.receipts().ids()
    for blob in tools.blobs().listed(naming.UPLOADS):
        old = now - blob.changed_at > older_than
        if old and naming.instance_id(naming.UPLOADS, blob.name, blob.etag) not in done:
            yield blob
