"""An instance's history as the status API shows it: what completed, with when it was scheduled."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from devhost.engine.instances import Status
from devhost.engine.mailbox import END_OF_BATCH

COMPLETED = {
    "taskCompleted": "TaskCompleted",
    "taskFailed": "TaskFailed",
    "subOrchestrationInstanceCompleted": "SubOrchestrationInstanceCompleted",
    "subOrchestrationInstanceFailed": "SubOrchestrationInstanceFailed",
}
SCHEDULED = ("taskScheduled", "subOrchestrationInstanceCreated", "timerCreated")


def shown_history(status: Status, outputs: bool) -> list[dict[str, Any]]:
    """The events, oldest first, with results if `outputs`."""
    scheduled = {event.eventId: event for event in status.history if event.WhichOneof("eventType") in SCHEDULED}
    return [shown for event in status.history if (shown := _shown(event, scheduled, status, outputs)) is not None]


def _shown(event: Any, scheduled: dict[int, Any], status: Status, outputs: bool) -> dict[str, Any] | None:
    kind = event.WhichOneof("eventType")
    body = getattr(event, kind)
    if kind == "executionStarted":
        return {"EventType": "ExecutionStarted", "Timestamp": _time(event), "FunctionName": body.name}
    if kind == "executionCompleted":
        ended = {"EventType": "ExecutionCompleted", "OrchestrationStatus": status.runtime_status}
        result = {"Result": json.loads(status.output or "null")} if outputs else {}
        return {**ended, **result, "Timestamp": _time(event)}
    if kind in COMPLETED:
        cause = scheduled.get(body.taskScheduledId)
        name = getattr(cause, cause.WhichOneof("eventType")).name if cause is not None else None
        shown = {"EventType": COMPLETED[kind], "Timestamp": _time(event), "FunctionName": name}
        if cause is not None:
            shown["ScheduledTime"] = _time(cause)
        if kind.endswith("Failed"):
            shown["Reason"] = body.failureDetails.errorMessage
        elif outputs:
            shown["Result"] = json.loads(body.result.value or "null")
        return shown
    if kind == "timerFired":
        fire_at = body.fireAt.ToDatetime(tzinfo=UTC)
        return {"EventType": "TimerFired", "Timestamp": _time(event), "FireAt": f"{fire_at:%Y-%m-%dT%H:%M:%S.%fZ}"}
    if kind == "eventRaised" and body.name != END_OF_BATCH:
        given = {"Input": json.loads(body.input.value or "null")} if outputs else {}
        return {"EventType": "EventRaised", "Timestamp": _time(event), "Name": body.name, **given}
    return None


def _time(event: Any) -> str:
    return f"{event.timestamp.ToDatetime(tzinfo=UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
