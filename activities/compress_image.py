"""Make one still or animated picture: the main image, its thumbnail, or a video's poster."""

from __future__ import annotations

from functools import partial
from typing import Any

import azure.durable_functions as df

from activities import tools
from activities.answers import Answer, Given, answer
from activities.renditions import stage
from config.settings import settings
from core.job import Job

bp = df.Blueprint()


@bp.activity_trigger(input_name="given")
def compress_image(given: Given) -> Answer:
    """Make one picture and stage it."""
    return answer("compress_image", given, _compress_image)


def _compress_image(job: Job, given: Given) -> dict[str, Any]:
    from adapters.images import make_image

    limits, binary = tools.rules().limits, settings().ffmpeg_binary
    return stage(job, given, partial(make_image, limits=limits, binary=binary))
