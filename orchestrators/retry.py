"""Durable retry with exponential backoff."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from core.policy import RetryPolicy


class Backoff(df.RetryOptions):
    """Retry options with what the extension understands but the SDK does not offer: backoff and its cap.

    The extension reads both keys of the action's JSON; the SDK only counts attempts. A retry timeout must not be sent: the
    extension would stop early and the SDK would wait for a timer that never comes.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        super().__init__(int(policy.first_s * 1000), policy.attempts)
        self._policy = policy

    def to_json(self) -> dict[str, Any]:
        """The options as the action's JSON carries them; times in milliseconds."""
        return {
            **super().to_json(),
            "backoffCoefficient": self._policy.backoff,
            "maxRetryIntervalInMilliseconds": int(self._policy.longest_s * 1000),
        }
