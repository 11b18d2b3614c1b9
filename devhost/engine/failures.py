"""What an orchestrator, and a person, is told about a failed activity or sub-orchestration."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

LONGEST_MESSAGE = 4_096  # characters; very long error texts have hung real hosts
LONGEST_STACK = 8_192


@dataclass(frozen=True)
class Failure:
    """A reason, and details as the real host has them: an exception as JSON."""

    reason: str
    details: str | None

    @classmethod
    def of(cls, details: Any) -> Failure:
        """From durabletask's failure details."""
        reason = details.message
        _, _, message = reason.partition(" failed: ")
        exception = {"ClassName": "System.Exception", "Message": message or reason}
        if details.stack_trace:
            exception["RemoteStackTraceString"] = shortened(details.stack_trace, LONGEST_STACK)
        return cls(reason, json.dumps(exception))


class OrchestratorError(Exception):
    """An orchestrator failed; the text is what its status shows."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"Orchestrator function '{name}' failed: {text}")


class ActivityFailed(Exception):
    """An activity raised; the text is the reason as the real host words it."""

    def __init__(self, name: str, error: BaseException) -> None:
        message = shortened(str(error), LONGEST_MESSAGE)
        super().__init__(f"Activity function '{name}' failed:  {type(error).__name__}: {message}")


def shortened(text: str, limit: int) -> str:
    """`text`, with its middle left out if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}\n… {len(text) - limit} characters left out …\n{text[-limit // 2 :]}"
