"""What the real host and its Python worker refuse of an app is refused here, too.

The rules are the worker's (`azure_functions_worker/functions.py`: the checks of its registry) and the host's
(`ScriptHost`, `Utility`: names and routes). `./simpi test --deploy` asks the worker's own code.
"""

from __future__ import annotations

import collections.abc
import inspect
import re
import typing
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import azure.functions as func

from devhost.host_json import ConfigError

if TYPE_CHECKING:
    from devhost.app_index import Function

FUNCTION_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,127}")
BINDING_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,127}|\$return")
STORAGE_NAME = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,62}|\$root|\$web|\$logs")
RESERVED_NAME, RESERVED_ROUTES = "host", ("admin", "runtime")
NO_GENERICS: tuple[Any, ...] = (typing.Union, tuple, typing.ClassVar, collections.abc.Callable)
RETURNING = {"activityTrigger", "orchestrationTrigger"}
ALL_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")


def check(functions: collections.abc.Sequence[Function]) -> None:
    """Raises: ConfigError, with the first thing that the real host would not start with."""
    routes: set[tuple[str, str]] = set()
    for function in functions:
        checks = (_names, _parameters, _client, _timer, _storage)
        for fault in (fault for check_ in checks for fault in check_(function)):
            raise ConfigError(f"function '{function.name}': {fault}")
        for route in _routes(function):
            if route in routes:
                raise ConfigError(
                    f"function '{function.name}': another function has the route {' '.join(route)} already"
                )
            routes.add(route)


def _names(function: Function) -> Iterator[str]:
    if not FUNCTION_NAME.fullmatch(function.name) or function.name.lower() == RESERVED_NAME:
        yield "this is no name that a function may have: a letter, then letters, digits, - and _, and not 'host'"
    names = [binding.name for binding in function.bindings]
    for name in names:
        if not BINDING_NAME.fullmatch(name):
            yield f"the binding '{name}' needs a name of letters and digits only"
    if len({name.lower() for name in names}) != len(names):
        yield f"two of its bindings have one name: {names}"


def _parameters(function: Function) -> Iterator[str]:
    if function.trigger.type == "orchestrationTrigger":
        return  # the SDK's own wrapper takes the context
    parameters, hints = inspect.signature(function.call).parameters, typing.get_type_hints(function.call)
    bound = {binding.name: binding for binding in function.bindings if binding.name != "$return"}
    if missing := bound.keys() - parameters.keys():
        yield f"its bindings name parameters that it lacks: {sorted(missing)}"
    if unbound := parameters.keys() - bound.keys() - {"context"}:
        yield f"no binding gives it the parameters {sorted(unbound)}"
    context = hints.get("context")
    if "context" not in bound and context is not None and getattr(context, "__name__", "") != "Context":
        yield "its parameter context must be an azure.functions.Context"
    for name, binding in bound.items():
        hint = hints.get(name)
        if hint is not None and not isinstance(hint, type) and not _is_typing_generic(hint):
            yield f"the worker refuses the annotation {hint} of '{name}': a bare type is needed, such as dict"
        is_out = typing.get_origin(hint) is func.Out
        if hint is not None and is_out != binding.is_output:
            yield f"'{name}' is an {'output' if binding.is_output else 'input'}, its annotation says otherwise"
    if hints.get("return", type(None)) is not type(None) and not _may_return(function):
        yield "it returns something, and no output binding takes it"


def _is_typing_generic(hint: Any) -> bool:
    """As the worker decides it: `Dict[str, Any]` is one, `dict[str, Any]` is none."""
    return hasattr(hint, "__origin__") and type(hint).__module__ == "typing" and hint.__origin__ not in NO_GENERICS


def _may_return(function: Function) -> bool:
    return function.trigger.type in RETURNING or any(binding.name == "$return" for binding in function.outputs)


def _client(function: Function) -> Iterator[str]:
    # Unwrapped: the SDK puts a coroutine function around whatever it is.
    is_async = inspect.iscoroutinefunction(inspect.unwrap(function.call))
    if not is_async and any(binding.type == "durableClient" for binding in function.inputs):
        yield "it has a durable client, whose methods are coroutines: it must be `async def`"


def _timer(function: Function) -> Iterator[str]:
    if function.trigger.type == "timerTrigger" and len(str(function.trigger.settings["schedule"]).split()) not in (
        1,
        6,
    ):
        yield "a schedule has six fields, the first for seconds, or is a time span"


def _storage(function: Function) -> Iterator[str]:
    """Names of queues, which the host makes lower case, and of containers that are no template."""
    settings = [binding.settings for binding in function.bindings]
    queues = [str(one["queueName"]).lower() for one in settings if "queueName" in one]
    containers = [str(one["path"]).partition("/")[0] for one in settings if "path" in one]
    for name in (*queues, *containers):
        if "{" not in name and (not STORAGE_NAME.fullmatch(name) or len(name) > 63):
            yield f"'{name}' is no name of a queue or container: 3 to 63 letters and digits in lower case, single - between"


def _routes(function: Function) -> Iterator[tuple[str, str]]:
    if function.trigger.type != "httpTrigger":
        return
    route = function.trigger.settings.get("route")
    path = (function.name if route is None else str(route)).lower()
    if path.startswith(RESERVED_ROUTES):
        raise ConfigError(f"function '{function.name}': its route may not begin with {' or '.join(RESERVED_ROUTES)}")
    for method in function.trigger.settings.get("methods") or ALL_METHODS:
        yield str(getattr(method, "value", method)).upper(), "/" + path
