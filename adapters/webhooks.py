"""Webhooks: signed events, after the Standard Webhooks specification (www.standardwebhooks.com).

The receiver's name is resolved once and the connection goes to the very address that was checked, so a name that changes its
mind in between (rebinding) changes nothing.
"""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from urllib.parse import urlsplit

from standardwebhooks.webhooks import Webhook

from adapters.one_request import Patience, TooSlow, Unreachable, connection, send_once
from core.deliveries import PENDING, REFUSED, SLOW_S, Delivery, answered
from core.events import Event
from core.ssrf import is_public

QUICK, PATIENT = Patience(connect_s=2, answer_s=5), Patience(connect_s=5, answer_s=15)
"""While a job waits for it, and when nobody does."""

REFUSALS = frozenset({410})
"""Gone: the subscriber wants no more. Everything else may be repaired by the receiver, and is tried again."""


def send(url: str, secret: str | None, event: Event, *, allow_private: bool = False, patient: bool = False) -> Delivery:
    """POST one event, signed when there is a secret; what came of it. A redirect is never followed."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = _resolved(str(parts.hostname), port)
    except (OSError, ValueError) as error:  # ValueError: no name or port that could be asked for, such as `a..b`
        return Delivery(PENDING, f"the receiver's name could not be resolved ({type(error).__name__})")
    if not allow_private and not all(is_public(address) for address in addresses):
        return Delivery(REFUSED, "the receiver's address is private: set WEBHOOK_ALLOW_PRIVATE to allow that")

    body = json.dumps(event.payload(), separators=(",", ":")).encode()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"host": parts.netloc.rpartition("@")[2], **_headers(event.id, secret, body.decode())}
    patience = PATIENT if patient else QUICK
    to = connection(parts.scheme, str(parts.hostname), port, address=addresses[0])
    try:
        status, retry_after = send_once(to, "POST", target, body, headers, patience)
    except TooSlow:
        return Delivery(PENDING, f"the receiver did not answer within {patience.answer_s:g} s", SLOW_S)
    except Unreachable as error:
        return Delivery(PENDING, f"the receiver could not be reached ({error})")
    return answered("the receiver", status, retry_after, REFUSALS)


def _resolved(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _headers(event_id: str, secret: str | None, body: str) -> dict[str, str]:
    now = datetime.now(UTC)
    headers = {
        "content-type": "application/json",
        "user-agent": "simpi-media-compression",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
    }
    return headers | ({"webhook-signature": Webhook(secret).sign(event_id, now, body)} if secret else {})
