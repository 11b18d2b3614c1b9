"""HTTP triggers."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest

from devhost.surface.functions import Route
from devhost.testing import Host


def test_a_request_reaches_the_function_whole_and_its_answer_comes_back_whole(host: Host) -> None:
    answer = host.call("PUT", "/api/echo/a/b%20c?q=1&q=2", b"body", {"X-Given": "yes"})
    assert (answer.status, answer.headers["X-Answer"]) == (207, "yes")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == {
        "method": "PUT",
        "url": f"{host.url}/api/echo/a/b%20c?q=1&q=2",
        "rest": "a/b c",
        "q": "1,2",
        "header": "yes",
        "body": "body",
        "function": "echo",
    }


def test_an_unknown_route_or_method_is_404(host: Host) -> None:
    assert host.call("GET", "/api/nothing/here").status == 404
    assert host.call("GET", "/nothing").status == 404
    assert host.call("GET", "/api/start/chain").status == 404


def test_a_function_that_raises_answers_500_and_tells_nothing(host: Host) -> None:
    answer = host.call("GET", "/api/fails")
    assert (answer.status, answer.body) == (500, b"")
    assert "a secret of the server" in host.log


def test_a_large_body_is_taken(host: Host) -> None:
    assert len(host.call("POST", "/api/echo/x", b"x" * 5_000_000).json["body"]) == 5_000_000


def test_pages_from_elsewhere_may_neither_read_nor_change_anything(host: Host) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    answer = host.call("GET", "/api/echo/x", headers=elsewhere)
    assert not any(name.lower().startswith("access-control") for name in answer.headers)
    assert host.call("POST", "/api/echo/x", {}, elsewhere).status == 403
    assert host.call("POST", "/api/echo/x", {}, {"Origin": "null"}).status == 403
    assert host.call("POST", "/api/echo/x", {}, {"Origin": "http://localhost:3000"}).status == 207
    assert host.call("POST", "/api/echo/x", {}, {"Origin": "http://[::1"}).status == 403, "no URL at all"
    for name in ("elsewhere.example", "[::1", "127.0.0.1:7071, elsewhere.example"):
        assert host.call("GET", "/api/echo/x", headers={"Host": name}).status == 421, name


@pytest.mark.parametrize(
    ("template", "path", "found"),
    [
        ("media", "/api/media", {}),
        ("media", "/API/Media/", {}),
        ("media/{id}", "/api/media/7", {"id": "7"}),
        ("media/{id}", "/api/media", None),
        ("media/{id?}", "/api/media", {"id": None}),
        ("media/{id:int}/{name}.jpg", "/api/media/7/a.jpg", {"id": "7", "name": "a"}),
        ("{*path}", "/api/a/b", {"path": "a/b"}),
        ("{*path}", "/api", {"path": None}),
        ("a+b", "/api/aab", None),
        (None, "/api/function", {}),
    ],
)
def test_routes_are_asp_net_templates(template: str | None, path: str, found: dict[str, Any] | None) -> None:
    function = SimpleNamespace(name="function", trigger=SimpleNamespace(settings={"route": template}))
    match = re.compile(Route.of(cast(Any, function), "api").pattern).fullmatch(path)
    assert (match.groupdict() if match else None) == found
