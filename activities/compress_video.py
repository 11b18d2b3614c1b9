"""Make one video, and tell the orchestration how far it is."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from activities.answers import Answer, Given, answer
from activities.cancelling import to_be_cancelled
from activities.live import encode_progressed
from activities.renditions import stage
from config.logging import log_event
from config.settings import settings
from core.job import Job

bp = df.Blueprint()

PROGRESS_STEP_PERCENT, PROGRESS_STEP_S = 5.0, 3.0
"""At most one event per 5 % and per 3 s: each grows the orchestration's history."""


@bp.activity_trigger(input_name="given")
@bp.durable_client_input(client_name="client")
async def compress_video(given: Given, client: df.DurableOrchestrationClient, context: func.Context) -> Answer:
    """Make one video and stage it.

    Async because of the client: the encode runs on a thread, so the worker's loop stays free for others.
    """
    loop = asyncio.get_running_loop()
    instance_id = given["job"]["instance_id"]

    def tell(percent: float) -> None:
        encode_progressed(given, percent)
        raised = asyncio.run_coroutine_threadsafe(client.raise_event(instance_id, "progress", percent), loop)
        raised.add_done_callback(_log_if_lost)

    def _log_if_lost(raised: Any) -> None:
        if raised.exception() is not None:
            log_event("progress_lost", instance_id=instance_id, detail=str(raised.exception())[:200])

    def encode() -> Answer:
        # The host drops what a thread logs, unless it says which call it belongs to.
        this_thread: Any = context.thread_local_storage
        this_thread.invocation_id = context.invocation_id
        try:
            return compress(given, tell)
        finally:
            this_thread.invocation_id = None

    return await asyncio.to_thread(encode)


def compress(given: Given, tell: Callable[[float], None]) -> Answer:
    """The step itself, without its client: `tell` takes the percentage done, now and then."""
    return answer("compress_video", given, lambda job, more: _compress_video(job, more, sparingly(tell)))


def _compress_video(job: Job, given: Given, tell: Callable[[float], None]) -> dict[str, Any]:
    from adapters.ffmpeg import make_video
    from adapters.machine import no_room, video_slots
    from core.media import Image

    limits, config = tools.rules().limits, settings()

    def make(source: Any, facts: Any, wish: Any, folder: Any) -> Any:
        if isinstance(facts, Image):
            raise TypeError("a picture was sent to the video encoder")
        wanted_s = max(config.max_processing_s, (facts.duration_s or 0) * SECONDS_PER_MEDIA_SECOND)
        time_limit_s = min(wanted_s, limits.encode_time_s)
        return make_video(
            source,
            facts,
            wish,
            folder,
            limits,
            time_limit_s=time_limit_s,
            on_progress=tell,
            cancelled=now_and_then(lambda: to_be_cancelled(job.instance_id)),
            binary=config.ffmpeg_binary,
        )

    with video_slots(config.video_slots).one() as held:
        busy = no_room(job.size_bytes, tools.workspace()) if held else "every place for videos is taken"
        return {"busy": busy} if busy else stage(job, given, make)


SECONDS_PER_MEDIA_SECOND = 6.0
"""How much longer than the media itself an encode may take: MAX_PROCESSING_TIME grows with the duration."""


def now_and_then(ask: Callable[[], bool], every_s: float = 2.0) -> Callable[[], bool]:
    """A question that is asked again only every so often: the encoder asks several times a second."""
    asked_at, answer = time.monotonic(), False

    def maybe() -> bool:
        nonlocal asked_at, answer
        if not answer and time.monotonic() - asked_at >= every_s:
            asked_at, answer = time.monotonic(), ask()
        return answer

    return maybe


def sparingly(tell: Callable[[float], None], clock: Callable[[], float] = time.monotonic) -> Callable[[float], None]:
    """A teller that passes on only what is worth an event."""
    last_percent, last_time = 0.0, clock()

    def maybe(percent: float) -> None:
        nonlocal last_percent, last_time
        if percent - last_percent >= PROGRESS_STEP_PERCENT and clock() - last_time >= PROGRESS_STEP_S:
            last_percent, last_time = percent, clock()
            tell(round(percent, 1))

    return maybe
