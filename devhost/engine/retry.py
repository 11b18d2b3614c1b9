"""The retry policy of an action, as the durable extension applies it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

LONGEST_MS = 6 * 24 * 3600 * 1000.0  # the extension's own limit: six days


@dataclass(frozen=True)
class RetryPolicy:
    """How often to try, and how long to wait between the tries (ms)."""

    first_ms: float
    attempts: int
    coefficient: float
    longest_ms: float

    @classmethod
    def of(cls, action: dict[str, Any]) -> RetryPolicy:
        """Read an action's `retryOptions`. What the SDK does not send has the extension's default."""
        options = action["retryOptions"]
        return cls(
            first_ms=float(options["firstRetryIntervalInMilliseconds"]),
            attempts=int(options["maxNumberOfAttempts"]),
            coefficient=float(options.get("backoffCoefficient") or 1.0),
            longest_ms=float(options.get("maxRetryIntervalInMilliseconds") or LONGEST_MS),
        )

    def wait_after(self, attempt: int) -> timedelta:
        """How long to wait after attempt number `attempt` (the first is 1) has failed."""
        try:
            wait_ms = self.first_ms * self.coefficient ** (attempt - 1)
        except OverflowError:
            wait_ms = self.longest_ms
        return timedelta(milliseconds=min(wait_ms, self.longest_ms))
