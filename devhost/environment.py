"""The environment variables that an app finds: the ones that the real host sets, and devhost's own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from devhost.host_json import ConfigError
from devhost.state import MARK, WORKER
from devhost.storage import HOST_STORAGE
from devhost.surface.urls import Urls

PACKAGE_ROOT = str(Path(__file__).resolve().parent.parent)


def local_settings(app_dir: Path) -> None:
    """Take the `Values` of DIR/local.settings.json, where the environment does not say otherwise.

    Raises: ConfigError, if the file is not what it should be.
    """
    path = app_dir / "local.settings.json"
    if not path.is_file():
        return
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig")).get("Values", {})
    except (ValueError, AttributeError) as error:
        raise ConfigError(f"{path} is not a settings file: {error}") from None
    for name, value in values.items():
        os.environ.setdefault(name, str(value))


def prepare(data: Path, urls: Urls, storage: str | None) -> None:
    """Set this process's environment; child processes inherit it."""
    os.environ.update(
        {
            MARK: str(data),
            "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "WEBSITE_HOSTNAME": urls.base.removeprefix("http://"),
            **({HOST_STORAGE: storage} if storage is not None else {}),
            **_places(data, "host"),
        }
    )


def for_worker(data: Path, number: int, urls: Urls) -> dict[str, str]:
    """The environment of activity worker `number`: a work folder of its own."""
    own = {"PYTHONPATH": python_path(os.environ), WORKER: str(number), "DEVHOST_CLIENT": urls.client_binding()}
    return {**os.environ, **own, **_places(data, str(number))}


def python_path(env: Mapping[str, str]) -> str:
    """An environment's PYTHONPATH with devhost itself before all else."""
    return os.pathsep.join(filter(None, [PACKAGE_ROOT, env.get("PYTHONPATH")]))


def _places(data: Path, name: str) -> dict[str, str]:
    work = data / "work" / name
    (work / "tmp").mkdir(parents=True, exist_ok=True)
    return {"WORK_DIR": str(work), "TMPDIR": str(work / "tmp")}
