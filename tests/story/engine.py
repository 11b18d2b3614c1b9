"""A tiny engine that plays one orchestration with the real SDK handle and scripted activities.

It keeps the history as the extension does and calls the handle again after every event, so each play is also a replay of
everything before. Timers fire at once; the clock only moves by what they waited for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from devhost.engine.order import Order, steps_of

Activity = Callable[[dict[str, Any]], dict[str, Any]]

TASK_SCHEDULED, TASK_COMPLETED, TASK_FAILED, TIMER_CREATED, TIMER_FIRED, TURN, EVENT_RAISED = 4, 5, 6, 10, 11, 12, 15
CALL, CALL_WITH_RETRY, CREATE_TIMER, WAIT_EVENT, WHEN_ANY, WHEN_ALL = 0, 1, 5, 6, 11, 12


SUB_CREATED, SUB_COMPLETED, CALL_SUB, CONTINUE_AS_NEW = 7, 8, 2, 4


@dataclass
class Play:
    """What happened: the output, the custom statuses in order, each activity call, each wait between attempts.

    `continued` is the input of the next generation where the orchestration continued as new. `context` is the last one that
    the handle was given, with the whole history, and `actions` what it answered.
    """

    output: Any = None
    continued: Any = None
    context: str = ""
    actions: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)

    def called(self, name: str) -> int:
        """How often an activity was tried."""
        return sum(1 for call, _ in self.calls if call == name)

    def given(self, name: str) -> dict[str, Any]:
        """What an activity was last given."""
        return next(given for call, given in reversed(self.calls) if call == name)

    @property
    def stages(self) -> list[str]:
        """The stages that were shown, each once."""
        return list(dict.fromkeys(status["stage"] for status in self.statuses))


def play(
    orchestrator: Any,
    given: dict[str, Any],
    activities: dict[str, Activity],
    *,
    events: dict[str, list[tuple[str, Any]]] | None = None,
    last_first: bool = False,
) -> Play:
    """Play an orchestration to its end.

    `events` are raised, by the name of the activity (or `timer`) before whose end they come. `last_first` completes what
    runs in parallel in the opposite order.
    """
    handle = orchestrator._function.get_user_function()
    played, clock = Play(), datetime(2026, 1, 1)  # noqa: DTZ001 - durable hands out naive UTC
    history: list[dict[str, Any]] = []
    events = {name: list(them) for name, them in (events or {}).items()}
    open_: list[tuple[int, str, dict[str, Any], int]] = []
    scheduled, next_id, order = 0, 0, Order()

    def event(kind: int, id_: int = -1, **more: Any) -> None:
        stamp = clock.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        history.append({"EventType": kind, "EventId": id_, "IsPlayed": False, "Timestamp": stamp, **more})

    event(TURN)
    event(0, Name="story", Version="1", Input=json.dumps(given))
    while True:
        played.context = _context(history, given)
        state = json.loads(handle(played.context))
        if state.get("customStatus") and (not played.statuses or played.statuses[-1] != state["customStatus"]):
            played.statuses.append(state["customStatus"])
        actions = list(_flat(state["actions"][0]))
        played.actions = actions
        for position, action in enumerate(actions):
            if action.get("isCanceled") or action["actionType"] == CONTINUE_AS_NEW:
                order.end(position)
            if position >= scheduled and action["actionType"] == WAIT_EVENT:
                order.waits(position, action["externalEventName"])
        held = order.holds(steps_of(state["actions"][0], scheduled), done=state["isDone"])
        assert not held, "the real host would hold the story for ever"
        if state["isDone"]:
            played.output = state.get("output")
            again = [action for action in actions if action["actionType"] == CONTINUE_AS_NEW]
            played.continued = json.loads(again[0]["input"]) if again else None
            return played
        for position, action in enumerate(actions[scheduled:], scheduled):
            if action["actionType"] == WAIT_EVENT:
                continue
            if action["actionType"] == CREATE_TIMER:
                open_.append((next_id, "wait", {**action, "functionName": "timer", "position": position}, 1))
                event(TIMER_CREATED, next_id)
                next_id += 1
                continue
            assert action["actionType"] in (CALL, CALL_WITH_RETRY, CALL_SUB), action
            open_.append((next_id, "task", {**action, "position": position}, 1))
            created = SUB_CREATED if action["actionType"] == CALL_SUB else TASK_SCHEDULED
            event(created, next_id, Name=action["functionName"])
            next_id += 1
        scheduled = len(actions)

        called_off = {action["fireAt"] for action in actions if action.get("isCanceled")}
        open_ = [waiting for waiting in open_ if waiting[2].get("fireAt") not in called_off]
        assert open_, "the orchestration waits for something that will never come"
        id_, what, action, attempt = open_[-1 if last_first else 0]
        name = action["functionName"]
        event(TURN)
        if what != "timer" and events.get(name):
            event_name, value = events[name].pop(0)
            event(EVENT_RAISED, Name=event_name, Input=json.dumps(value))
            order.raised(event_name)
            continue
        open_.remove((id_, what, action, attempt))
        if what == "wait":
            fires_at = datetime.fromisoformat(action["fireAt"].removesuffix("Z")).replace(tzinfo=None)
            played.waits_s.append((fires_at - clock).total_seconds())
            clock = max(clock, fires_at)
            history[-1]["Timestamp"] = clock.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            event(TIMER_FIRED, TimerId=id_)
            order.end(action["position"])
            continue
        if what == "timer":
            event(TIMER_FIRED, TimerId=id_)
            if attempt < action["retryOptions"]["maxNumberOfAttempts"]:
                open_.append((next_id, "task", action, attempt + 1))
                event(TASK_SCHEDULED, next_id, Name=name)
                next_id += 1
            else:
                order.end(action["position"])
            continue
        argument = json.loads(action["input"])
        played.calls.append((name, argument))
        try:
            result = activities[name](argument)
        except Exception as error:
            event(TASK_FAILED, TaskScheduledId=id_, Reason=f"Activity function '{name}' failed: {error}", Details="…")
            if action["actionType"] == CALL:
                order.end(action["position"])
                continue
            wait_s = _wait_s(action["retryOptions"], attempt)
            played.waits_s.append(wait_s)
            clock += timedelta(seconds=wait_s)
            open_.append((next_id, "timer", action, attempt))
            event(TIMER_CREATED, next_id)
            next_id += 1
        else:
            completed = SUB_COMPLETED if action["actionType"] == CALL_SUB else TASK_COMPLETED
            event(completed, TaskScheduledId=id_, Result=json.dumps(result))
            order.end(action["position"])


def _wait_s(options: dict[str, Any], attempt: int) -> float:
    wait_ms = options["firstRetryIntervalInMilliseconds"] * options["backoffCoefficient"] ** (attempt - 1)
    return float(min(wait_ms, options["maxRetryIntervalInMilliseconds"])) / 1000


def _flat(actions: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for action in actions:
        if action["actionType"] in (WHEN_ANY, WHEN_ALL):
            yield from _flat(action["compoundActions"])
        else:
            yield action


def _context(history: list[dict[str, Any]], given: dict[str, Any]) -> str:
    return json.dumps(
        {
            "history": history,
            "input": json.dumps(given),
            "instanceId": given.get("instance_id", "story"),
            "isReplaying": False,
            "parentInstanceId": None,
            "upperSchemaVersion": 2,
            "upperSchemaVersionNew": 3,
            "longRunningTimerIntervalDuration": "3.00:00:00",
            "maximumShortTimerDuration": "6.00:00:00",
            "defaultHttpAsyncRequestSleepTimeMillseconds": 30000,
        }
    )
