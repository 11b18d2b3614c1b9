"""The conversation with the SDK: the whole history in, all actions asked for so far out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from devhost.engine.failures import OrchestratorError
from devhost.engine.history import Action
from devhost.engine.memo import Answer
from devhost.engine.order import steps_of

ERROR_MARK = "\n\n$OutOfProcData$:"  # what the SDK puts between an error's text and the state
MOST_STATUS_BYTES = 16 * 1024  # the extension's limit
# What the extension tells the SDK: the newest protocol, and how to cut timers that are too long for its storage.
PROTOCOL = {
    "upperSchemaVersion": 2,
    "upperSchemaVersionNew": 3,
    "longRunningTimerIntervalDuration": "3.00:00:00",
    "maximumShortTimerDuration": "6.00:00:00",
    "defaultHttpAsyncRequestSleepTimeMillseconds": 30000,
}


@dataclass(frozen=True)
class Question:
    """Who is asked. `given` is the input as JSON text."""

    name: str
    instance_id: str
    parent_id: str | None
    given: str | None

    def text(self, history: str) -> str:
        """The context as the extension sends it."""
        body = {
            "input": None if self.given is None else json.loads(self.given),
            "instanceId": self.instance_id,
            "isReplaying": False,
            "parentInstanceId": self.parent_id,
            **PROTOCOL,
        }
        return f'{json.dumps(body)[:-1]}, "history": {history}}}'


def ask(handle: Callable[[str], str], question: Question, history: str, scheduled: Sequence[str]) -> Answer:
    """Show an orchestrator its history and understand what it answers; `scheduled` are its actions up to now.

    Raises: OrchestratorError, if it no longer asks for what it has asked for before.
    """
    try:
        state = json.loads(handle(question.text(history)))
    except Exception as failure:  # noqa: BLE001 - whatever the app's orchestrator raises
        text, marked, packed = str(failure).rpartition(ERROR_MARK)
        state = json.loads(packed) if marked else {"error": str(failure) or type(failure).__name__}
        return Answer(custom_status=_text(state.get("customStatus")), error=state.get("error") or text)
    asked = state["actions"][0] if state.get("actions") else []
    actions = list(_flat(asked))
    _check_determinism(question.name, actions, scheduled)
    return Answer(
        actions=tuple(actions[len(scheduled) :]),
        steps=steps_of(asked, len(scheduled)),
        cancelled=tuple(i for i, action in enumerate(actions) if action.get("isCanceled")),
        custom_status=_custom_status(question.name, state.get("customStatus")),
        done=bool(state.get("isDone")),
        output=_text(state.get("output")),
    )


def signature(action: dict[str, Any]) -> str:
    """What an action is, without its payload."""
    name = action.get("functionName") or action.get("externalEventName")
    kind = Action(action["actionType"]).name.lower()
    return f"{kind} '{name}'" if name else kind


def _check_determinism(name: str, actions: Sequence[dict[str, Any]], scheduled: Sequence[str]) -> None:
    for position, before in enumerate(scheduled):
        now = signature(actions[position]) if position < len(actions) else "nothing"
        if now != before:
            raise OrchestratorError(
                name,
                f"Non-Deterministic workflow detected: a previous execution scheduled {before} as action {position}, the "
                f"current replay asks for {now}. Was the orchestrator changed while this instance was running, or does "
                "it use a clock, random values or I/O?",
            )


def _flat(actions: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for action in actions:
        if action["actionType"] in (Action.WHEN_ANY, Action.WHEN_ALL):
            yield from _flat(action["compoundActions"])
        else:
            yield action


def _custom_status(name: str, value: Any) -> str | None:
    size_bytes = len(json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))
    if size_bytes > MOST_STATUS_BYTES:
        raise OrchestratorError(
            name, f"its custom status has {size_bytes:,} bytes in UTF-16; the real host takes 16 KB."
        )
    return _text(value)


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value)
