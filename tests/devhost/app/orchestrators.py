"""One orchestrator for each thing that an orchestrator may do."""

import json
import logging
import os
import random
from datetime import timedelta
from pathlib import Path

import azure.durable_functions as df

bp = df.Blueprint()


class Backoff(df.RetryOptions):
    """Retry options with the two keys that the extension reads and the SDK does not have."""

    def __init__(self, first_ms: int, attempts: int, coefficient: float = 1, longest_ms: int = 60_000) -> None:
        super().__init__(first_ms, attempts)
        self._more = {"backoffCoefficient": coefficient, "maxRetryIntervalInMilliseconds": longest_ms}

    def to_json(self) -> dict:
        return {**super().to_json(), **self._more}


@bp.orchestration_trigger(context_name="context")
def chain(context):
    """Double a number as often as the input says."""
    given = context.get_input()
    number = given["number"]
    for _ in range(given["times"]):
        number = yield context.call_activity("double", number)
    return number


@bp.orchestration_trigger(context_name="context")
def fan(context):
    """Double all numbers below the input, at the same time."""
    return (yield context.task_all([context.call_activity("double", i) for i in range(context.get_input())]))


@bp.orchestration_trigger(context_name="context")
def spread(context):
    """Which work folders four activities saw that ran at the same time."""
    folders = yield context.task_all([context.call_activity("pause", 300) for _ in range(4)])
    return sorted(set(folders))


@bp.orchestration_trigger(context_name="context")
def nothing(context):
    """An orchestrator that waits for nothing at all."""
    return {"input": context.get_input(), "version": context.version, "parent": context.parent_instance_id}


@bp.orchestration_trigger(context_name="context")
def empty(context):
    """None goes in and comes out."""
    return (yield context.call_activity("none", None))


@bp.orchestration_trigger(context_name="context")
def retrying(context):
    given = context.get_input()
    began = context.current_utc_datetime
    options = Backoff(
        given["first_ms"], given["attempts"], given.get("coefficient", 1), given.get("longest_ms", 60_000)
    )
    try:
        attempts = yield context.call_activity_with_retry("flaky", options, given)
    except Exception as error:
        attempts = str(error)
    ms = (context.current_utc_datetime - began).total_seconds() * 1000
    after = yield context.call_activity("double", 21)  # the sequence numbers still fit
    return {"attempts": attempts, "ms": ms, "after": after}


@bp.orchestration_trigger(context_name="context")
def failing(context):
    yield context.call_activity(context.get_input(), "what went wrong")


@bp.orchestration_trigger(context_name="context")
def catching(context):
    """The text that a failed activity's exception has."""
    try:
        yield context.call_activity("broken", context.get_input())
    except Exception as error:
        return str(error)


@bp.orchestration_trigger(context_name="context")
def raising(context):
    context.set_custom_status("about to fail")
    raise ValueError("the orchestrator's own fault")
    yield


@bp.orchestration_trigger(context_name="context")
def flaky_child(context):
    return (yield context.call_activity("flaky", context.get_input()))


@bp.orchestration_trigger(context_name="context")
def parent(context):
    """Children of all kinds: good ones, a bad one, and one that is tried again."""
    children = yield context.task_all(
        [context.call_sub_orchestrator("chain", {"number": i, "times": 2}) for i in range(3)]
    )
    seen = yield context.call_sub_orchestrator("nothing", {"a": 1}, f"{context.instance_id}-child", version="child-2")
    try:
        yield context.call_sub_orchestrator("raising")
        error = None
    except Exception as failure:
        error = str(failure)
    options = Backoff(10, 3)
    flaky = {"key": f"{context.instance_id}-sub", "good": 3}
    attempts = yield context.call_sub_orchestrator_with_retry("flaky_child", options, flaky)
    try:
        yield context.call_sub_orchestrator_with_retry("raising", Backoff(10, 2))
        exhausted = None
    except Exception as failure:
        exhausted = str(failure)
    return {"children": children, "seen": seen, "error": error, "attempts": attempts, "exhausted": exhausted}


@bp.orchestration_trigger(context_name="context")
def waiting(context):
    """Wait for two events, after an activity that gives them time to come early."""
    ms = context.get_input() or 0
    yield context.call_activity("pause", ms)
    context.set_custom_status({"waiting": True})
    first = yield context.wait_for_external_event("go")
    second = yield context.wait_for_external_event("go")
    return [first, second]


@bp.orchestration_trigger(context_name="context")
def racing(context):
    """A timer against an event. The loser must not hold the instance open."""
    given = context.get_input()
    timer = context.create_timer(context.current_utc_datetime + timedelta(milliseconds=given["ms"]))
    event = context.wait_for_external_event("stop")
    winner = yield context.task_any([timer, event])
    if winner == event:
        timer.cancel()
    after = yield context.call_activity("double", 1)
    return {"winner": "event" if winner == event else "timer", "after": after}


