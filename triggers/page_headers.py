"""What the browser is told about the page's rights: nothing runs, loads or connects but what we name."""

from __future__ import annotations

from urllib.parse import urlsplit

from adapters.sas import open_signer
from config.settings import Settings

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def content_security_policy(settings: Settings) -> str:
    """The page's policy: its own scripts and styles, the storage for pictures and uploads, the live hub. Nothing inline."""
    storage = open_signer(settings).origin
    live = " ".join(live_origins(settings))
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' blob: data: {storage}",
        "media-src": f"'self' blob: {storage}",
        "connect-src": f"'self' {storage} {live}".strip(),
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def live_origins(settings: Settings) -> list[str]:
    """Where live messages come from: the hub in the SignalR connection string, for HTTP and for WebSocket."""
    connection = getattr(settings, "signalr_connection", None) or ""
    parts = dict(part.partition("=")[::2] for part in connection.split(";"))
    origins = []
    for key in ("Endpoint", "ClientEndpoint"):
        url = urlsplit(parts.get(key, ""))
        if url.scheme in ("http", "https") and url.hostname:
            host = url.netloc if url.port or not parts.get("Port") else f"{url.netloc}:{parts['Port']}"
            origins += [f"{url.scheme}://{host}", f"{url.scheme.replace('http', 'ws')}://{host}"]
    return origins
