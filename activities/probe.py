"""Look at the upload and plan what to make of it. The plan is data from here on: a changed rule cannot break a replay."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given, answer
from config.settings import settings
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def probe(given: Given) -> Answer:
    """Decide by content what the upload is, and which renditions to make of it."""
    return answer("probe", given, _probe)


def _probe(job: Job, given: Given) -> dict[str, Any]:
    from adapters.ffmpeg import tool_versions
    from adapters.probe import probe as probe_file
    from core.plan import plan as plan_for

    rules = tools.rules()
    with tools.workspace().source(job, tools.blobs()) as path:
        facts = probe_file(path, rules.limits)
    plan = plan_for(facts, job.size_bytes, rules)
    return {
        "facts": asdict(facts),
        "plan": asdict(plan),
        "rules_version": str(rules.version),
        "tools": tool_versions(settings().ffmpeg_binary),
    }
