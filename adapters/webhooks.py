"""Webhooks: one signed event per job, after the Standard Webhooks specification (www.standardwebhooks.com)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import requests
from standardwebhooks.webhooks import Webhook

TIMEOUT_S = (5, 15)


def send(url: str, secret: str | None, event_id: str, payload: dict[str, Any]) -> int:
    """POST one event, signed when there is a secret; the status code. The id stays the same however often it is sent.

    Raises: requests.RequestException where nobody took it (a redirect counts as that: it is never followed).
    """
    body = json.dumps(payload, separators=(",", ":"))
    now = datetime.now(UTC)
    headers = {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
    }
    if secret:
        headers["webhook-signature"] = Webhook(secret).sign(event_id, now, body)
    answer = requests.post(url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    if not 200 <= answer.status_code < 300:
        raise requests.HTTPError(f"the webhook's receiver answered {answer.status_code}")
    return answer.status_code
