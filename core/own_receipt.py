"""A receipt is believed only about its own job."""

from __future__ import annotations

from typing import Any

from core import naming


def is_own_receipt(receipt: dict[str, Any], instance_id: str) -> bool:
    """Whether a receipt is about this job: its upload gives the job's id, and its outputs lie where this job publishes.

    No other receipt is believed: it could hand one user the outputs of another.
    """
    name = receipt["blob_name"]
    return instance_id == receipt["instance_id"] == naming.instance_id(naming.UPLOADS, name, receipt["etag"]) and all(
        output["blob"] == naming.processed_name(name, instance_id, output["role"], output["blob"].rpartition(".")[2])
        for output in receipt["outputs"]
    )
