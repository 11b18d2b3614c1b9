"""Which jobs the engine has under way: all of them. The extension lists a hundred at a time, and the SDK stops there."""

from __future__ import annotations

import asyncio
from typing import Any

import azure.durable_functions as df
import requests

CONTINUATION = "x-ms-continuation-token"
TIMEOUT_S = 30.0
QUERY = {
    "runtimeStatus": "Running,Pending",
    "instanceIdPrefix": "media-",  # a range of the table's keys: nobody else's instances are read
    "showInput": "false",
    "top": "100",
}


async def jobs_under_way(client: df.DurableOrchestrationClient) -> list[dict[str, Any]]:
    """The durable status of every job that has not ended, without its input."""
    # Where the host listens for its own worker: the SDK has no public name for it.
    return await asyncio.to_thread(_listed, client._orchestration_bindings.rpc_base_url)


def _listed(rpc_url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    headers: dict[str, str] = {}
    while True:
        answer = requests.get(f"{rpc_url}instances/", params=QUERY, headers=headers, timeout=TIMEOUT_S)
        answer.raise_for_status()
        found += answer.json()  # a page may be empty and still not be the last one
        if not (more := answer.headers.get(CONTINUATION)):
            return found
        headers = {CONTINUATION: more}
