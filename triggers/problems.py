"""HTTP errors as RFC 9457 problem JSON with a stable code."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import azure.functions as func


def problem(status: int, code: str, detail: str) -> func.HttpResponse:
    """An error answer that nobody keeps. `code` is stable, `detail` says what to do next."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail}
    return func.HttpResponse(
        json.dumps(body), status_code=status, headers={"cache-control": "no-store"}, mimetype="application/problem+json"
    )


def answer(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> func.HttpResponse:
    """A JSON answer that nobody keeps."""
    headers = {"cache-control": "no-store", **(headers or {})}
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False), status_code=status, headers=headers, mimetype="application/json"
    )
