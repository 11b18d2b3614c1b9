"""Who asks: the platform's signed-in user, or, where nobody signs in, whoever holds a random cookie."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import azure.functions as func

from config.settings import settings
from core.owner import owner_id, owner_of
from core.upload_name import is_blob_name
from triggers.problems import problem

COOKIE = "simpi-owner"
COOKIE_LIFE_S = 365 * 24 * 3600

# The platform sets these and strips them from what comes in, so that a client cannot.
PRINCIPAL, PRINCIPAL_ID = "x-ms-client-principal", "x-ms-client-principal-id"
PRINCIPAL_NAME, PRINCIPAL_IDP = "x-ms-client-principal-name", "x-ms-client-principal-idp"

_ID_CLAIMS = (
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
    "sub",
)
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Asker:
    """Who asks. `owner` is what their uploads carry; `name` is theirs if they are signed in; `token` is a cookie to set."""

    owner: str
    name: str | None = None
    token: str | None = None

    def owns(self, blob_name: str) -> bool:
        """Whether this upload is theirs."""
        return is_blob_name(blob_name) and owner_of(blob_name) == self.owner

    def may_see(self, blob_name: str) -> bool:
        """Whether they may know of this upload: theirs, or nobody's where everybody is let in."""
        if not is_blob_name(blob_name):
            return False
        owner = owner_of(blob_name)
        return settings().api_auth == "anonymous" if owner is None else owner == self.owner

    def remembered(self, request: func.HttpRequest, response: func.HttpResponse) -> func.HttpResponse:
        """The response, with the cookie of somebody who had none: no cache on the way may hand it to others."""
        if self.token:
            kept = response.headers.get("cache-control", "")
            response.headers["cache-control"] = kept if "no-store" in kept else f"private, {kept or 'no-cache'}"
            secure = "; Secure" if _is_https(request) else ""
            response.headers["set-cookie"] = (
                f"{COOKIE}={self.token}; Max-Age={COOKIE_LIFE_S}; Path=/; HttpOnly; SameSite=Strict{secure}"
            )
        return response


def asker(request: func.HttpRequest) -> Asker | None:
    """Who asks, or None for somebody who has to sign in first."""
    if settings().api_auth == "easyauth":
        return _signed_in(request)
    token = _cookie(request)
    if token:
        return Asker(owner_id(f"cookie:{token}"))
    token = secrets.token_hex(16)
    return Asker(owner_id(f"cookie:{token}"), token=token)


def sign_in() -> func.HttpResponse:
    """The refusal for somebody who has to sign in first."""
    return problem(401, "sign_in_required", "Sign in to use this page; servers use the durable status URL instead.")


def _signed_in(request: func.HttpRequest) -> Asker | None:
    provider, name = request.headers.get(PRINCIPAL_IDP), request.headers.get(PRINCIPAL_NAME)
    user = request.headers.get(PRINCIPAL_ID)
    if not user:
        claimed_provider, user, claimed_name = _claims(request.headers.get(PRINCIPAL, ""))
        provider, name = provider or claimed_provider, name or claimed_name
    return Asker(owner_id(f"{provider or 'aad'}:{user}"), name=name) if user else None


def _claims(header: str) -> tuple[str | None, str | None, str | None]:
    """Provider, user id and name in the platform's principal header: JSON in base64."""
    try:
        told = json.loads(base64.b64decode(header + "=" * (-len(header) % 4)))
        claims = {str(claim["typ"]): str(claim["val"]) for claim in told["claims"]}
        found = next((claims[claim] for claim in _ID_CLAIMS if claim in claims), None)
        return told.get("auth_typ"), found, claims.get(str(told.get("name_typ") or "name"))
    except (ValueError, binascii.Error, KeyError, TypeError, AttributeError):
        return None, None, None


def _cookie(request: func.HttpRequest) -> str | None:
    sent = str(request.headers.get("cookie", ""))
    for part in sent.replace(",", ";").split(";"):
        key, _, value = part.strip().partition("=")
        if key == COOKIE and _TOKEN.fullmatch(value):
            return value
    return None


def _is_https(request: func.HttpRequest) -> bool:
    forwarded = str(request.headers.get("x-forwarded-proto", ""))
    return forwarded == "https" or urlsplit(str(request.url)).scheme == "https"
