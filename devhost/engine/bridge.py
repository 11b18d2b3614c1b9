"""Runs an azure-functions-durable orchestrator on durabletask: the part of the durable extension's out-of-process shim.

The orchestrator's handle gets the whole history and answers with all the actions that it has asked for so far. What is
new is scheduled; the first completion is appended to the history; and so on until it is done. The sequence numbers are
the SDK's: a wait for an external event takes none, everything else takes the next one in the order of the actions, and
a retry's timer and its next attempt take theirs when they happen.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from durabletask import task

from devhost.engine.conversation import Question, ask, signature
from devhost.engine.failures import Failure, OrchestratorError
from devhost.engine.history import Action, Event, History, utc_text
from devhost.engine.mailbox import Mailbox
from devhost.engine.memo import Answer, Answers
from devhost.engine.order import Order
from devhost.engine.retry import RetryPolicy

RETRIED = (Action.CALL_ACTIVITY_WITH_RETRY, Action.CALL_SUB_ORCHESTRATOR_WITH_RETRY)
HTTP_ACTIVITY = "BuiltIn::HttpActivity"
HELD = (
    "It would hang for ever on the real host: it went on before anything had ended that was new in its last wait. Begin a "
    "wait for an event, or a timer, in the same task_any as the tasks that it accompanies; cancel a timer that has lost."
)


@dataclass(frozen=True)
class Environment:
    """What the bridge needs to know of the app and of the host."""

    activities: frozenset[str]
    orchestrators: frozenset[str]
    default_version: str | None
    parent_of: Callable[[str], str | None]
    answers: Answers


@dataclass(frozen=True)
class Waiting:
    """Something scheduled that has not completed: its action, sequence number and, when retried, its attempt."""

    action: dict[str, Any]
    position: int
    number: int | None = None
    attempt: int = 1
    is_retry_timer: bool = False


def as_durabletask(name: str, handle: Callable[[str], str], env: Environment) -> Any:
    """The durabletask orchestrator that runs a v2 app's orchestrator function."""

    def orchestrator(ctx: Any, given: str | None) -> Generator[Any, Any, str | None]:
        return Bridge(name, handle, env, ctx, given).run()

    orchestrator.__name__ = name
    return orchestrator


