"""With the platform's sign-in: everyone has to be signed in, and is who the platform says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest
import requests

from core.owner import owner_of
from tests.stack.media import photo
from tests.stack.running import Stack
from tests.web.person import Person


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack as it is deployed."""
    running = Stack(tmp_path_factory.mktemp("signin"), workers=1, env={"API_AUTH": "easyauth"}).start()
    yield running
    running.stop()


def signed_in(user: str) -> dict[str, str]:
    """What the platform adds for a user."""
    return {
        "x-ms-client-principal-id": user,
        "x-ms-client-principal-idp": "aad",
        "x-ms-client-principal-name": f"{user}@example.com",
    }


def test_nobody_gets_in_without_signing_in(stack: Stack) -> None:
    for path in ("/api/session", "/api/uploads", "/api/status?blobName=x", "/api/download?blobName=x"):
        answer = requests.get(stack.url + path, timeout=20)
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_required")
    for path in ("/api/upload", "/api/upload/resume", "/api/upload/cancel", "/api/negotiate"):
        assert requests.post(stack.url + path, json={}, timeout=20).status_code == 401
    page = requests.get(f"{stack.url}/", timeout=20, allow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (302, "/.auth/login/aad?post_login_redirect_uri=/")


def test_a_cookie_is_no_sign_in(stack: Stack) -> None:
    answer = requests.get(f"{stack.url}/api/session", cookies={"simpi-owner": "0" * 32}, timeout=20)
    assert answer.status_code == 401


def test_each_user_sees_only_their_own_from_any_device(stack: Stack) -> None:
    anna, ben = Person(stack.url, signed_in("anna")), Person(stack.url, signed_in("ben"))
    assert anna.get("/api/session").json()["user"] == "anna@example.com"
    blob = anna.upload("mine.jpg", photo())
    assert anna.ended(blob)["receipt"]["status"] == "success"
    assert Person(stack.url, signed_in("anna")).get("/api/status", blobName=blob).status_code == 200
    assert ben.get("/api/status", blobName=blob).status_code == 404
    assert ben.get("/api/download", blobName=blob).status_code == 404


def test_what_a_tool_uploaded_is_no_users_business(stack: Stack) -> None:
    instance = stack.upload("from a tool.jpg", photo())
    stack.receipt(instance)
    anna = Person(stack.url, signed_in("anna"))
    assert anna.get("/api/status", blobName="from a tool.jpg").status_code == 404
    assert anna.get(f"/api/status/{instance}").status_code == 404


def test_the_principal_as_json_says_the_same_as_the_short_headers(stack: Stack) -> None:
    claims = [
        {"typ": "http://schemas.microsoft.com/identity/claims/objectidentifier", "val": "anna"},
        {"typ": "name", "val": "Anna"},
    ]
    told = json.dumps({"auth_typ": "aad", "name_typ": "name", "claims": claims}).encode()
    long = Person(stack.url, {"x-ms-client-principal": base64.b64encode(told).decode()})
    short = Person(stack.url, signed_in("anna"))
    assert long.get("/api/session").json()["user"] == "Anna"
    assert owner_of(long.begin()["blobName"]) == owner_of(short.begin()["blobName"])


@pytest.mark.parametrize("header", ["", "x", "e30=", base64.b64encode(b'{"claims": [{"typ": "name"}]}').decode()])
def test_a_principal_that_says_nothing_is_nobody(stack: Stack, header: str) -> None:
    answer = requests.get(f"{stack.url}/api/session", headers={"x-ms-client-principal": header}, timeout=20)
    assert answer.status_code == 401
