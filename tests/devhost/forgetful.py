"""Run as a program: the engine alone, remembering next to no answers, with several instances at the same time."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

APP = Path(__file__).parent / "app"


def main() -> None:
    from devhost.activities import runnable
    from devhost.app_index import load
    from devhost.engine.engine import Engine, activity_worker
    from devhost.invoke import Runner

    app = load(APP)
    engine = Engine(workers=1, remembered_answers=1)
    runner = Runner(4, "{}")
    orchestrators = {f.durable_name: f.call for f in app.of("orchestrationTrigger")}
    activities = {f.durable_name: runnable(f, runner) for f in app.of("activityTrigger")}
    engine.run(orchestrators, frozenset(activities), None, 4)
    activity_worker(engine.address, activities, 4)
    ids = [engine.instances.start("replaying", f"replaying-{i}", None, None) for i in range(4)]
    given = '"{\\"key\\": \\"k\\", \\"good\\": 3, \\"first_ms\\": 5, \\"attempts\\": 4}"'
    ids.append(engine.instances.start("retrying", "retrying", given, None))
    end = time.monotonic() + 30
    statuses = []
    while time.monotonic() < end:
        statuses = [engine.instances.get(instance_id) for instance_id in ids]
        if all(status is not None and status.is_over for status in statuses):
            break
        time.sleep(0.02)
    for status in statuses:
        print(status.runtime_status if status else None)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
