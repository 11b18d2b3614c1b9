"""The SIMPI API: tells it what became of a step's media."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote

import requests

from core.deliveries import PENDING, REFUSED, SLOW_S, Delivery, answered

QUICK_S, PATIENT_S = (2.0, 5.0), (5.0, 30.0)
"""Seconds to connect and to wait for the answer: while a job waits for it, and when nobody does."""

REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 410, 422})
"""Answers that no repetition will change."""

TOKEN_REFUSED = frozenset({401, 403})
MAX_STEP_ID = 200


@cache
def _session() -> requests.Session:
    """One pool of connections per process. Nothing of the environment (proxies, .netrc) may redirect or sign a request."""
    session = requests.Session()
    session.trust_env = False
    return session


def put_media(
    base_url: str, token: str | None, step_id: str, key: str, body: dict[str, Any], *, patient: bool = False
) -> Delivery:
    """PUT the state of a step's media; what came of it. `key` makes a repetition harmless."""
    if step_id.strip(".") == "" or len(step_id) > MAX_STEP_ID:
        return Delivery(REFUSED, "the step id cannot be part of a URL")
    url = f"{base_url}/api/v1/steps/{quote(step_id, safe='')}/media"
    headers = {"idempotency-key": key} | ({"authorization": f"Bearer {token}"} if token else {})
    limits = PATIENT_S if patient else QUICK_S
    try:
        with _session().put(
            url, json=body, headers=headers, timeout=limits, allow_redirects=False, stream=True
        ) as answer:
            if answer.is_redirect:
                return Delivery(REFUSED, f"SIMPI answered {answer.status_code}, a redirect")
            who = "SIMPI, asked with SIMPI_API_TOKEN," if answer.status_code in TOKEN_REFUSED else "SIMPI"
            return answered(who, answer.status_code, answer.headers.get("retry-after"), REFUSALS)
    except requests.ReadTimeout:
        return Delivery(PENDING, f"SIMPI did not answer within {limits[1]:g} s", SLOW_S)
    except requests.RequestException as error:
        # The name of the error only: its text holds the URL.
        return Delivery(PENDING, f"SIMPI could not be reached ({type(error).__name__})")
