"""What the browser receives: no key, no link to anything of somebody else's, nothing from anywhere else."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import BrowserContext, Page, Response, expect

from tests.browser.looks import add, expect_all_ended, expect_ready, row
from tests.browser.media import scenery
from tests.stack.running import Stack


def test_nothing_secret_reaches_the_browser_and_nothing_comes_from_elsewhere(
    context: BrowserContext, machine: Stack, folder: Path
) -> None:
    page = context.new_page()
    seen: list[Response] = []
    page.on("response", lambda response: seen.append(response))
    page.goto(f"{machine.url}/")
    expect_ready(page)
    add(page, scenery(folder, "private.jpg", 1200, 800))
    expect_all_ended(page, 1)
    row(page, "private.jpg").get_by_label("Compare and details").click()
    expect(page.get_by_test_id("before")).to_be_visible()
    page.get_by_label("Close").click()
    page.get_by_role("link", name="Operations").click()
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()

    storage = str(urlsplit(machine.blobs.url).netloc)
    hosts = {urlsplit(response.url).netloc for response in seen} - {""}
    assert hosts <= {urlsplit(machine.url).netloc, storage, _hub(machine)}, hosts

    secrets = [
        machine.host.stack["system_key"],
        _part(machine.storage, "AccountKey"),
        "0123456789abcdef0123456789abcdef",
    ]
    (own,) = {name for name in machine.names("uploads", "u/") if name.endswith("-private.jpg")}
    for response in seen:
        text = str(response.headers) + _text(response)
        assert not [secret for secret in secrets if secret in text], response.url
        assert "runtime/webhooks" not in text, response.url
        for link in re.findall(r"https?://[^\s\"'<>]+sig=[^\s\"'<>]+", text):
            assert own in unquote(link), f"{response.url} holds a link to {link}"


def test_another_visitor_gets_404_for_what_is_not_theirs(
    page: Page, context: BrowserContext, machine: Stack, folder: Path
) -> None:
    add(page, scenery(folder, "theirs.jpg", 900, 600))
    expect_all_ended(page, 1)
    (name,) = {name for name in machine.names("uploads", "u/") if name.endswith("-theirs.jpg")}
    browser = context.browser
    assert browser is not None
    stranger = browser.new_context()
    other = stranger.new_page()
    other.goto(f"{machine.url}/")
    expect(other.locator(".row")).to_have_count(0)
    ask = "async (path) => (await fetch(path)).status"
    for path in ("status", "download"):
        url = f"/api/{path}?blobName={name}"
        assert page.evaluate(ask, url) == 200
        assert other.evaluate(ask, url) == 404
    stranger.close()


def _text(response: Response) -> str:
    kind = response.headers.get("content-type", "")
    if not re.search("json|text|javascript|xml", kind) or response.status in (204, 304) or 300 <= response.status < 400:
        return ""
    return response.text()


def _part(connection: str, key: str) -> str:
    match = re.search(f"{key}=([^;]+)", connection)
    assert match is not None
    return match[1]


def _hub(machine: Stack) -> str:
    return urlsplit(_part(machine._env["AzureSignalRConnectionString"], "Endpoint")).netloc
