"""The history that an orchestrator is shown: the event types of the durable extension's out-of-process protocol."""

from __future__ import annotations

import json
from datetime import datetime
from enum import IntEnum
from typing import Any


class Event(IntEnum):
    """History event types."""

    EXECUTION_STARTED = 0
    TASK_SCHEDULED = 4
    TASK_COMPLETED = 5
    TASK_FAILED = 6
    SUB_ORCHESTRATION_CREATED = 7
    SUB_ORCHESTRATION_COMPLETED = 8
    SUB_ORCHESTRATION_FAILED = 9
    TIMER_CREATED = 10
    TIMER_FIRED = 11
    ORCHESTRATOR_STARTED = 12
    EVENT_RAISED = 15


class Action(IntEnum):
    """Action types that an orchestrator answers with."""

    CALL_ACTIVITY = 0
    CALL_ACTIVITY_WITH_RETRY = 1
    CALL_SUB_ORCHESTRATOR = 2
    CALL_SUB_ORCHESTRATOR_WITH_RETRY = 3
    CONTINUE_AS_NEW = 4
    CREATE_TIMER = 5
    WAIT_FOR_EXTERNAL_EVENT = 6
    CALL_ENTITY = 7
    CALL_HTTP = 8
    SIGNAL_ENTITY = 9
    WHEN_ANY = 11
    WHEN_ALL = 12


def utc_text(moment: datetime) -> str:
    """A naive UTC time as the extension writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class History:
    """An append-only list of events, kept as JSON text, with a fingerprint of everything that decides an answer."""

    def __init__(self, seed: tuple[Any, ...]) -> None:
        self._events: list[str] = []
        self.fingerprint = hash(seed)

    def add(self, kind: Event, now: datetime, event_id: int = -1, **more: Any) -> None:
        """Append an event."""
        event = {"EventType": kind, "EventId": event_id, "IsPlayed": False, "Timestamp": utc_text(now), **more}
        text = json.dumps(event)
        self._events.append(text)
        self.fingerprint = hash((self.fingerprint, text))

    def as_json(self, played: bool) -> str:
        """The events as a JSON array. `played`: the orchestrator has seen them all before."""
        if not played:
            return f"[{','.join(self._events)}]"
        return json.dumps([{**json.loads(event), "IsPlayed": True} for event in self._events])
