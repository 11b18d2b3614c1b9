"""The outside things that the activities share, opened once per process at first use."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from config.settings import settings

if TYPE_CHECKING:
    from adapters.blobs import Blobs
    from adapters.queues import Queues
    from adapters.receipt_index import ReceiptIndex
    from adapters.receipts import Receipts
    from adapters.step_uploads import StepUploads
    from adapters.workspace import Workspace
    from core.rules import Rules


def blobs() -> Blobs:
    """The configured account's blobs."""
    from adapters.blobs import open_blobs

    return open_blobs(settings())


def queues() -> Queues:
    """The configured account's queues."""
    from adapters.queues import open_queues

    return open_queues(settings())


def receipts() -> Receipts:
    """The configured account's receipts."""
    from adapters.receipts import open_receipts

    return open_receipts(settings())


def receipt_index() -> ReceiptIndex:
    """The same receipts in one line each, for lists and totals."""
    from adapters.receipt_index import open_receipt_index

    return open_receipt_index(settings())


def step_uploads() -> StepUploads:
    """Which upload of each SIMPI step is the newest."""
    from adapters.step_uploads import open_step_uploads

    return open_step_uploads(settings())


def workspace() -> Workspace:
    """This worker's local disk."""
    from adapters.workspace import open_workspace

    return open_workspace(settings().work_dir, settings().work_dir_quota_bytes)


@cache
def rules() -> Rules:
    """The compression rules, read once."""
    from config.rules import load_rules

    return load_rules(settings().compression_rules)
