"""Telling the outside world what becomes of a job. A delivery that failed never fails the job, and never makes it wait."""

from __future__ import annotations

from typing import Any

from activities.begin import begin
from activities.hand_over import hand_over
from activities.notify import notify
from activities.poison import poison
from activities.update_simpi import update_simpi
from core import deliveries
from core.deliveries import Delivery
from core.receipt import FAILED, SUPERSEDED, stamp
from orchestrators.steps import Steps, Story, first_line

TELLERS = {deliveries.SIMPI: update_simpi, deliveries.WEBHOOK: notify}


def begin_telling(steps: Steps) -> None:
    """Say that the job has begun, in parallel with all that follows."""
    steps.beginning = steps.schedule_alongside(begin, started_at=stamp(steps.started_at))


def told(steps: Steps, receipt: dict[str, Any]) -> Story:
    """SIMPI and the subscriber, in parallel, each a few quick times; what became of it.

    What nobody took stands as `pending`, and another orchestration goes on with it for a day. SIMPI hears of the beginning
    before it hears of the end. An update that SIMPI refuses goes to the poison queue; the media stays published.
    """
    if steps.beginning is not None:
        yield from steps.settled({"begin": steps.beginning})
    if receipt["status"] == SUPERSEDED:
        return {}
    tasks = {step: steps.schedule(activity, receipt=receipt) for step, activity in TELLERS.items()}
    yield from steps.settled(tasks)
    log = {step: logged(steps, step, task) for step, task in tasks.items()}
    start = logged(steps, deliveries.STARTED, steps.beginning) if steps.beginning is not None else None
    if start and start["delivery"] == deliveries.PENDING:
        log[deliveries.STARTED] = start
    if left := deliveries.open_ones(log):
        yield from steps.run(hand_over, again_s=max(log[name]["again_s"] or 0.0 for name in left))
    log = {name: {key: of[key] for key in deliveries.LOGGED} for name, of in log.items()}
    simpi = log[deliveries.SIMPI]
    if simpi["delivery"] == deliveries.REFUSED and receipt["status"] != FAILED:
        yield from steps.run(poison, receipt={**receipt, "error_code": "simpi_refused", "error": simpi["detail"]})
    return log


def logged(steps: Steps, step: str, task: Any) -> dict[str, Any]:
    """What came of one settled delivery."""
    try:
        answer = steps.result(step, task)
    except Exception as error:  # noqa: BLE001 - the SDK hands back every exhausted retry as a plain Exception
        why = first_line(error).rpartition("Undelivered: ")[2]
        return Delivery(deliveries.PENDING, why).to_dict() | {"at": None, "tries": task.num_attempts}
    return {**answer, "tries": task.num_attempts}
