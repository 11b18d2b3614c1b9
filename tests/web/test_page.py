"""How the page is served: complete, small, kept by browsers as long as is right, without rights that it does not need."""

from __future__ import annotations

import gzip
import re
import subprocess

import pytest
import requests

from tests.stack.running import Stack
from tests.web.page import HOME, builder, built

JS_BUDGET_BYTES = 160 * 1024


@pytest.fixture(scope="module", autouse=True)
def out() -> None:
    built()


def page(stack: Stack, path: str = "/", **headers: str) -> requests.Response:
    return requests.get(stack.url + path, headers=headers, timeout=20)


def scripts(html: str) -> list[str]:
    """What a browser of today loads at first: not the polyfills for old ones."""
    return [tag[1] for tag in re.finditer(r'<script[^>]* src="([^"]+)"', html) if "nomodule" not in tag[0].lower()]


@pytest.mark.parametrize("path", ["/", "/operations"])
def test_the_page_has_a_language_a_title_and_what_else_is_basic(stack: Stack, path: str) -> None:
    html = page(stack, path).text
    assert '<html lang="en">' in html
    assert re.search(r"<title[^>]*>[^<]{5,}</title>", html)
    for name in ("viewport", "description", "theme-color", "color-scheme"):
        assert f'name="{name}"' in html
    assert 'rel="icon"' in html
    assert len(re.findall("<h1", html)) == 1


@pytest.mark.parametrize("path", ["/", "/operations"])
def test_nothing_inline_runs_and_nothing_comes_from_elsewhere(stack: Stack, path: str) -> None:
    html = page(stack, path).text
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", html)
    assert all('type="application/json"' in attributes for attributes in inline)
    assert "style=" not in html
    assert "<style" not in html
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)


@pytest.mark.parametrize("path", ["/", "/operations"])
def test_the_first_load_fits_the_budget(stack: Stack, path: str) -> None:
    files = {source: page(stack, source) for source in scripts(page(stack, path).text)}
    assert all(file.status_code == 200 for file in files.values())
    size = sum(len(gzip.compress(file.content, 9)) for file in files.values())
    assert 50_000 < size <= JS_BUDGET_BYTES, f"{size} bytes"


def test_the_policy_allows_what_the_page_needs_and_nothing_else(stack: Stack) -> None:
    headers = page(stack).headers
    policy = dict(rule.strip().partition(" ")[::2] for rule in headers["content-security-policy"].split(";"))
    storage = re.search(r"BlobEndpoint=(http://[^/]+)", stack.storage)[1]  # type: ignore[index]
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert storage in policy["connect-src"] and storage in policy["img-src"]
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"] and "*" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"


def test_files_whose_name_changes_are_kept_forever_and_the_page_is_asked_again(stack: Stack) -> None:
    first = page(stack)
    assert first.headers["cache-control"] == "private, no-cache", "a cache on the way would hand out the cookie in it"
    again = page(stack, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    asset = page(stack, scripts(first.text)[0])
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"] == "text/javascript; charset=utf-8"
    assert asset.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in page(stack, scripts(first.text)[0], **{"accept-encoding": "identity"}).headers


@pytest.mark.parametrize(
    "path", ["/nope", "/_next/nope.js", "/_next/../index.html", "/_next/%2e%2e/%2e%2e/package.json", "/package.json"]
)
def test_only_the_pages_own_files_can_be_reached(stack: Stack, path: str) -> None:
    with requests.Session() as http:
        request = requests.Request("GET", stack.url + path).prepare()
        request.url = stack.url + path  # as it is: no tidying up of dots
        assert http.send(request, timeout=20).status_code == 404


def test_every_route_of_the_app_is_the_page_or_below_api() -> None:
    from function_app import app

    routes = {
        binding.get_dict_repr()["route"]
        for function in app.get_functions()
        for binding in function.get_bindings()
        if binding.type == "httpTrigger"
    }
    pages = {"{root:maxlength(0)?}", "operations", "_next/{*path}"}
    assert {route for route in routes if not route.startswith("api/")} <= pages | {"metrics"}


@pytest.mark.parametrize("script", ["lint", "types", "test"])
def test_the_pages_own_checks_pass(script: str) -> None:
    command, env = builder().npm("run", "--silent", script)
    done = subprocess.run(command, cwd=HOME, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
