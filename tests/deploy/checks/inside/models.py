"""Runs inside the Azure CLI's own environment: which property names a resource type has, after Microsoft's own models."""

from __future__ import annotations

import importlib
import inspect
import re
import typing
from typing import Any

_INSIGHTS = "azure.mgmt.applicationinsights"

MODELS = {
    "Microsoft.Insights/components": f"{_INSIGHTS}.v2020_02_02_preview.models:ApplicationInsightsComponent",
    "Microsoft.Insights/actionGroups": "azure.mgmt.monitor.models:ActionGroupResource",
    "Microsoft.Insights/scheduledQueryRules": "azure.mgmt.monitor.models:ScheduledQueryRuleResource",
    "Microsoft.Insights/metricAlerts": "azure.mgmt.monitor.models:MetricAlertResource",
    "Microsoft.Insights/workbooks": f"{_INSIGHTS}.v2018_06_17_preview.models:Workbook",
    "Microsoft.Storage/storageAccounts/blobServices": "azure.mgmt.storage.models:BlobServiceProperties",
    "Microsoft.Storage/storageAccounts/blobServices/containers": "azure.mgmt.storage.models:BlobContainer",
    "Microsoft.Storage/storageAccounts/queueServices/queues": "azure.mgmt.storage.models:StorageQueue",
    "Microsoft.Storage/storageAccounts/managementPolicies": "azure.mgmt.storage.models:ManagementPolicy",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": "azure.mgmt.eventgrid.models:EventSubscription",
    "Microsoft.DurableTask/schedulers": "azure.mgmt.durabletask.models:Scheduler",
    "Microsoft.DurableTask/schedulers/taskHubs": "azure.mgmt.durabletask.models:TaskHub",
    "Microsoft.Consumption/budgets": "azure.mgmt.consumption.models:Budget",
    "Microsoft.Cdn/profiles": "azure.mgmt.cdn.models:Profile",
    "Microsoft.Cdn/profiles/afdEndpoints": "azure.mgmt.cdn.models:AFDEndpoint",
    "Microsoft.Cdn/profiles/originGroups": "azure.mgmt.cdn.models:AFDOriginGroup",
    "Microsoft.Cdn/profiles/originGroups/origins": "azure.mgmt.cdn.models:AFDOrigin",
    "Microsoft.Cdn/profiles/afdEndpoints/routes": "azure.mgmt.cdn.models:Route",
    "Microsoft.App/containerApps": "azure.cli.command_modules.containerapp._sdk_models:ContainerApp",
}

LATER = {
    # In the API version that we use (2020-02-02), and not yet in the older one that the package has:
    # learn.microsoft.com/azure/templates/microsoft.insights/components
    "Microsoft.Insights/components.properties.DisableLocalAuth",
}

_MODEL_NAME = re.compile(r"_models\.(\w+)|\b([A-Z]\w+)\b")


def model_of(kind: str) -> type | None:
    """The model of a resource type, where there is one."""
    if kind not in MODELS:
        return None
    module, _, name = MODELS[kind].partition(":")
    return typing.cast(type, getattr(importlib.import_module(module), name))


def unknown_names(value: Any, model: type | None, path: str) -> list[str]:
    """The names in a JSON value that the model does not have."""
    if model is None or not isinstance(value, dict):
        return []
    fields = fields_of(model, value)
    found: list[str] = []
    for name, child in value.items():
        if name not in fields:
            found.append(f"{path}.{name}: {model.__name__} has only {', '.join(sorted(fields))}")
            continue
        found += _in_field(child, fields[name], f"{path}.{name}")
    return found


def _in_field(child: Any, kind: Any, path: str) -> list[str]:
    if isinstance(kind, dict):  # properties that were flattened into the model
        return _in_flat(child, kind, path)
    if isinstance(kind, tuple):  # names of the caller's choice, each with a value of one model
        values = child.items() if isinstance(child, dict) else ()
        return [text for name, item in values for text in unknown_names(item, kind[0], f"{path}.{name}")]
    if isinstance(child, list):
        return [text for i, item in enumerate(child) for text in unknown_names(item, kind, f"{path}[{i}]")]
    return unknown_names(child, kind, path)


def _in_flat(value: Any, fields: dict[str, Any], path: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    found = [f"{path}.{name}: only {', '.join(sorted(fields))}" for name in value if name not in fields]
    for name, child in value.items():
        if name in fields:
            found += _in_field(child, fields[name], f"{path}.{name}")
    return found


def fields_of(model: type, value: dict[str, Any]) -> dict[str, Any]:
    """A model's fields by their names on the wire, each with the model behind it (None for plain values)."""
    chosen = _by_kind(model, value)
    return _classic_fields(chosen) if hasattr(chosen, "_attribute_map") else _new_fields(chosen)


def _by_kind(model: type, value: dict[str, Any]) -> Any:
    """The subclass that a value asks for by its kind, such as a destination's endpointType."""
    for entry, choices in getattr(model, "_subtype_map", {}).items():
        name = _wire_name(model._attribute_map[entry]["key"])
        if (chosen := choices.get(value.get(name))) is not None:
            subclass = getattr(importlib.import_module(model.__module__), chosen)
            return subclass if subclass is model else _by_kind(subclass, value)
    return model


def _wire_name(key: str) -> str:
    return key.replace("\\.", "§")


def _classic_fields(model: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for entry in model._attribute_map.values():
        parts = [part.replace("§", ".") for part in _wire_name(entry["key"]).split(".")]
        place = fields
        for part in parts[:-1]:
            if not isinstance(place.get(part), dict):
                place[part] = {}
            place = place[part]
        place[parts[-1]] = _named(model, re.sub(r"[\[\]{}]", "", entry["type"]), is_map=entry["type"].startswith("{"))
    return fields


def _named(model: type, name: str, *, is_map: bool) -> Any:
    """A model by its name, from the module where its neighbour is; a tuple of it where it is a map's."""
    found = getattr(importlib.import_module(model.__module__), name, None)
    return (found,) if is_map else found


def _new_fields(model: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    module = importlib.import_module(model.__module__)
    for klass in reversed(model.__mro__):
        for attribute, annotation in inspect.get_annotations(klass).items():
            field = klass.__dict__.get(attribute)
            if hasattr(field, "_rest_name_input"):
                fields[field._rest_name_input or attribute] = _from_annotation(module, str(annotation))
    flat = getattr(model, "__flattened_items", None) or []
    if flat:
        fields.setdefault("properties", None)
    return fields


def _from_annotation(module: Any, annotation: str) -> Any:
    is_map = "Dict[" in annotation or "dict[" in annotation
    for qualified, bare in _MODEL_NAME.findall(annotation):
        found = getattr(module, qualified or bare, None)
        if isinstance(found, type) and hasattr(found, "_deserialize"):
            return (found,) if is_map else found
    return None
