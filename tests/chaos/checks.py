"""What must be true of a job whatever happened on its way: one receipt, one set of outputs, nothing left over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core import naming
from devhost.testing import eventually
from tests.stack.running import Stack


def once(stack: Stack, id_: str, within_s: float = 180.0) -> dict[str, Any]:
    """Wait for the end of a job and count it: `{"once", "lost", "doubled", "temp"}`, each 0 or 1."""
    receipt = settled(stack, id_, within_s)
    if receipt is None:
        return {"jobs": 1, "once": 0, "lost": 1, "doubled": 0, "temp": 0}
    prefix = f"{receipt['blob_name']}/"
    published, wanted = set(stack.names(naming.PROCESSED, prefix)), {output["blob"] for output in receipt["outputs"]}
    good = receipt["status"] == "success" and published == wanted and len(wanted) == 2
    good = good and len(stack.output(receipt)) == receipt["compressed_size"]
    by_day = [name for name in stack.names(naming.RECEIPTS, "20") if id_ in name]
    doubled = len(published - wanted) > 0 or len(by_day) != 1
    left = bool(stack.names(naming.TEMP, id_))
    return {"jobs": 1, "once": int(good and not doubled), "doubled": int(doubled), "temp": int(left)}


def settled(stack: Stack, id_: str, within_s: float) -> dict[str, Any] | None:
    """The receipt of a job as storage has it, when its orchestration has ended, too; None where none comes."""
    blob = stack.blobs.get_blob_client(naming.RECEIPTS, naming.receipt_by_id(id_))

    def over() -> bool:
        """the job has a receipt and its orchestration has ended"""
        status = stack.host.status(id_)
        return bool(blob.exists()) and status.get("runtimeStatus", "Completed") == "Completed"

    try:
        eventually(over, within_s, 0.1)
    except TimeoutError:
        return None
    receipt: dict[str, Any] = json.loads(blob.download_blob().readall())
    return receipt


def orphans(folder: Path) -> int:
    """Processes that still work below a folder."""
    count = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                count += str(folder) in str((process / "cwd").readlink())
            except OSError:
                continue
    return count
