"""Which storage a binding means: its `connection` is the name of a setting that holds a connection string."""

from __future__ import annotations

import os
from typing import Any

from devhost.host_json import ConfigError

# For clients that poll: the next look is their retry. The SDK's own first retry comes after 15 s.
POLLING: dict[str, Any] = {"retry_total": 0, "connection_timeout": 5, "read_timeout": 30}
HOST_STORAGE = "AzureWebJobsStorage"


def is_real(connection_string: str | None) -> bool:
    """Whether this names a storage account, not "the emulator" or nothing."""
    return bool(connection_string) and "UseDevelopmentStorage" not in str(connection_string)


def configured_storage(option: str | None) -> str | None:
    """The storage to use: the option, else the environment's; None if the emulator is meant."""
    return next((one for one in (option, os.environ.get(HOST_STORAGE)) if is_real(one)), None)


def connection_string(setting: str | None) -> str:
    """The connection string of a binding's `connection` (the host's own storage if it names none).

    Raises: ConfigError, if there is no such setting, or it is an identity-based one.
    """
    name = setting or HOST_STORAGE
    found = os.environ.get(name) or os.environ.get(f"AzureWebJobs{name}")
    if found is None:
        raise ConfigError(
            f"the connection '{name}' of a binding is not in the environment as a connection string "
            "(devhost does not do identity-based connections)"
        )
    return found if is_real(found) else os.environ[HOST_STORAGE]
