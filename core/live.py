"""Live messages: what they are called, and who may know of which upload."""

from __future__ import annotations

from core.owner import owner_of

PROGRESS, COMPLETE = "MediaProcessingProgress", "MediaProcessingComplete"

OPERATORS = "operators"
"""The user who is told of uploads that are nobody's own, such as those of the command line."""


def user_of(blob_name: str) -> str:
    """Who may know of an upload: its owner; of one without an owner, the operators."""
    return owner_of(blob_name) or OPERATORS
