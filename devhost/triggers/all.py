"""Every trigger of an app that has to be watched."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from devhost.app_index import App
from devhost.host_json import HostJson
from devhost.invoke import Runner
from devhost.outputs import Outputs
from devhost.triggers.blob import BlobTrigger
from devhost.triggers.queue import QueueTrigger
from devhost.triggers.timer import TimerTrigger


@dataclass(frozen=True)
class Triggers:
    """The watchers, ready to run, and the timers among them by function, which may also be fired by hand."""

    watching: list[Coroutine[Any, Any, None]]
    timers: dict[str, TimerTrigger]


def triggers(app: App, settings: HostJson, runner: Runner, outputs: Outputs) -> Triggers:
    """What watches for the app's events.

    Raises: ConfigError, if one of them cannot work.
    """
    at_once, tries = settings.blobs_at_once, settings.poison_blob_threshold
    blobs = [BlobTrigger(function, runner, outputs, at_once, tries) for function in app.of("blobTrigger")]
    queues = [QueueTrigger(function, settings.queues, runner, outputs) for function in app.of("queueTrigger")]
    timers = {function.name: TimerTrigger(function, runner, outputs) for function in app.of("timerTrigger")}
    watching = [*(b.run() for b in blobs), *(q.run() for q in queues), *(t.run() for t in timers.values())]
    return Triggers(watching, timers)
