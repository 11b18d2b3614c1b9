"""Just enough of ARM's template language for our templates: what a template would make of its parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_CALL = re.compile(r"(?P<name>[a-zA-Z]+)\(")


def resources_of(template: dict[str, Any], given: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The type, name and properties of each resource.

    Raises: ValueError for a parameter that is missing or unknown, KeyError for a function that is not known here.
    """
    declared = template.get("parameters", {})
    values = {key: _typed(entry, given[key]) for key, entry in declared.items() if key in given}
    values |= {
        key: entry["defaultValue"] for key, entry in declared.items() if key not in given and "defaultValue" in entry
    }
    if missing := set(declared) - set(values):
        raise ValueError(f"no value for the template's parameters {sorted(missing)}")
    if unknown := set(given) - set(declared):
        raise ValueError(f"the template has no parameters {sorted(unknown)}")
    scope = {"parameters": values, "variables": {}}
    for key, text in template.get("variables", {}).items():
        scope["variables"][key] = resolve(text, scope)
    for resource in template["resources"]:
        yield resource["type"], resolve(resource["name"], scope), resolve(resource.get("properties", {}), scope)


def _typed(entry: dict[str, Any], value: Any) -> Any:
    kind = entry["type"].lower()
    if kind == "int":
        return int(value)
    if kind in ("array", "object", "bool"):
        return json.loads(value) if isinstance(value, str) else value
    return value


def resolve(value: Any, scope: dict[str, Any]) -> Any:
    """A value with every expression in it worked out."""
    if isinstance(value, dict):
        return {key: resolve(entry, scope) for key, entry in value.items()}
    if isinstance(value, list):
        return [resolve(entry, scope) for entry in value]
    if isinstance(value, str) and value.startswith("[") and value.endswith("]") and not value.startswith("[["):
        result, rest = _expression(value[1:-1], scope)
        if rest.strip():
            raise ValueError(f"cannot read the end of {value}: {rest}")
        return result
    return value


def _expression(text: str, scope: dict[str, Any]) -> tuple[Any, str]:
    text = text.lstrip()
    if text.startswith("'"):
        end = text.index("'", 1)
        return text[1:end], text[end + 1 :]
    if number := re.match(r"-?\d+", text):
        return int(number.group()), text[number.end() :]
    call = _CALL.match(text)
    if not call:
        raise ValueError(f"cannot read {text}")
    arguments, rest = _arguments(text[call.end() :], scope)
    result = _FUNCTIONS[call["name"]](scope, *arguments)
    while property_ := re.match(r"\.(\w+)", rest):
        result, rest = f"{result}.{property_[1]}", rest[property_.end() :]
    return result, rest


def _arguments(text: str, scope: dict[str, Any]) -> tuple[list[Any], str]:
    found: list[Any] = []
    text = text.lstrip()
    while not text.startswith(")"):
        value, text = _expression(text, scope)
        found.append(value)
        text = text.lstrip().removeprefix(",").lstrip()
    return found, text[1:]


_FUNCTIONS: dict[str, Any] = {
    "parameters": lambda scope, name: scope["parameters"][name],
    "variables": lambda scope, name: scope["variables"][name],
    "concat": lambda scope, *parts: "".join(map(str, parts)),
    "resourceId": lambda scope, kind, *names: f"{kind}/{'/'.join(names)}",
    "reference": lambda scope, name, version=None: f"reference({name})",
    "if": lambda scope, test, yes, no: yes if test else no,
    "empty": lambda scope, value: not value,
    "greater": lambda scope, a, b: a > b,
    "max": lambda scope, a, b: max(a, b),
    "createArray": lambda scope, *items: list(items),
    "createObject": lambda scope, *pairs: {pairs[i]: pairs[i + 1] for i in range(0, len(pairs), 2)},
    "true": lambda scope: True,
    "false": lambda scope: False,
    "guid": lambda scope, *parts: "guid-" + "-".join(map(str, parts)),
    "uniqueString": lambda scope, *parts: "unique" + "".join(map(str, parts))[-6:],
    "resourceGroup": lambda scope: "resourceGroup",
    "subscription": lambda scope: "subscription",
    "string": lambda scope, value: json.dumps(value),
    "format": lambda scope, text, *parts: text.format(*parts),
    "json": lambda scope, text: json.loads(text),
    "last": lambda scope, value: value[-1],
    "split": lambda scope, text, mark: text.split(mark),
    "toLower": lambda scope, text: text.lower(),
}
