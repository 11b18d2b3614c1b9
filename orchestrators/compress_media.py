"""The story of one upload."""

from __future__ import annotations

from functools import partial
from typing import Any

import azure.durable_functions as df

from activities.cleanup import cleanup
from activities.compress_image import compress_image
from activities.compress_video import compress_video
from activities.download import download
from activities.poison import poison
from activities.probe import probe
from activities.record import record
from activities.show_end import show_end
from activities.upload import upload
from core.errors import Unprocessable
from core.job import Job
from core.progress import COMPRESSING, REPORTING, encoded
from core.receipt import FAILED, make_receipt, status_of
from orchestrators.steps import Steps, Story, first_line
from orchestrators.tell import begin_telling, told

bp = df.Blueprint()

MAKERS = {"image": compress_image, "video": compress_video}


@bp.orchestration_trigger(context_name="context")
def compress_media(context: df.DurableOrchestrationContext) -> Story:
    """Take one upload from blob to compressed, and tell everyone."""
    job = Job(**context.get_input())
    steps, started_at = Steps(context, job), context.current_utc_datetime
    try:
        yield from compressed(steps)
    except Unprocessable as reason:
        steps.outcome.ended(status_of(reason.code), reason.code, reason.detail)
    except Exception as error:  # noqa: BLE001 - the SDK hands back every exhausted retry as a plain Exception
        steps.outcome.ended(FAILED, f"{steps.current}_failed", first_line(error))
    receipt = make_receipt(job, steps.outcome, started_at, context.current_utc_datetime)

    steps.show(REPORTING.name, REPORTING.percent, REPORTING.message)
    if receipt["status"] == FAILED:
        yield from steps.run(poison, receipt=receipt)
    deliveries = yield from told(steps, receipt)
    receipt = {**receipt, "deliveries": deliveries, "timings_s": dict(steps.outcome.timings_s)}
    yield from steps.run(record, receipt=receipt)
    cleaning = steps.schedule(cleanup, keep=receipt["status"] == FAILED)
    yield from steps.settled({"cleanup": cleaning, "show_end": steps.schedule(show_end, receipt=receipt)})
    steps.show("done", 100, receipt["error"] or receipt["reason"] or "")
    return receipt


def compressed(steps: Steps) -> Story:
    """From the upload to published outputs, everything gathered in the outcome."""
    outcome = steps.outcome
    yield from steps.deferred()
    begin_telling(steps)
    yield from steps.run(download)

    probed = yield from steps.run(probe)
    plan = probed["plan"]
    outcome.kind, outcome.tier, outcome.source = plan["kind"], plan["tier"], probed["facts"]
    outcome.rules_version, outcome.tools = probed["rules_version"], probed["tools"]

    outcome.made = yield from made(steps, probed)
    published = yield from steps.run(upload, made=outcome.made)
    outcome.outputs = published["outputs"]


def made(steps: Steps, probed: dict[str, Any]) -> Story:
    """Every rendition of the plan, made in parallel. The main one decides; an extra that fails is a warning."""
    plan = probed["plan"]
    steps.show(COMPRESSING.name, COMPRESSING.percent, plan["reason"])
    given = {"facts": probed["facts"], "rules_version": probed["rules_version"]}

    def make(rendition: dict[str, Any]) -> Any:
        return steps.schedule(MAKERS[rendition["kind"]], **given, rendition=rendition)

    def show(percent: float) -> None:
        steps.show(COMPRESSING.name, encoded(percent), plan["reason"])

    tasks = yield from steps.patiently(
        {rendition["role"]: partial(make, rendition) for rendition in plan["renditions"]},
        show if plan["kind"] == "video" else None,  # photos are made too soon to tell how far they are
    )
    results = []
    for rendition in plan["renditions"]:
        role = rendition["role"]
        try:
            results.append(steps.result(f"compress_{rendition['kind']}", tasks[role])["made"])
        except Exception as error:  # as above; an Unprocessable main is raised again with its type
            if not rendition["optional"]:
                raise
            steps.outcome.warnings.append(f"no {role}: {first_line(error)}")
    return results
