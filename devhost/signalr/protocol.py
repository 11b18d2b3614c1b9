"""The JSON hub protocol: records of JSON, each ended by a record separator.

Source: github.com/dotnet/aspnetcore, src/SignalR/docs/specs/HubProtocol.md.
"""

from __future__ import annotations

import json
from typing import Any

SEPARATOR = "\x1e"
INVOCATION, PING, CLOSE = 1, 6, 7


class BadRecord(ValueError):
    """What came in is not of this protocol."""


def record(value: dict[str, Any]) -> str:
    """One record, as it goes over the wire."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) + SEPARATOR


def records(text: str) -> list[dict[str, Any]]:
    """The records in a message. Raises: BadRecord."""
    *parts, rest = text.split(SEPARATOR)
    try:
        values = [json.loads(part) for part in parts]
    except ValueError:
        raise BadRecord("not JSON") from None
    if rest or not all(isinstance(value, dict) for value in values):
        raise BadRecord("not whole records of JSON objects")
    return values


def invocation(target: str, arguments: list[Any]) -> str:
    """Call a method of the client, without waiting for an answer."""
    return record({"type": INVOCATION, "target": target, "arguments": arguments})


def check_handshake(text: str) -> None:
    """Raises: BadRecord, unless the client asks for this protocol."""
    asked = records(text)
    if not asked or asked[0].get("protocol") != "json" or asked[0].get("version") not in (1, 2):
        raise BadRecord("only the JSON protocol is spoken here")
