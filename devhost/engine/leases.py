"""Who runs which activity: work is leased to a worker's stream and taken back when that stream ends."""

from __future__ import annotations

import itertools
import queue
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from durabletask.internal import helpers
from durabletask.internal import orchestrator_service_pb2 as pb


@dataclass(frozen=True)
class Execution:
    """One run of an instance: a new start or a continue-as-new under the same id is another one."""

    instance: Any
    history: list[Any]

    def is_current(self, now: Any) -> bool:
        """Whether `now`, the instance that has this id today, is still this very run."""
        return now is self.instance and now.history is self.history


@dataclass(frozen=True)
class Activity:
    """An activity to run, for the execution that asked for it."""

    execution: Execution
    name: str
    task_id: int
    input: str | None


@dataclass(eq=False)
class Stream:
    """A connected worker. `None` in its queue ends it."""

    capacity: int
    ready: queue.SimpleQueue[pb.WorkItem | None] = field(default_factory=queue.SimpleQueue)
    running: dict[str, Activity] = field(default_factory=dict)


class Leases:
    """Hands waiting activities to the least busy stream. Not thread-safe: the backend's lock guards it."""

    def __init__(self) -> None:
        self._waiting: deque[Activity] = deque()
        self._streams: list[Stream] = []
        self._numbers = itertools.count(1)

    @property
    def workers(self) -> int:
        """How many workers are connected."""
        return len(self._streams)

    def connect(self, stream: Stream) -> None:
        """A worker came: it takes part from now on."""
        self._streams.append(stream)
        self._share()

    def disconnect(self, stream: Stream) -> list[Activity]:
        """A worker went: what it was running is run again by another, first of all. Returns what that was."""
        if stream not in self._streams:
            return []
        self._streams.remove(stream)
        lost = [activity for activity in stream.running.values() if self._wanted(activity)]
        stream.running.clear()
        self._waiting.extendleft(reversed(lost))
        self._share()
        return lost

    def add(self, activity: Activity) -> None:
        """Queue an activity."""
        self._waiting.append(activity)
        self._share()

    def finish(self, token: str) -> Activity | None:
        """The activity of a lease that has been answered; None if the lease was taken back before."""
        for stream in self._streams:
            activity = stream.running.pop(token, None)
            if activity is not None:
                self._share()
                return activity
        return None

    def _share(self) -> None:
        while self._waiting:
            free = [stream for stream in self._streams if len(stream.running) < stream.capacity]
            if not free:
                return
            activity = self._waiting.popleft()
            if not self._wanted(activity):
                continue
            stream = min(free, key=lambda s: len(s.running))
            token = f"lease-{next(self._numbers)}"
            stream.running[token] = activity
            stream.ready.put(_work_item(activity, token))

    @staticmethod
    def _wanted(activity: Activity) -> bool:
        instance = activity.execution.instance
        return instance.completed_at is None and instance.history is activity.execution.history


def _work_item(activity: Activity, token: str) -> pb.WorkItem:
    return pb.WorkItem(
        completionToken=token,
        activityRequest=pb.ActivityRequest(
            name=activity.name,
            taskId=activity.task_id,
            input=helpers.get_string_value(activity.input),
            orchestrationInstance=pb.OrchestrationInstance(instanceId=activity.execution.instance.instance_id),
        ),
    )
