"""Waits for whatever arrives first, and takes all that arrives with it: each wait costs the same, however much is open.

The engine hands over new events in batches, and resumes an orchestrator after each event. A mark at the end of each
batch lets the orchestrator be asked once per batch instead, as the real host does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from durabletask import task

END_OF_BATCH = "devhost: end of batch"


class Mailbox(task.CompositeTask[Any]):
    """Completed when a batch of events is through. Its result is the list of the watched tasks that it completed."""

    def __init__(self, wait_for_event: Callable[[str], task.Task[Any]]) -> None:
        self._arrived: list[task.Task[Any]] = []
        self._delivered = False
        self._wait_for_event = wait_for_event
        super().__init__([])
        self._await_end()

    def _await_end(self) -> None:
        self._end = self._wait_for_event(END_OF_BATCH)
        self.watch(self._end)

    def watch(self, child: task.Task[Any]) -> None:
        """Have `child` put in here when it completes or fails."""
        if child.is_complete:  # an event that came before somebody waited: its batch is through
            self._arrived.append(child)
            self._delivered = True
        else:
            child._parents[id(self)] = self

    def on_child_completed(self, task: task.Task[Any]) -> None:
        """A watched task has completed."""
        if task is self._end:
            self._delivered = True
        else:
            self._arrived.append(task)

    @property
    def is_complete(self) -> bool:
        """Whether a batch waits to be taken."""
        return self._delivered

    def get_result(self) -> list[task.Task[Any]]:
        """Take what has arrived."""
        arrived, self._arrived, self._delivered = self._arrived, [], False
        if self._end.is_complete:
            self._await_end()
        return arrived
