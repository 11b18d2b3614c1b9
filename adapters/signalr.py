"""Azure SignalR Service in serverless mode: access for a client, and messages to a user. The loopback hub speaks the same.

Source: learn.microsoft.com, "Azure SignalR Service data-plane REST API reference", version 1.0. Tokens are HS256 JSON Web
Tokens made with the access key; `aud` is the URL that they are for, and a client's says in `nameid` who it is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import jwt
import requests

HUB = "media-processing"
CLIENT_TOKEN_S, SERVER_TOKEN_S = 3600, 60
SEND_LIMITS_S = (2.0, 3.0)


@dataclass(frozen=True)
class SignalR:
    """One service. `endpoint` is without a slash at its end; the key never shows."""

    endpoint: str
    key: str = field(repr=False)

    @staticmethod
    def of(connection_string: str) -> SignalR:
        """From `Endpoint=…;AccessKey=…;Version=1.0;` with an optional `Port`.

        Raises: ValueError, which does not repeat the key.
        """
        parts = dict(part.split("=", 1) for part in connection_string.split(";") if "=" in part)
        given = {name.strip().lower(): value.strip() for name, value in parts.items()}
        endpoint, key = given.get("endpoint", "").rstrip("/"), given.get("accesskey", "")
        if not endpoint.startswith(("https://", "http://")) or not key:
            raise ValueError("a SignalR connection string needs Endpoint=https://… and AccessKey=…")
        return SignalR(endpoint + (f":{given['port']}" if "port" in given else ""), key)

    def client_access(self, user: str) -> dict[str, str]:
        """What a client of this user connects with: `url` and `accessToken`, good for an hour."""
        url = f"{self.endpoint}/client/?hub={HUB}"
        return {"url": url, "accessToken": self._token(url, CLIENT_TOKEN_S, nameid=user)}

    def send(self, session: requests.Session, user: str, target: str, argument: dict[str, Any]) -> None:
        """Invoke a method on every connection of a user; nobody else gets it, and one who is not there misses it.

        Raises: requests.RequestException.
        """
        url = f"{self.endpoint}/api/v1/hubs/{HUB}/users/{quote(user, safe='')}"
        headers = {"authorization": f"Bearer {self._token(url, SERVER_TOKEN_S)}"}
        message = {"target": target, "arguments": [argument]}
        session.post(
            url, json=message, headers=headers, timeout=SEND_LIMITS_S, allow_redirects=False
        ).raise_for_status()

    def _token(self, audience: str, seconds: int, **claims: str) -> str:
        now = int(time.time())
        return jwt.encode({"aud": audience, "iat": now, "exp": now + seconds, **claims}, self.key, algorithm="HS256")
