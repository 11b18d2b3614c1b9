"""The SIMPI API: tells it what became of a step's media."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import requests

TIMEOUT_S = (5, 30)
FINAL = {400, 401, 403, 404, 405, 409, 410, 422}
"""Answers that no repetition will change."""


class Refused(Exception):
    """SIMPI will never take this update: the request itself is wrong."""


def put_media(base_url: str, token: str | None, step_id: str, key: str, body: dict[str, Any]) -> int:
    """PUT the state of a step's media; the status code of the answer. `key` makes a repetition harmless.

    Raises: Refused for an answer that repeating cannot change; requests.RequestException for all else.
    """
    url = f"{base_url}/api/v1/steps/{quote(step_id, safe='')}/media"
    headers = {"idempotency-key": key} | ({"authorization": f"Bearer {token}"} if token else {})
    answer = requests.put(url, json=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    if answer.status_code in FINAL or answer.is_redirect:
        raise Refused(f"SIMPI answered {answer.status_code}")
    if not answer.ok:
        raise requests.HTTPError(f"SIMPI answered {answer.status_code}")
    return answer.status_code
