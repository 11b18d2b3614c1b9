"""Which upload of a SIMPI step is the newest: the step's row shows its result, whichever of the step's jobs ends last."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from adapters.blobs import Blobs, open_blobs
from config.settings import Settings
from core.naming import RECEIPTS, newest_of_step


class StepUploads:
    """One storage account's notes, one small blob per step. Safe to share between threads and workers."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def is_newest(self, step_id: str, blob_name: str, changed_at: datetime | None) -> bool:
        """Whether no newer upload of this step is known; if so, this one is noted.

        `changed_at` is when it came, by the storage's clock, or None where it is gone: then any other that is noted is
        newer. Of two that came in the same second, the one with the later name counts as newer.
        """
        mine = {"step_id": step_id, "blob_name": blob_name, "changed_at": changed_at.isoformat() if changed_at else ""}

        def newest(noted: dict[str, Any] | None) -> dict[str, Any]:
            return max(mine, noted or mine, key=_age)

        return bool(self._blobs.settle_json(RECEIPTS, newest_of_step(step_id), newest)["blob_name"] == blob_name)


def _age(note: dict[str, Any]) -> tuple[str, str]:
    return note["changed_at"], note["blob_name"]


@cache
def open_step_uploads(settings: Settings) -> StepUploads:
    """The notes of the configured account."""
    return StepUploads(open_blobs(settings))
