"""The system that a command talks to: the local stack, or another host given with --target."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import http, stack
from cli.errors import CliError, KeyRefused, Unreachable, UsageError

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

    from cli.http import Answer
    from cli.stack import Stack

STORAGE_VARIABLE, KEY_VARIABLE = "SIMPI_STORAGE_CONNECTION", "SIMPI_SYSTEM_KEY"
FUNCTION_KEY_VARIABLE = "SIMPI_FUNCTION_KEY"
UNDER_WAY = "Pending,Running,Suspended,ContinuedAsNew"


@dataclass(frozen=True)
class Target:
    """A host's base address, its storage, and the keys of its durable API and of the app's operations.

    The secrets never show in a repr.
    """

    url: str
    storage: str = field(repr=False)
    system_key: str = field(repr=False)
    local: Stack | None = field(default=None, repr=False)
    function_key: str = field(default="", repr=False)

    @functools.cached_property
    def blobs(self) -> BlobServiceClient:
        """Its blob storage. Local storage answers at once or is not there: no long retries."""
        from azure.storage.blob import BlobServiceClient, LinearRetry

        retry = LinearRetry(backoff=1, retry_total=2 if self.local else 5)
        try:
            return BlobServiceClient.from_connection_string(
                self.storage, retry_policy=retry, max_single_put_size=4 << 20, max_block_size=4 << 20
            )
        except ValueError:
            raise UsageError(f"{STORAGE_VARIABLE} is not a storage connection string") from None

    def durable(self, method: str, path: str = "", page: str = "", **query: str) -> Answer:
        """Ask the durable API about instances: all, or with the path `/ID` one. Raises Unreachable, KeyRefused.

        `page` is what the answer before said that there is more.
        """
        whole = f"/runtime/webhooks/durabletask/instances{path}"
        answer = http.ask(method, self.url, whole, {"code": self.system_key, **query}, more=page)
        if answer.status in (401, 403):
            raise KeyRefused(f"{self.url} refuses the key of its durable API", f"Is {KEY_VARIABLE} right?")
        return answer

    def running(self, **query: str) -> Iterator[dict[str, Any]]:
        """The orchestrations that have not ended, page by page. Raises Unreachable, KeyRefused, CliError."""
        more, first = "", True
        while more or first:
            answer = self.durable("GET", page=more, runtimeStatus=UNDER_WAY, top="100", showInput="false", **query)
            if answer.status != 200 or not isinstance(answer.body, list):
                raise CliError(f"{self.url} answered {answer.status} when it was asked for what runs")
            yield from answer.body
            more, first = answer.more, False

    def operation(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        """Ask the app for what needs the key of its operations. Raises Unreachable, KeyRefused."""
        key = {"code": self.function_key} if self.function_key else {}
        answer = http.ask(method, self.url, path, {**query, **key}, body)
        if answer.status in (401, 403):
            raise KeyRefused(
                f"{self.url} refuses the key of its operations", f"Is {FUNCTION_KEY_VARIABLE} set and right?"
            )
        return answer


def of_stack(found: Stack) -> Target:
    """The local stack as a target."""
    return Target(found.url, found.storage, found.system_key, found)


def remote(url: str) -> Target:
    """Another host; its secrets come from the environment, never from arguments that others can see."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"--target must be an address like https://host, not {url!r}")
    missing = [name for name in (STORAGE_VARIABLE, KEY_VARIABLE) if not os.environ.get(name)]
    if missing:
        raise UsageError(
            f"--target needs {' and '.join(missing)} in the environment",
            "They hold the storage's connection string and the key of the durable API.",
        )
    function_key = os.environ.get(FUNCTION_KEY_VARIABLE, "")
    target = Target(url.rstrip("/"), os.environ[STORAGE_VARIABLE], os.environ[KEY_VARIABLE], None, function_key)
    if not stack.answers(target.url):
        raise Unreachable(
            f"{target.url} does not answer /admin/host/ping", "Is the address right, and does the app run?"
        )
    return target


def existing(address: str | None, data: Path) -> Target:
    """The target of a command that only asks: it starts nothing."""
    if address:
        return remote(address)
    found = stack.running(data)
    if found is None:
        raise Unreachable(
            "no local stack is running", "Start it: ./simpi up (or ./simpi compress PATH, which does it itself)"
        )
    return of_stack(found)
