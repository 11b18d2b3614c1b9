"""The hub beside the host: started where no other SignalR is configured, on a port and with a key that stay the same."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from devhost.signalr.hub import Hub

if TYPE_CHECKING:
    from devhost.state import DataDir

SETTING = "AzureSignalRConnectionString"


async def start_hub(data: DataDir) -> Hub | None:
    """Start the hub, and tell the app by its usual setting. One that is there, even empty, is left alone."""
    if SETTING in os.environ:
        return None
    known = data.remembered("signalr.json") or {"port": 0, "key": secrets.token_urlsafe(32)}
    try:
        hub = await Hub(known["port"], known["key"]).__aenter__()
    except OSError:  # somebody else has the port by now
        hub = await Hub(0, known["key"]).__aenter__()
    data.remember("signalr.json", {"port": hub.port, "key": hub.key})
    os.environ[SETTING] = hub.connection_string
    return hub
