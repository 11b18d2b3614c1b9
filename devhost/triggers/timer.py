"""Timer triggers."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime

from azure.functions.meta import Datum

from devhost.app_index import Function
from devhost.invoke import Runner, decode
from devhost.outputs import Outputs
from devhost.triggers.schedule import Schedule

log = logging.getLogger(__name__)

LONGEST_NAP_S = 60.0  # the machine's clock may be set, or may have slept


class TimerTrigger:
    """Fires one function on its schedule; a run that is longer than its interval is not overtaken."""

    def __init__(self, function: Function, runner: Runner, outputs: Outputs) -> None:
        self._function, self._runner, self._outputs = function, runner, outputs
        self._schedule = Schedule(str(function.trigger.settings["schedule"]))

    async def run(self) -> None:
        """Fire for ever."""
        last = datetime.now(UTC)
        if self._function.trigger.settings.get("runOnStartup"):
            await self._fire(last, last)
        while True:
            due = self._schedule.after(last)
            while (wait_s := (due - datetime.now(UTC)).total_seconds()) > 0:  # noqa: ASYNC110 - time has no event
                await asyncio.sleep(min(wait_s, LONGEST_NAP_S))
            await self._fire(last, due)
            last = max(due, datetime.now(UTC))

    async def fire(self) -> None:
        """Fire once, now."""
        now = datetime.now(UTC)
        await self._fire(now, now)

    async def _fire(self, last: datetime, due: datetime) -> None:
        times = {"Last": last, "Next": self._schedule.after(due), "LastUpdated": due}
        info = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": {name: moment.isoformat() for name, moment in times.items()},
            "IsPastDue": False,
        }
        try:
            given = decode(self._function.trigger, Datum(json.dumps(info), "json"), {})
            returned, outs = await asyncio.wrap_future(self._runner.call(self._function, given))
            await self._outputs.send(self._function, outs, returned)
        except Exception:
            log.exception("timer function '%s' failed", self._function.name)