class Bridge:
    """One replay of one instance."""

    def __init__(self, name: str, handle: Callable[[str], str], env: Environment, ctx: Any, given: str | None) -> None:
        self._name, self._handle, self._env, self._ctx, self._given = name, handle, env, ctx, given
        self._history = History((name, ctx.instance_id, given))
        self._open: dict[int, tuple[Any, Waiting]] = {}  # by the identity of the durabletask task
        self._mailbox = Mailbox(ctx.wait_for_external_event)
        self._arrived: deque[Any] = deque()
        self._scheduled: list[str] = []  # what each action was, to notice another one on replay
        self._next_number = 0
        self._order = Order()

    def run(self) -> Generator[Any, Any, str | None]:
        """Ask, schedule, wait, tell, until the orchestrator is done. Returns its output as JSON text."""
        self._add(Event.ORCHESTRATOR_STARTED)
        version = self._ctx.version or self._env.default_version
        self._add(Event.EXECUTION_STARTED, Name=self._name, Version=version, Input=self._given)
        while True:
            answer = self._env.answers.get(self._ctx.instance_id, self._history.fingerprint, self._asked)
            if answer.done or answer.error is not None:
                self._env.answers.forget(self._ctx.instance_id)
            if answer.custom_status is not None:
                self._ctx.set_custom_status(answer.custom_status)
            if answer.error is not None:
                raise OrchestratorError(self._name, answer.error)
            for action in answer.actions:
                self._act(action)
            self._forget_timers(answer.cancelled)
            if self._order.holds(answer.steps, done=answer.done):
                raise OrchestratorError(self._name, HELD)
            if answer.done:
                return answer.output
            if not self._open:
                raise OrchestratorError(self._name, "it waits for nothing.")
            yield from self._news()

    def _asked(self) -> Answer:
        instance_id = self._ctx.instance_id
        question = Question(self._name, instance_id, self._env.parent_of(instance_id), self._given)
        history = self._history.as_json(played=self._ctx.is_replaying)
        return ask(self._handle, question, history, self._scheduled)

    def _news(self) -> Generator[Any, Any, None]:
        """Wait until something completes, and tell all that has completed with it.

        What takes a sequence number when it is told (a retry's timer or next attempt) must not come after what may have
        let the orchestrator go on and ask for more: that is left for after the next answer.
        """
        told, may_have_asked = False, False
        while not told:
            if not self._arrived:
                self._arrived.extend((yield self._mailbox))
            while self._arrived:
                done, waiting = self._open.get(id(self._arrived[0]), (None, None))
                if waiting is None:  # a cancelled timer
                    self._arrived.popleft()
                    continue
                takes_number = self._takes_number(done, waiting)
                if takes_number and may_have_asked:
                    return
                if not told:
                    self._add(Event.ORCHESTRATOR_STARTED)
                told, may_have_asked = True, may_have_asked or not takes_number
                del self._open[id(self._arrived.popleft())]
                self._tell(done, waiting)

    @staticmethod
    def _takes_number(done: Any, waiting: Waiting) -> bool:
        if waiting.is_retry_timer:
            return waiting.attempt < RetryPolicy.of(waiting.action).attempts
        return waiting.action["actionType"] in RETRIED and done.is_failed

    # What the orchestrator is told.

    def _add(self, kind: Event, number: int = -1, **more: Any) -> None:
        self._history.add(kind, self._ctx.current_utc_datetime, number, **more)

    def _tell(self, done: Any, waiting: Waiting) -> None:
        kind = waiting.action["actionType"]
        if waiting.is_retry_timer or kind == Action.CREATE_TIMER:
            self._add(Event.TIMER_FIRED, TimerId=waiting.number, FireAt=utc_text(self._ctx.current_utc_datetime))
            if waiting.is_retry_timer and waiting.attempt < RetryPolicy.of(waiting.action).attempts:
                self._call(replace(waiting, attempt=waiting.attempt + 1, is_retry_timer=False))
            else:
                self._order.end(waiting.position)
        elif kind == Action.WAIT_FOR_EXTERNAL_EVENT:
            self._add(Event.EVENT_RAISED, Name=waiting.action["externalEventName"], Input=done.get_result())
            self._order.raised(waiting.action["externalEventName"])
        elif not done.is_failed:
            self._order.end(waiting.position)
            completed = Event.SUB_ORCHESTRATION_COMPLETED if _is_sub(kind) else Event.TASK_COMPLETED
            self._add(completed, TaskScheduledId=waiting.number, Result=done.get_result())
        else:
            self._tell_failure(done, waiting)

    def _tell_failure(self, done: Any, waiting: Waiting) -> None:
        kind = waiting.action["actionType"]
        failure = Failure.of(done.get_exception().details)
        failed = Event.SUB_ORCHESTRATION_FAILED if _is_sub(kind) else Event.TASK_FAILED
        self._add(failed, TaskScheduledId=waiting.number, Reason=failure.reason, Details=failure.details)
        if kind in RETRIED:
            # One timer after every failure, also after the last one: the SDK waits for it before it gives up.
            fire_at = self._ctx.current_utc_datetime + RetryPolicy.of(waiting.action).wait_after(waiting.attempt)
            self._wait_for(self._ctx.create_timer(fire_at), replace(waiting, is_retry_timer=True), Event.TIMER_CREATED)
        else:
            self._order.end(waiting.position)

    # What the orchestrator asks for.

    def _act(self, action: dict[str, Any]) -> None:
        kind, position = action["actionType"], len(self._scheduled)
        self._scheduled.append(signature(action))
        waiting = Waiting(action, position)
        if kind == Action.CONTINUE_AS_NEW:
            self._ctx.continue_as_new(_wrapped(action.get("input")), save_events=True)
            self._order.end(position)
        elif kind == Action.CREATE_TIMER:
            if not action.get("isCanceled"):
                self._wait_for(self._ctx.create_timer(_utc(action["fireAt"])), waiting, Event.TIMER_CREATED)
            else:
                self._next_number += 1
        elif kind == Action.WAIT_FOR_EXTERNAL_EVENT:
            self._order.waits(position, action["externalEventName"])
            self._wait_for(self._ctx.wait_for_external_event(action["externalEventName"]), waiting, None)
        elif kind in (Action.CALL_ENTITY, Action.SIGNAL_ENTITY):
            raise OrchestratorError(self._name, "devhost does not support entities.")
        else:
            self._call(waiting)

    def _call(self, waiting: Waiting) -> None:
        action = waiting.action
        kind, name = action["actionType"], action.get("functionName")
        if _is_sub(kind):
            self._check(name, self._env.orchestrators, "an orchestrator")
            call = self._ctx.call_sub_orchestrator(
                name,
                input=_wrapped(action.get("input")),
                instance_id=action.get("instanceId"),
                version=action.get("version") or self._env.default_version,
            )
            self._wait_for(call, waiting, Event.SUB_ORCHESTRATION_CREATED, Name=name)
        elif kind == Action.CALL_HTTP:
            call = self._ctx.call_activity(HTTP_ACTIVITY, input=json.dumps(action["httpRequest"]))
            self._wait_for(call, waiting, Event.TASK_SCHEDULED, Name=HTTP_ACTIVITY)
        else:
            self._check(name, self._env.activities, "an activity")
            call = self._ctx.call_activity(name, input=action.get("input"))
            self._wait_for(call, waiting, Event.TASK_SCHEDULED, Name=name)

    def _wait_for(self, task_: task.Task[Any], waiting: Waiting, created: Event | None, **more: Any) -> None:
        if created is not None:
            waiting = replace(waiting, number=self._next_number)
            self._add(created, self._next_number, **more)
            self._next_number += 1
        self._open[id(task_)] = task_, waiting
        self._mailbox.watch(task_)

    def _forget_timers(self, cancelled: tuple[int, ...]) -> None:
        self._order.end(*cancelled)
        for key, (_, waiting) in list(self._open.items()):
            if waiting.position in cancelled:
                del self._open[key]

    def _check(self, name: str | None, known: frozenset[str], what: str) -> None:
        if name not in known:
            names = ", ".join(f"'{other}'" for other in sorted(known))
            raise OrchestratorError(
                self._name,
                f"The function '{name}' doesn't exist, is disabled, or is not {what} function. "
                f"Additional info: The following are the known functions of that kind: {names}.",
            )


def _is_sub(kind: int) -> bool:
    return kind in (Action.CALL_SUB_ORCHESTRATOR, Action.CALL_SUB_ORCHESTRATOR_WITH_RETRY)


def _wrapped(given: str | None) -> str | None:
    """An orchestrator's input, wrapped as the SDK's clients wrap it: JSON text as a JSON string."""
    return None if given is None else json.dumps(given)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
