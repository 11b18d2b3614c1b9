"""Calls the app's functions as the real Python worker does: async ones on one event loop, the others on threads."""

from __future__ import annotations

import asyncio
import inspect
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from azure.functions import Out
from azure.functions.meta import Datum, get_binding_registry

from devhost.app_index import Binding, Function


class OutValue(Out[Any]):
    """What a function sets an output binding to."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        """Set the value; the last one counts."""
        self._value = val

    def get(self) -> Any:
        """The value, None if it was never set."""
        return self._value


class Runner:
    """A thread pool and an event loop, both for the app's code only."""

    def __init__(self, threads: int, client: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="function")
        self._loop = asyncio.new_event_loop()
        self._client = client  # the durable client binding, as JSON
        threading.Thread(target=self._loop.run_forever, name="functions", daemon=True).start()

    def call(self, function: Function, trigger: Any) -> Future[tuple[Any, dict[str, Any]]]:
        """Call a function with its trigger's value. The future has what it returned and what it set its outputs to."""
        outs = {binding.name: OutValue() for binding in function.outputs if binding.name != "$return"}
        arguments = {function.trigger.name: trigger, **{b.name: self._client for b in function.inputs}, **outs}
        if "context" in inspect.signature(function.call).parameters and "context" not in arguments:
            arguments["context"] = _context(function.name)
        if function.is_async:
            return asyncio.run_coroutine_threadsafe(_called(function, arguments, outs), self._loop)
        return self._pool.submit(_call, function, arguments, outs)


def _call(function: Function, arguments: dict[str, Any], outs: dict[str, OutValue]) -> tuple[Any, dict[str, Any]]:
    returned = function.call(**arguments)
    return returned, {name: out.get() for name, out in outs.items()}


async def _called(
    function: Function, arguments: dict[str, Any], outs: dict[str, OutValue]
) -> tuple[Any, dict[str, Any]]:
    returned = await function.call(**arguments)
    return returned, {name: out.get() for name, out in outs.items()}


def _context(name: str) -> SimpleNamespace:
    return SimpleNamespace(
        function_name=name,
        function_directory=str(Path.cwd()),
        invocation_id=str(uuid.uuid4()),
        thread_local_storage=threading.local(),
        trace_context=SimpleNamespace(trace_parent="", trace_state="", attributes={}),
        retry_context=SimpleNamespace(retry_count=0, max_retry_count=0, exception=None),
    )


def decode(binding: Binding, datum: Datum, metadata: Mapping[str, Datum]) -> Any:
    """What the function gets for a trigger, by the real converter of azure-functions."""
    return _converter(binding).decode(datum, trigger_metadata=metadata)


def encode(binding: Binding, value: Any) -> Datum:
    """What a function's value is on the wire, by the real converter of azure-functions."""
    datum: Datum = _converter(binding).encode(value, expected_type=None)
    return datum


def _converter(binding: Binding) -> Any:
    return get_binding_registry().get(binding.type)  # type: ignore[no-untyped-call]
