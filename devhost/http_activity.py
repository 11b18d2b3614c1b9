"""The built-in activity behind an orchestrator's `call_http`."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

DEFAULT_RETRY_AFTER_S = 30.0
TIMEOUT_S = 100.0


def call_http(_: object, given: str | None) -> str:
    """Make a request and return its answer, both as JSON; a 202 with a Location is followed until it is done."""
    request = json.loads(given or "{}")
    if request.get("tokenSource"):
        raise NotImplementedError("devhost does not fetch tokens for call_http")
    status, headers, content = _send(request["method"], request["uri"], request.get("content"), request.get("headers"))
    uri = request["uri"]
    while status == 202 and "Location" in headers:
        time.sleep(_retry_after_s(headers))
        uri = urljoin(uri, headers["Location"])
        status, headers, content = _send("GET", uri, None, request.get("headers"))
    return json.dumps({"statusCode": status, "headers": headers, "content": content})


def _send(
    method: str, uri: str, content: str | None, headers: Mapping[str, str] | None
) -> tuple[int, dict[str, str], str]:
    if not uri.startswith(("http://", "https://")):
        raise ValueError(f"call_http calls http and https URIs only, not {uri!r}")
    body = None if content is None else content.encode()
    request = urllib.request.Request(uri, body, dict(headers or {}), method=method.upper())  # noqa: S310 - checked
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 - checked
            return _read(response)
    except urllib.error.HTTPError as error:
        with error:
            return _read(error)


def _read(response: Any) -> tuple[int, dict[str, str], str]:
    return response.status, dict(response.headers.items()), response.read().decode("utf-8", "replace")


def _retry_after_s(headers: Mapping[str, str]) -> float:
    try:
        return float(headers["Retry-After"])
    except (KeyError, ValueError):
        return DEFAULT_RETRY_AFTER_S
