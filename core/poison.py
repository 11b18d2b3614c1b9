"""Poison messages: what they say, whichever queue they lie on and whoever wrote them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from core import naming

GIVEN_UP = "trigger_failed"
"""The code of what the host itself put aside: a message or an upload's event whose trigger failed time after time."""

SHOWN_CHARS = 300


def content(text: str) -> dict[str, Any]:
    """The JSON object in a message, plain or (as the host may write its own) in base64; anything else under `message`."""
    for raw in (text, _decoded(text)):
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return {"message": text}


def is_of(text: str, instance_id: str, *, codes: frozenset[str] = frozenset(), until: str = "9999") -> bool:
    """Whether a message is about this job: with one of these codes where any are named, and of a run that ended by then."""
    found = content(text)
    return (
        found.get("instance_id") == instance_id
        and (not codes or found.get("error_code") in codes)
        and str(found.get("failed_at") or "") <= until
    )


def told(queue: str, id_: str, since: str | None, text: str) -> dict[str, Any]:
    """A message as operators are shown it."""
    found = content(text)
    by_host = queue in naming.HOST_POISON_QUEUES
    reason = "its trigger failed time after time: the log says why" if by_host else found.get("final_error")
    return {
        "id": id_,
        "queue": queue,
        "since": since,
        "code": GIVEN_UP if by_host else found.get("error_code"),
        "instance_id": found.get("instance_id"),
        "blob_name": found.get("blob_name") or found.get("BlobName"),
        "reason": reason if reason is None else str(reason)[:SHOWN_CHARS],
        "message": str(found["message"])[:SHOWN_CHARS] if "message" in found else None,
    }


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
