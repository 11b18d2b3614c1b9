"""Every trigger of an app that has to be watched."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from devhost.app_index import App
from devhost.host_json import HostJson
from devhost.invoke import Runner
from devhost.outputs import Outputs
from devhost.triggers.blob import BlobTrigger
from devhost.triggers.queue import QueueTrigger
from devhost.triggers.timer import TimerTrigger


def triggers(app: App, settings: HostJson, runner: Runner, outputs: Outputs) -> list[Coroutine[Any, Any, None]]:
    """The watchers, ready to run.

    Raises: ConfigError, if one of them cannot work.
    """
    at_once, tries = settings.blobs_at_once, settings.poison_blob_threshold
    blobs = [BlobTrigger(function, runner, outputs, at_once, tries) for function in app.of("blobTrigger")]
    queues = [QueueTrigger(function, settings.queues, runner, outputs) for function in app.of("queueTrigger")]
    timers = [TimerTrigger(function, runner, outputs) for function in app.of("timerTrigger")]
    return [*(b.run() for b in blobs), *(q.run() for q in queues), *(t.run() for t in timers)]
