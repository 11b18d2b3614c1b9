"""The SIMPI API: tells it what became of a step's media."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from adapters.one_request import Patience, TooSlow, Unreachable, connection, send_once
from core.deliveries import PENDING, REFUSED, SLOW_S, Delivery, answered

QUICK, PATIENT = Patience(connect_s=2, answer_s=5), Patience(connect_s=5, answer_s=30)
"""While a job waits for it, and when nobody does."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})

REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 410, 422})
"""Answers that no repetition will change."""

MAX_STEP_ID = 200


def put_media(
    base_url: str, token: str | None, step_id: str, key: str, body: dict[str, Any], *, patient: bool = False
) -> Delivery:
    """PUT the state of a step's media; what came of it. `key` makes a repetition harmless."""
    if step_id.strip(".") == "" or len(step_id) > MAX_STEP_ID:
        return Delivery(REFUSED, "the step id cannot be part of a URL")
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = f"{parts.path}/api/v1/steps/{quote(step_id, safe='')}/media"
    headers = {"content-type": "application/json", "user-agent": "simpi-media-compression", "idempotency-key": key}
    headers |= {"authorization": f"Bearer {token}"} if token else {}
    patience = PATIENT if patient else QUICK
    to = connection(parts.scheme, str(parts.hostname), port)
    try:
        status, retry_after = send_once(to, "PUT", target, json.dumps(body).encode(), headers, patience)
    except TooSlow:
        return Delivery(PENDING, f"SIMPI did not answer within {patience.answer_s:g} s", SLOW_S)
    except Unreachable as error:
        return Delivery(PENDING, f"SIMPI could not be reached ({error})")
    if status in REDIRECTS:
        return Delivery(REFUSED, f"SIMPI answered {status}, a redirect")
    return answered("SIMPI", status, retry_after, REFUSALS)
