"""What an encoder tells while it works: heard by the story as events, and shown in the status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MOST_HEARD = 40
"""Of one job: an encoder tells at most every 5 %, and may be tried again. What comes after that is not shown."""


class Listener:
    """Waits for the encoder's events, beside the tasks that encode.

    All waits begin together with the tasks, none later. The durable extension awaits a story's steps in their order, and a
    task that an earlier step has begun counts for that one only: a new wait for one more event would hold all that follows
    for ever, since after the last event none comes.
    """

    def __init__(self, context: Any, show: Callable[[float], None]) -> None:
        self.waits = [context.wait_for_external_event("progress") for _ in range(MOST_HEARD)]
        self._show = show

    def hear(self) -> None:
        """Show what has come since the last time."""
        heard = [wait for wait in self.waits if wait.is_completed]
        self.waits = [wait for wait in self.waits if not wait.is_completed]
        for wait in heard:
            self._show(float(wait.result))
