"""Payloads cross the engine as the JSON text that azure-functions-durable wrote: nothing is decoded on the way."""

from __future__ import annotations

from typing import Any

from durabletask.serialization import DataConverter


class RawJson(DataConverter):
    """A converter that converts nothing: every payload is JSON text already."""

    def serialize(self, value: Any) -> str | None:
        """The text itself."""
        return None if value is None else str(value)

    def deserialize(self, data: str | None, target_type: type | None = None) -> Any:
        """The text itself, None if there is none."""
        return data or None

    def coerce(self, value: Any, target_type: type | None = None) -> Any:
        """The value itself."""
        return value