@bp.orchestration_trigger(context_name="context")
def story(context):
    """Several retried activities that report progress, as long as one of them runs: events, failures, retries mixed."""
    pending = {
        name: context.call_activity_with_retry(
            "reporting",
            Backoff(20, 3, 2),
            {
                "name": name,
                "instance_id": context.instance_id,
                "percents": [10, 50, 90],
                "fails": name == "b",
                "key": f"{context.instance_id}-{name}",
            },
        )
        for name in ("a", "b", "c")
    }
    running, done, seen = list(pending.values()), [], 0
    progress = [context.wait_for_external_event("progress") for _ in range(20)]
    while running:
        winner = yield context.task_any([*running, *progress])
        if winner in progress:
            seen += 1
            context.set_custom_status(json.loads(winner.result))
            progress.remove(winner)
        else:
            done.append(winner.result)
            running.remove(winner)
    after = yield context.call_activity("double", len(done))
    return {"done": sorted(done), "seen": seen, "after": after}


@bp.orchestration_trigger(context_name="context")
def overtaking(context):
    """Wait beside an activity for one event after the other: the last wait holds the real host for ever."""
    task = context.call_activity("pause", 500)
    event = context.wait_for_external_event("progress")
    while not task.is_completed:
        winner = yield context.task_any([task, event])
        if winner == event:
            context.set_custom_status("heard")
            event = context.wait_for_external_event("progress")
    return (yield context.call_activity("double", 1))


@bp.orchestration_trigger(context_name="context")
def hasty(context):
    """Go on when the first of a fan-out has failed, though the others still run."""
    try:
        yield context.task_all([context.call_activity("pause", 400), context.call_activity("broken", "soon")])
    except Exception:
        return (yield context.call_activity("double", 4))


@bp.orchestration_trigger(context_name="context")
def again(context):
    """Continue as new until the number is reached."""
    given = context.get_input()
    if given["n"] == 1:
        context.set_custom_status("set by the first")
    yield context.call_activity("double", given["n"])
    if given["n"] < given["until"]:
        context.continue_as_new({**given, "n": given["n"] + 1})
        return None
    return f"done {given['n']}"


@bp.orchestration_trigger(context_name="context")
def parent_of_again(context):
    """Wait for a child that lives for several executions."""
    return (yield context.call_sub_orchestrator("again", {"n": 1, "until": 3}))


@bp.orchestration_trigger(context_name="context")
def counting(context):
    """Add events up, each in an execution of its own; events that came early must survive continue-as-new."""
    total = context.get_input()
    if total >= 4:
        return total
    yield context.call_activity("pause", 30)
    yield context.wait_for_external_event("add")
    context.continue_as_new(total + 1)


@bp.orchestration_trigger(context_name="context")
def reporting_status(context):
    context.set_custom_status({"stage": 1})
    yield context.call_activity("pause", 1)
    context.set_custom_status({"stage": 2})
    yield context.wait_for_external_event("go")
    return "end"


@bp.orchestration_trigger(context_name="context")
def talkative(context):
    """A custom status of as many characters as the input says."""
    context.set_custom_status("x" * context.get_input())
    yield context.call_activity("double", 1)


@bp.orchestration_trigger(context_name="context")
def replaying(context):
    """Write a line only when not replaying: each must be there once."""
    lines = Path(os.environ["PROOF_DIR"]) / context.instance_id
    for i in range(5):
        if not context.is_replaying:
            with lines.open("a") as file:
                file.write(f"{i}\n")
        yield context.call_activity("double", i)
    return str(context.new_uuid())


@bp.orchestration_trigger(context_name="context")
def moody(context):
    """Not deterministic: forbidden, and noticed."""
    if random.random() > Path(os.environ["PROOF_DIR"], context.instance_id).exists():
        Path(os.environ["PROOF_DIR"], context.instance_id).touch()
        yield context.call_activity("double", 1)
    else:
        yield context.call_activity("pause", 1)
    yield context.wait_for_external_event("never")


@bp.orchestration_trigger(context_name="context")
def calling(context):
    """Call a URL."""
    response = yield context.call_http("GET", context.get_input())
    return response["statusCode"]


@bp.orchestration_trigger(context_name="context")
def counting_entity(context):
    yield context.call_entity(df.EntityId("counter", "one"), "add", 1)


@bp.orchestration_trigger(context_name="context")
def spawning(context):
    return (yield context.call_activity("spawned", None))


@bp.orchestration_trigger(context_name="context")
def holding(context):
    """Run an activity that waits for the test."""
    logging.getLogger(__name__).info("holding %s", context.instance_id)
    return (yield context.call_activity("held", context.get_input()))
