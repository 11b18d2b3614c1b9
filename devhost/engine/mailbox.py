"""One thing to wait for, whatever arrives first: each wait costs the same, however many tasks are open."""

from __future__ import annotations

from collections import deque
from typing import Any

from durabletask import task


class Mailbox(task.CompositeTask[Any]):
    """Completed whenever one of the watched tasks has completed and has not been taken out yet."""

    def __init__(self) -> None:
        self._arrived: deque[task.Task[Any]] = deque()
        super().__init__([])

    def watch(self, child: task.Task[Any]) -> None:
        """Have `child` put in here when it completes or fails."""
        if child.is_complete:
            self._arrived.append(child)
        else:
            child._parents[id(self)] = self

    def on_child_completed(self, task: task.Task[Any]) -> None:
        """A watched task has completed."""
        self._arrived.append(task)

    @property
    def is_complete(self) -> bool:
        """Whether something waits to be taken."""
        return bool(self._arrived)

    def get_result(self) -> task.Task[Any]:
        """Take the task that completed first."""
        return self._arrived.popleft()
