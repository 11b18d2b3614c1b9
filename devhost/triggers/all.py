"""Every trigger of an app that has to be watched."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from devhost.app_index import App
from devhost.host_json import HostJson
from devhost.invoke import Runner
from devhost.outputs import Outputs
from devhost.triggers.blob import BlobTrigger


def triggers(app: App, settings: HostJson, runner: Runner, outputs: Outputs) -> list[Coroutine[Any, Any, None]]:
    """The watchers, ready to run."""
    at_once, tries = settings.blobs_at_once, settings.poison_blob_threshold
    return [
        *(BlobTrigger(f, runner, outputs, at_once, tries).run() for f in app.of("blobTrigger")),
    ]
