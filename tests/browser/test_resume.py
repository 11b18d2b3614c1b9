"""Nothing is lost: a reload in the middle of an upload, a pause, a second tab."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Page, Request, expect

from core import naming
from tests.browser.looks import add, expect_state, row
from tests.browser.media import padded_clip
from tests.stack.running import Stack

SIZE_BYTES = 60_000_000
BLOCKS = 15  # of 4 MiB


class Blocks:
    """The blocks that a page has sent, as the browser's network saw them."""

    def __init__(self, page: Page) -> None:
        self.arrived: list[str] = []
        page.on("requestfinished", self._finished)

    def _finished(self, request: Request) -> None:
        query = parse_qs(urlsplit(request.url).query)
        response = request.response() if request.method == "PUT" and query.get("comp") == ["block"] else None
        if response is not None and response.status == 201:
            self.arrived.append(query["blockid"][0])


def slow(context: BrowserContext, page: Page, bytes_per_s: int) -> None:
    """Let the page send no faster than this."""
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_s}
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", limits)


def until_some_have_arrived(page: Page, blocks: Blocks, count: int) -> None:
    while len(blocks.arrived) < count:
        page.wait_for_event("requestfinished", timeout=20_000)


def content_of(machine: Stack, blob_name: str) -> str:
    data = machine.blobs.get_blob_client(naming.UPLOADS, blob_name).download_blob().readall()
    return hashlib.sha256(data).hexdigest()


def only_upload(machine: Stack, stem: str) -> str:
    (name,) = [name for name in machine.names(naming.UPLOADS, "u/") if stem in name]
    return name


def test_a_reload_in_the_middle_goes_on_and_sends_no_block_twice(
    page: Page, context: BrowserContext, machine: Stack, folder: Path
) -> None:
    film = padded_clip(folder / "reloaded.mp4", SIZE_BYTES)
    slow(context, page, 20_000_000)
    first = Blocks(page)
    add(page, film)
    until_some_have_arrived(page, first, 4)
    before = list(first.arrived)
    page.reload()
    second = Blocks(page)
    expect(row(page, film.name)).to_be_visible()
    expect_state(page, film.name, "done", "kept")
    arrived = before + second.arrived
    assert len(set(arrived)) == BLOCKS
    assert len(arrived) == BLOCKS, "no block was sent twice"
    name = only_upload(machine, "reloaded")
    assert content_of(machine, name) == hashlib.sha256(film.read_bytes()).hexdigest()


def test_a_pause_holds_the_upload_and_resuming_goes_on_where_it_was(
    page: Page, context: BrowserContext, machine: Stack, folder: Path
) -> None:
    film = padded_clip(folder / "paused.mp4", 30_000_000)
    slow(context, page, 10_000_000)
    blocks = Blocks(page)
    add(page, film)
    until_some_have_arrived(page, blocks, 2)
    page.get_by_label("Pause paused.mp4").click()
    expect_state(page, film.name, "paused")
    held = len(blocks.arrived)
    page.reload()
    expect_state(page, film.name, "paused")
    after = Blocks(page)
    page.get_by_label("Resume paused.mp4").click()
    expect_state(page, film.name, "done", "kept")
    assert len(after.arrived) <= 8 - held
    assert content_of(machine, only_upload(machine, "paused")) == hashlib.sha256(film.read_bytes()).hexdigest()


def test_a_second_tab_does_not_upload_the_same_file_again(
    page: Page, context: BrowserContext, machine: Stack, folder: Path
) -> None:
    film = padded_clip(folder / "tabs.mp4", 20_000_000)
    slow(context, page, 5_000_000)
    first = Blocks(page)
    add(page, film)
    until_some_have_arrived(page, first, 1)
    other = context.new_page()
    second = Blocks(other)
    other.goto(f"{machine.url}/")
    expect_state(page, film.name, "done", "kept")
    assert second.arrived == []
    assert len(machine.names(naming.UPLOADS, only_upload(machine, "tabs"))) == 1


def test_cancelling_stops_an_upload_and_trying_again_finishes_it(
    page: Page, context: BrowserContext, machine: Stack, folder: Path
) -> None:
    film = padded_clip(folder / "cancelled.mp4", 20_000_000)
    slow(context, page, 5_000_000)
    blocks = Blocks(page)
    add(page, film)
    until_some_have_arrived(page, blocks, 1)
    page.get_by_label("Cancel cancelled.mp4").click()
    expect_state(page, film.name, "cancelled")
    slow(context, page, -1)
    page.get_by_label("Try cancelled.mp4 again").click()
    expect_state(page, film.name, "done", "kept")
    assert len(blocks.arrived) == len(set(blocks.arrived)) <= 5, "what had arrived was not sent again"
