"""One activity as the engine's worker calls it: JSON text in, JSON text out, failures worded as the real host does."""

from __future__ import annotations

import logging
from collections.abc import Callable

from azure.functions.meta import Datum

from devhost.app_index import Binding, Function
from devhost.engine.failures import ActivityFailed
from devhost.invoke import Runner, decode, encode
from devhost.logs import first_line

log = logging.getLogger(__name__)


def runnable(function: Function, runner: Runner) -> Callable[[object, str | None], str]:
    """The function for durabletask: it takes a context, which knows the instance, and the input."""
    answer = Binding(function.trigger.name, function.trigger.type, {})

    def run(context: object, given: str | None) -> str:
        try:
            decoded = decode(function.trigger, Datum(given if given is not None else "null", "json"), {})
            returned, _outs = runner.call(function, decoded).result()
            return str(encode(answer, returned).value)
        except BaseException as error:  # noqa: BLE001 - also what would end the process: it is the activity's failure
            whose, kind = getattr(context, "orchestration_id", "?"), type(error).__name__
            log.warning("activity '%s' of %s failed: %s: %s", function.name, whose, kind, first_line(error))
            failure = ActivityFailed(function.durable_name, error).with_traceback(error.__traceback__)
        raise failure

    return run
