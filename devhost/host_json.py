"""host.json: the settings of the real host that devhost honours."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HUB_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,44}")
MOST_PARTITIONS = 16


class ConfigError(Exception):
    """Something about the app or the machine keeps the host from starting; the text says what to do."""


class AppError(ConfigError):
    """The app's own code cannot be imported: what it has raised is the cause."""


@dataclass(frozen=True)
class Queues:
    """extensions.queues. Times in seconds."""

    batch_size: int = 16
    max_dequeue_count: int = 5
    retry_after_s: float = 0.0
    max_polling_interval_s: float = 60.0
    base64: bool = True


@dataclass(frozen=True)
class HostJson:
    """The whole file, with the real host's defaults."""

    route_prefix: str = "api"
    hub_name: str = "TestHubName"
    default_version: str | None = None
    activities_at_once: int = 10
    orchestrators_at_once: int = 10
    blobs_at_once: int = 8
    poison_blob_threshold: int = 5
    queues: Queues = Queues()

    @classmethod
    def read(cls, app_dir: Path) -> HostJson:
        """Read DIR/host.json.

        Raises: ConfigError, if it is missing or not JSON, or has a value that the real host would not start with.
        """
        path = app_dir / "host.json"
        try:
            settings = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ConfigError(f"{path} is missing: every function app has one, at least {{'version': '2.0'}}") from None
        except ValueError as error:
            raise ConfigError(f"{path} is not valid JSON: {error}") from None
        extensions = settings.get("extensions", {})
        durable, queues = extensions.get("durableTask", {}), extensions.get("queues", {})
        _check_hub(durable.get("hubName", cls.hub_name), durable.get("storageProvider", {}))
        return cls(
            route_prefix=extensions.get("http", {}).get("routePrefix", cls.route_prefix).strip("/"),
            hub_name=durable.get("hubName", cls.hub_name),
            default_version=durable.get("defaultVersion"),
            activities_at_once=_at_least_1(durable, "maxConcurrentActivityFunctions", cls.activities_at_once),
            orchestrators_at_once=_at_least_1(durable, "maxConcurrentOrchestratorFunctions", cls.orchestrators_at_once),
            blobs_at_once=_at_least_1(extensions.get("blobs", {}), "maxDegreeOfParallelism", cls.blobs_at_once),
            poison_blob_threshold=_at_least_1(
                extensions.get("blobs", {}), "poisonBlobThreshold", cls.poison_blob_threshold
            ),
            queues=Queues(
                batch_size=min(32, _at_least_1(queues, "batchSize", Queues.batch_size)),
                max_dequeue_count=_at_least_1(queues, "maxDequeueCount", Queues.max_dequeue_count),
                retry_after_s=seconds(queues.get("visibilityTimeout", "00:00:00")),
                max_polling_interval_s=seconds(queues.get("maxPollingInterval", "00:01:00")),
                base64=queues.get("messageEncoding", "base64").lower() == "base64",
            ),
        )


def seconds(timespan: str) -> float:
    """The seconds of a .NET time span: `[d.]hh:mm:ss[.fff]`.

    Raises: ConfigError, if it is none.
    """
    match = re.fullmatch(r"(?:(\d+)\.)?(\d+):(\d\d):(\d\d(?:\.\d+)?)", timespan)
    if match is None:
        raise ConfigError(f"host.json: '{timespan}' is not a time span like 00:05:00")
    days, hours, minutes, rest = match.groups()
    return int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(rest)


def _at_least_1(section: dict[str, Any], key: str, default: int) -> int:
    value = section.get(key, default)
    if not isinstance(value, int) or value < 1:
        raise ConfigError(f"host.json: {key} is {value!r}, it must be a whole number of at least 1")
    return value


def _check_hub(name: str, provider: dict[str, Any]) -> None:
    """What the durable extension checks before it starts (`AzureStorageOptions`): devhost itself needs neither."""
    if not HUB_NAME.fullmatch(name):
        raise ConfigError(f"host.json: hubName is {name!r}, it must be 3 to 45 letters and digits, the first a letter")
    if _at_least_1(provider, "partitionCount", 4) > MOST_PARTITIONS:
        raise ConfigError(
            f"host.json: partitionCount is {provider['partitionCount']}, it must be at most {MOST_PARTITIONS}"
        )
    if seconds(provider.get("maxQueuePollingInterval", "00:00:30")) <= 0:
        raise ConfigError("host.json: maxQueuePollingInterval must be longer than nothing")
