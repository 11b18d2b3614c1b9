"""Telling the outside world what became of a job. A delivery that failed never fails the job."""

from __future__ import annotations

from typing import Any

from activities.notify import notify
from activities.update_simpi import update_simpi
from orchestrators.steps import Steps, Story, first_line

TELLERS = {"update_simpi": update_simpi, "notify": notify}


def told(steps: Steps, receipt: dict[str, Any]) -> Story:
    """SIMPI and the subscriber, in parallel. A delivery that failed never fails the job: the receipt says so."""
    tasks = {step: steps.schedule(activity, receipt=receipt) for step, activity in TELLERS.items()}
    yield from steps.settled(tasks)
    deliveries = {}
    for step, task in tasks.items():
        try:
            answer = steps.result(step, task)
            deliveries[step] = {"delivery": answer["delivery"], "detail": answer["detail"]}
        except Exception as error:  # noqa: BLE001 - the SDK hands back every exhausted retry as a plain Exception
            deliveries[step] = {"delivery": "failed", "detail": first_line(error)}
    return deliveries
