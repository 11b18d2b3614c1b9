"""Webhooks: signed events, after the Standard Webhooks specification (www.standardwebhooks.com).

The receiver's name is resolved once and the connection goes to the very address that was checked, so a name that changes its
mind in between (rebinding) changes nothing.
"""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from urllib.parse import urlsplit

import certifi
import urllib3
from standardwebhooks.webhooks import Webhook

from core.deliveries import PENDING, REFUSED, SLOW_S, Delivery, answered
from core.events import Event
from core.ssrf import is_public

QUICK_S, PATIENT_S = urllib3.Timeout(connect=2, read=5), urllib3.Timeout(connect=5, read=15)
"""While a job waits for it, and when nobody does."""

REFUSALS = frozenset({410})
"""Gone: the subscriber wants no more. Everything else may be repaired by the receiver, and is tried again."""


def send(url: str, secret: str | None, event: Event, *, allow_private: bool = False, patient: bool = False) -> Delivery:
    """POST one event, signed when there is a secret; what came of it. A redirect is never followed."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = _resolved(str(parts.hostname), port)
    except OSError as error:
        return Delivery(PENDING, f"the receiver's name could not be resolved ({type(error).__name__})")
    if not allow_private and not all(is_public(address) for address in addresses):
        return Delivery(REFUSED, "the receiver's address is private: set WEBHOOK_ALLOW_PRIVATE to allow that")

    body = json.dumps(event.payload(), separators=(",", ":"))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"host": parts.netloc.rpartition("@")[2], **_headers(event.id, secret, body)}
    timeout = PATIENT_S if patient else QUICK_S
    with _pool(parts.scheme, str(parts.hostname), addresses[0], port) as pool:
        try:
            answer = pool.urlopen(
                "POST", target, body=body.encode(), headers=headers, timeout=timeout, redirect=False, retries=False,
                preload_content=False,
            )  # fmt: skip
        except urllib3.exceptions.ReadTimeoutError:
            return Delivery(PENDING, f"the receiver did not answer within {timeout.read_timeout:g} s", SLOW_S)
        except urllib3.exceptions.HTTPError as error:
            return Delivery(PENDING, f"the receiver could not be reached ({type(error).__name__})")
        answer.close()
        return answered("the receiver", answer.status, answer.headers.get("retry-after"), REFUSALS)


def _resolved(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _pool(scheme: str, host: str, address: str, port: int) -> urllib3.HTTPConnectionPool:
    """Connections to this address, whose certificate must be the host's."""
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, port)
    return urllib3.HTTPSConnectionPool(
        address, port, server_hostname=host, assert_hostname=host, cert_reqs="CERT_REQUIRED", ca_certs=certifi.where()
    )


def _headers(event_id: str, secret: str | None, body: str) -> dict[str, str]:
    now = datetime.now(UTC)
    headers = {
        "content-type": "application/json",
        "user-agent": "simpi-media-compression",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
    }
    return headers | ({"webhook-signature": Webhook(secret).sign(event_id, now, body)} if secret else {})
