"""Whose upload it is: read from the name that the server made, never from anything that a client can set."""

from __future__ import annotations

import hashlib
import re

OWNER_DIGITS = 16

_OWNED = re.compile(rf"u/(?P<owner>[0-9a-f]{{{OWNER_DIGITS}}})/[^/]+")


def owner_id(principal: str) -> str:
    """A user's id in names and messages: 16 hex digits that do not say who it is."""
    return hashlib.sha256(principal.encode("utf-8", "surrogatepass")).hexdigest()[:OWNER_DIGITS]


def owner_of(blob_name: str) -> str | None:
    """The owner in an upload's name (`u/{owner}/…`), or None where a server or a tool uploaded it."""
    match = _OWNED.fullmatch(blob_name)
    return match["owner"] if match else None
