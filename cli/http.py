"""Small JSON requests. An address may carry a key, so errors name the host and the path only."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.errors import Unreachable

TIMEOUT_S = 15.0
CONTINUATION = "x-ms-continuation-token"


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status, and the JSON (or the text, if it is none).

    `more` asks for the next page of a list, empty on its last one.
    """

    status: int
    body: Any
    more: str = ""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect of an API call would carry the key elsewhere: take it as the answer that it is."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def get(url: str, path: str, query: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S) -> Answer:
    """GET `url` + `path`. Any HTTP status is an answer; raises Unreachable if there is none."""
    return ask("GET", url, path, query, timeout_s=timeout_s)


def ask(
    method: str,
    url: str,
    path: str,
    query: Mapping[str, str] | None = None,
    body: Any = None,
    timeout_s: float = TIMEOUT_S,
    more: str = "",
) -> Answer:
    """Send a request to `url` + `path`, its body as JSON. Any HTTP status is an answer; raises Unreachable if none comes."""
    full = url.rstrip("/") + path + ("?" + urllib.parse.urlencode(query) if query else "")
    if not full.startswith(("http://", "https://")):
        raise Unreachable(f"not an HTTP address: {url}", "Use --target http://host:port or https://host")
    data = None if body is None else json.dumps(body).encode()
    headers = {"accept": "application/json", "content-type": "application/json"}
    headers |= {CONTINUATION: more} if more else {}
    request = urllib.request.Request(full, data, headers, method=method)  # noqa: S310
    try:
        with _opener.open(request, timeout=timeout_s) as response:
            return Answer(response.status, _parsed(response.read()), response.headers.get(CONTINUATION, ""))
    except urllib.error.HTTPError as answer:
        with answer:
            return Answer(answer.code, _parsed(answer.read()))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "reason", None) or problem
        raise Unreachable(f"{url} does not answer: {reason}") from None


def _parsed(raw: bytes) -> Any:
    text = raw.decode("utf-8", "replace")
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
