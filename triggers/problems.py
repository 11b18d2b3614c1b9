"""HTTP errors as RFC 9457 problem JSON with a stable code, and who may ask."""

from __future__ import annotations

import json
from typing import Any

import azure.functions as func

from config.settings import settings

PRINCIPAL_HEADER = "x-ms-client-principal"
"""What the platform's sign-in sets; a client cannot: the platform strips it from what comes in."""

TITLES = {
    400: "Bad request",
    401: "Sign in first",
    404: "Not found",
    429: "Too many requests",
    503: "Not available",
}


def problem(status: int, code: str, detail: str) -> func.HttpResponse:
    """An error answer. `code` is stable, `detail` says what to do next."""
    body = {"type": "about:blank", "title": TITLES[status], "status": status, "code": code, "detail": detail}
    return func.HttpResponse(json.dumps(body), status_code=status, mimetype="application/problem+json")


def answer(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> func.HttpResponse:
    """A JSON answer that nobody keeps."""
    headers = {"cache-control": "no-store", **(headers or {})}
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False), status_code=status, headers=headers, mimetype="application/json"
    )


def unwelcome(request: func.HttpRequest) -> func.HttpResponse | None:
    """The refusal for somebody who has to sign in first, or None for who may ask."""
    if settings().api_auth == "anonymous" or request.headers.get(PRINCIPAL_HEADER):
        return None
    return problem(401, "sign_in_required", "Sign in to use this page; servers use the durable status URL instead.")
