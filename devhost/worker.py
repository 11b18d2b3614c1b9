"""An activity worker: a process of its own that runs the app's activities for the engine."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from devhost.host_json import ConfigError
from devhost.logs import log_to_file, log_to_stderr
from devhost.state import LOG, MARK

log = logging.getLogger(__name__)

HOST_SAYS_IT_S = 5.0


def main() -> None:
    """Connect to the engine and run activities until the host ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--app", type=Path, required=True)
    parser.add_argument("--engine", required=True)
    parser.add_argument("--number", required=True)
    parser.add_argument("--at-once", type=int, required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the host tells us
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    log_to_stderr(f"worker {options.number}")
    log_to_file(Path(os.environ[MARK]) / LOG, f"worker {options.number}")
    try:
        activities = _activities(options.app, options.at_once)
    except ConfigError as error:
        threading.Event().wait(HOST_SAYS_IT_S)  # at a start the host finds the same, says it, and ends us meanwhile
        log.error("%s", error, exc_info=error.__cause__)
        os._exit(1)

    from devhost.engine.engine import activity_worker

    activity_worker(options.engine, activities, options.at_once)
    threading.Event().wait()


def _activities(app_dir: Path, at_once: int) -> dict[str, Callable[[object, str | None], str]]:
    from devhost.activities import runnable
    from devhost.app_index import load
    from devhost.engine.bridge import HTTP_ACTIVITY
    from devhost.http_activity import call_http
    from devhost.invoke import Runner

    app = load(app_dir)
    runner = Runner(at_once, os.environ.pop("DEVHOST_CLIENT"))  # it holds a key: not for programs that activities start
    own = {function.durable_name: runnable(function, runner) for function in app.of("activityTrigger")}
    return {HTTP_ACTIVITY: call_http, **own}


if __name__ == "__main__":
    main()
