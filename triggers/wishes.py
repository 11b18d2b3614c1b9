"""What is asked for in JSON, on the queue or by HTTP, read and checked in one place."""

from __future__ import annotations

import json
import re
from typing import Any

from core import naming
from core.errors import Unprocessable

MOST_BYTES = 64 * 1024
"""Of a request's or a message's JSON, unless told otherwise."""


def json_object(body: bytes, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """The JSON object that a request or a message is.

    Raises: Unprocessable `bad_request`, with what is wrong.
    """
    if len(body) > most_bytes:
        raise bad_request(f"it has more than {most_bytes:,} bytes")
    try:
        wish = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad_request(f"not JSON: {error}") from None
    if not isinstance(wish, dict):
        raise bad_request("a JSON object is needed")
    return wish


def job_wanted(body: bytes) -> dict[str, Any]:
    """The job that `{"blob_name", "priority"?, "step_id"?}` asks for, as `start_job` takes it.

    Raises: Unprocessable `bad_request`, with what is wrong.
    """
    wish = json_object(body)
    name, priority, step_id = wish.get("blob_name"), wish.get("priority", "normal"), wish.get("step_id")
    if not isinstance(name, str) or not name:
        raise bad_request("it needs a blob_name")
    if priority not in ("normal", "high"):
        raise bad_request("priority is normal or high")
    if not isinstance(step_id, str | None) or not naming.is_text(step_id or ""):
        raise bad_request("step_id is a text")
    return {"blob_name": name, "priority": priority, "step_id": step_id}


def whole_number(text: str, least: int, most: int) -> int | None:
    """The number that a query gives, or None where it is none, or is out of bounds."""
    if not re.fullmatch("[0-9]{1,9}", text):  # Python refuses to convert thousands of digits
        return None
    return int(text) if least <= int(text) <= most else None


def bad_request(what: str) -> Unprocessable:
    """The refusal of what no repetition will make readable."""
    return Unprocessable("bad_request", what)
