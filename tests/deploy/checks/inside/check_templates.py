"""Runs inside the Azure CLI's own environment: do our ARM templates and the app's YAML use names that exist?

Arguments: template files, and filled-in app.yaml files. Out: a JSON list of problems.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from models import LATER, model_of, unknown_names

OF_ANY_RESOURCE = {
    "type",
    "apiVersion",
    "name",
    "location",
    "dependsOn",
    "tags",
    "kind",
    "sku",
    "identity",
    "properties",
    "scope",
    "metadata",
}


def template_problems(path: Path) -> list[str]:
    """Names in a template that its resources do not have."""
    found: list[str] = []
    for resource in json.loads(path.read_text())["resources"]:
        where = resource["type"]
        model = model_of(resource["type"])
        if model is None:
            found.append(f"{path.name}: {where}: there is no model to check this type by; add it to MODELS")
            continue
        found += [
            f"{path.name}: {where}.{name} is not of a resource" for name in resource if name not in OF_ANY_RESOURCE
        ]
        rest = {key: value for key, value in resource.items() if key in ("properties", "sku", "kind", "identity")}
        problems = unknown_names(rest, model, where)
        found += [f"{path.name}: {text}" for text in problems if text.partition(":")[0] not in LATER]
    return found


def app_problems(path: Path) -> list[str]:
    """What of the app's YAML gets lost or changed on its way through the Azure CLI, which reads it with the same models."""
    import yaml
    from azure.cli.command_modules.containerapp._constants import CONTAINER_APPS_SDK_MODELS
    from azure.cli.command_modules.containerapp._decorator_utils import create_deserializer
    from azure.cli.command_modules.containerapp._utils import (
        _convert_object_from_snake_to_camel_case,
        _object_to_dict,
        _remove_additional_attributes,
        _remove_readonly_attributes,
    )
    from azure.cli.command_modules.containerapp.custom import process_loaded_yaml

    given = yaml.safe_load(path.read_text())
    read = create_deserializer(CONTAINER_APPS_SDK_MODELS)(
        "ContainerApp", process_loaded_yaml(yaml.safe_load(path.read_text()))
    )
    sent = process_loaded_yaml(_convert_object_from_snake_to_camel_case(_object_to_dict(read)))
    _remove_additional_attributes(sent)
    _remove_readonly_attributes(sent)
    for name in ("name", "type", "tags"):  # the first two go into the address, tags are put back as they were
        del given[name]
    return [f"{path.name}: {text}" for text in lost(given, sent, "")]


def lost(given: Any, sent: Any, path: str) -> list[str]:
    """Everything in `given` that is not the same in `sent`."""
    if isinstance(given, dict):
        if not isinstance(sent, dict):
            return [f"{path} is lost"]
        return [text for key, value in given.items() for text in lost(value, sent.get(key), f"{path}.{key}")]
    if isinstance(given, list):
        if not isinstance(sent, list) or len(sent) != len(given):
            return [f"{path} is lost"]
        return [text for i, value in enumerate(given) for text in lost(value, sent[i], f"{path}[{i}]")]
    return [] if given == sent else [f"{path}: {given!r} became {sent!r}"]


def main() -> None:
    found: list[str] = []
    for name in sys.argv[1:]:
        path = Path(name)
        try:
            found += template_problems(path) if path.suffix == ".json" else app_problems(path)
        except Exception as error:
            found.append(f"{path.name}: {type(error).__name__}: {error}")
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
