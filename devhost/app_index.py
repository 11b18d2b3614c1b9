"""Which functions an app has, as the real host indexes them: names, triggers, bindings."""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devhost.host_json import AppError, ConfigError
from devhost.host_rules import check
from devhost.logs import first_line

TRIGGERS = {"httpTrigger", "blobTrigger", "queueTrigger", "timerTrigger", "orchestrationTrigger", "activityTrigger"}
INPUTS = {"durableClient"}
OUTPUTS = {"http", "queue", "blob"}


@dataclass(frozen=True)
class Binding:
    """One binding: a parameter's name, the binding's type, and its settings with `%NAME%` filled in."""

    name: str
    type: str
    settings: Mapping[str, Any]

    @property
    def is_output(self) -> bool:
        """Whether the function writes to it."""
        return bool(self.settings["direction"])


@dataclass(frozen=True)
class Function:
    """One function of the app."""

    name: str
    call: Callable[..., Any]
    trigger: Binding
    inputs: tuple[Binding, ...]
    outputs: tuple[Binding, ...]

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """All of its bindings, the trigger first."""
        return (self.trigger, *self.inputs, *self.outputs)

    @property
    def is_async(self) -> bool:
        """Whether calling it gives a coroutine."""
        return inspect.iscoroutinefunction(self.call)

    @property
    def durable_name(self) -> str:
        """The name that orchestrators call it by."""
        key = "activity" if self.trigger.type == "activityTrigger" else "orchestration"
        return str(self.trigger.settings.get(key) or self.name)


@dataclass(frozen=True)
class App:
    """All functions of an app."""

    functions: tuple[Function, ...]

    def of(self, trigger: str) -> list[Function]:
        """The functions with this type of trigger."""
        return [function for function in self.functions if function.trigger.type == trigger]


def load(app_dir: Path) -> App:
    """Import DIR/function_app.py, with DIR as the working directory and first on the path, and index it.

    Raises: ConfigError, if there is something that the real host would not start with, or that devhost cannot run;
    AppError, if the import itself fails.
    """
    path = app_dir / "function_app.py"
    if not path.is_file():
        raise ConfigError(f"{path} is missing: --app must be the folder of a Python v2-model function app")
    os.chdir(app_dir)
    sys.path.insert(0, str(app_dir))
    spec = importlib.util.spec_from_file_location("function_app", path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules["function_app"] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise AppError(f"the app cannot start: {type(error).__name__}: {first_line(error)}") from error
    return index(_registered(module))


def index(registered: list[Any]) -> App:
    """Index what `get_functions()` of an app has given."""
    functions = tuple(_function(one) for one in registered)
    for kind in ("function name", "orchestrator or activity name"):
        seen: set[str] = set()
        for function in functions:
            name = function.name if kind == "function name" else function.durable_name
            if name.lower() in seen:
                raise ConfigError(f"the {kind} '{name}' is there twice: names must be unique, also without case")
            seen.add(name.lower())
    check(functions)
    return App(functions)


def _registered(module: Any) -> list[Any]:
    from azure.functions.decorators.function_app import FunctionRegister

    apps = [value for value in vars(module).values() if isinstance(value, FunctionRegister)]
    if len({id(app) for app in apps}) != 1:
        raise ConfigError(f"function_app.py must define one FunctionApp or DFApp at its top level, it has {len(apps)}")
    try:
        found = apps[0].get_functions()
    except ValueError as error:
        raise ConfigError(f"function_app.py cannot be indexed: {error}") from None
    if not found:
        raise ConfigError("function_app.py defines no function")
    return list(found)


def _function(registered: Any) -> Function:
    name, call, trigger = registered.get_function_name(), registered.get_user_function(), registered.get_trigger()
    if trigger is None:
        raise ConfigError(f"function '{name}' has no trigger")
    bindings = [_binding(name, raw.get_dict_repr()) for raw in registered.get_bindings()]
    main = next(b for b in bindings if b.type == trigger.type)
    others = [b for b in bindings if b is not main]
    for binding, known in ((main, TRIGGERS), *((b, OUTPUTS if b.is_output else INPUTS) for b in others)):
        if binding.type not in known:
            raise ConfigError(
                f"function '{name}': devhost does not know the binding '{binding.type}'. "
                f"It knows {', '.join(sorted(TRIGGERS | INPUTS | OUTPUTS))}"
            )
    return Function(
        name=name,
        call=call,
        trigger=main,
        inputs=tuple(b for b in others if not b.is_output),
        outputs=tuple(b for b in others if b.is_output),
    )


def _binding(function: str, raw: Mapping[str, Any]) -> Binding:
    settings = {key: _filled(function, value) for key, value in raw.items() if key not in ("name", "type")}
    settings["direction"] = int(getattr(raw.get("direction"), "value", 0) or 0)
    return Binding(str(raw["name"]), str(raw["type"]), settings)


def _filled(function: str, value: Any) -> Any:
    """Fill `%NAME%` in from the environment, as the real host does."""

    def setting(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            raise ConfigError(f"function '{function}': the setting %{match[1]}% of a binding is not in the environment")
        return found

    return re.sub(r"%([^%\s]+)%", setting, value) if isinstance(value, str) else value
