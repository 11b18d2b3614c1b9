"""The story of what a job could not deliver: round after round, for a day, each wait longer than the one before."""

from __future__ import annotations

from datetime import timedelta

import azure.durable_functions as df

from activities.deliver_again import deliver_again
from core.deliveries import wait_s
from orchestrators.steps import Story

bp = df.Blueprint()

MOST_ASKED = 20
"""How often somebody may hurry one job's deliveries; after that they take their time."""


@bp.orchestration_trigger(context_name="context")
def deliver(context: df.DurableOrchestrationContext) -> Story:
    """Wait, try what is left, and so on. `now` ends a wait: somebody asked to deliver at once.

    The waits are durable timers: nobody sleeps, and a receiver's Retry-After is kept to. All waits for `now` begin at once:
    the SDK gives an event that came while nobody waited to every later wait of its name, and none of these would be one.
    """
    given = context.get_input()
    instance_id, tries, again_s = given["instance_id"], 0, given.get("again_s", 0.0)
    asked = [context.wait_for_external_event("now") for _ in range(MOST_ASKED)]
    while True:
        pause_s = wait_s(tries, again_s, instance_id)
        timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=pause_s))
        context.set_custom_status({"stage": "waiting", "tries": tries, "wait_s": pause_s})
        yield context.task_any([timer, *asked])
        if not timer.is_completed:
            timer.cancel()
        asked = [wait for wait in asked if not wait.is_completed]
        tries += 1
        task = context.call_activity(deliver_again, {"instance_id": instance_id, "tries": tries})
        yield context.task_any([task])
        # A round that broke (storage away, a worker gone) left the mark where it was: the next round repeats it.
        answer = task.result if isinstance(task.result, dict) else {"open": True, "again_s": 0.0}
        again_s = answer["again_s"]
        if not answer["open"]:
            return {"tries": tries}
