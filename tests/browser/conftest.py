"""A real Chromium at the real page on a real stack. Run by `./simpi test --browser`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from devhost.ports import free_ports
from tests.browser.hub import HubProcess
from tests.browser.looks import expect_ready
from tests.stack.running import Stack
from tests.web.page import built

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, without a window."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, f"No browser: install one of {', '.join(NAMES)} (on Debian: apt-get install chromium)."
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=ARGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def hub() -> Iterator[HubProcess]:
    """The live hub that the machine sends through."""
    process = HubProcess()
    process.start()
    yield process
    process.kill()


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory, hub: HubProcess) -> Iterator[Stack]:
    """The machine whose page is looked at, on a port that stays the same: an open page finds it again after a restart."""
    built()
    env = {"AzureSignalRConnectionString": hub.connection_string}
    running = Stack(tmp_path_factory.mktemp("machine"), env=env, port=free_ports(1)[0]).start()
    yield running
    running.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody new: no cookie, no history."""
    fresh = browser.new_context(viewport={"width": 1100, "height": 860}, accept_downloads=True)
    fresh.set_default_timeout(20_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext, machine: Stack) -> Iterator[Page]:
    """The page, open. A script error or a broken rule of its policy fails the test."""
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
    opened.goto(f"{machine.url}/")
    expect_ready(opened)
    yield opened
    assert errors == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where this test's files are."""
    return tmp_path
