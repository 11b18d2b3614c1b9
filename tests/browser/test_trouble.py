"""What goes wrong is told, and works again as soon as it can."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.hub import HubProcess
from tests.browser.looks import add, drop, expect_all_ended, expect_state, row
from tests.browser.media import scenery
from tests.stack.media import clip
from tests.stack.running import Stack


def test_each_file_that_is_not_taken_is_named_with_the_reason(page: Page, folder: Path) -> None:
    photo = scenery(folder, "good.jpg", 800, 600)
    (folder / "notes.txt").write_text("hello")
    (folder / "empty.png").touch()
    with (folder / "huge.mp4").open("wb") as huge:
        huge.truncate(101_000_000)
    drop(page, [photo, *(folder / name for name in ("notes.txt", "empty.png", "huge.mp4"))])
    alert = page.locator(".notice[role=alert]")
    expect(alert).to_contain_text("notes.txt was not added: .txt files are not taken")
    expect(alert).to_contain_text("empty.png was not added: it is empty")
    expect(alert).to_contain_text("huge.mp4 was not added: it has 101 MB, and 100 MB is the most")
    expect_all_ended(page, 1)
    add(page, photo)
    expect(alert).to_contain_text("good.jpg was not added: it is in the list already")
    page.get_by_role("button", name="Dismiss").click()
    expect(alert).to_have_count(0)


def test_when_the_live_hub_is_killed_polling_takes_over(page: Page, hub: HubProcess, folder: Path) -> None:
    film = folder / "long.mp4"
    film.write_bytes(clip(8, "1280x720"))
    live = page.get_by_test_id("live")
    add(page, film)
    expect(live).to_have_attribute("data-live", "on", timeout=30_000)
    hub.kill()
    try:
        expect(live).not_to_have_attribute("data-live", "on")
        expect_state(page, film.name, "done", "kept")
        add(page, scenery(folder, "unheard.jpg", 1200, 800))
        expect_state(page, "unheard.jpg", "done", "kept")
    finally:
        hub.start()


def test_when_the_server_restarts_in_the_middle_the_page_goes_on_by_itself(
    page: Page, machine: Stack, folder: Path
) -> None:
    film = folder / "interrupted.mp4"
    film.write_bytes(clip(10, "1280x720"))
    add(page, film)
    expect_state(page, film.name, "processing", "queued")
    machine.kill()
    expect(row(page, film.name).locator(".row-state")).to_contain_text("cannot be reached", timeout=30_000)
    machine.start()
    expect_state(page, film.name, "done", "kept")
    expect(row(page, film.name).locator(".row-state")).not_to_contain_text("cannot be reached")


def test_a_server_that_is_down_is_told_and_trying_again_works(page: Page, machine: Stack, folder: Path) -> None:
    page.route("**/api/upload", lambda route: route.abort("connectionrefused"))
    photo = scenery(folder, "down.jpg", 1000, 700)
    add(page, photo)
    expect_state(page, photo.name, "failed")
    expect(row(page, photo.name).locator(".row-state")).to_contain_text("The server cannot be reached")
    page.unroute("**/api/upload")
    page.get_by_role("button", name="Retry all failed").click()
    expect_state(page, photo.name, "done", "kept")


def test_a_page_that_opens_while_the_server_is_away_waits_for_it(page: Page, machine: Stack) -> None:
    page.route("**/api/session", lambda route: route.abort("connectionrefused"))
    page.reload()
    expect(page.get_by_test_id("server-down")).to_be_visible()
    page.unroute("**/api/session")
    expect(page.get_by_test_id("server-down")).to_have_count(0)


def test_an_expired_link_is_renewed_without_anybody_noticing(page: Page, folder: Path) -> None:
    """The storage refuses the first link, as it does with an old one."""
    refused: list[str] = []

    def once(route: Route) -> None:
        if route.request.method == "PUT" and not refused:
            refused.append(route.request.url)
            route.continue_(url=re.sub("sig=[^&]+", "sig=expired", route.request.url))
        else:
            route.continue_()

    page.route("**/devstoreaccount1/uploads/**", once)
    photo = scenery(folder, "expired.jpg", 1000, 700)
    add(page, photo)
    expect_state(page, photo.name, "done", "kept")
    assert len(refused) == 1


def test_a_link_that_stays_refused_is_told_and_trying_again_works(page: Page, folder: Path) -> None:
    spoil = re.compile(r".*/devstoreaccount1/uploads/.*")
    page.route(spoil, lambda route: route.continue_(url=re.sub("sig=[^&]+", "sig=expired", route.request.url)))
    photo = scenery(folder, "refused.jpg", 1000, 700)
    add(page, photo)
    expect_state(page, photo.name, "failed")
    expect(row(page, photo.name).locator(".row-state")).to_contain_text("The upload link has expired")
    page.unroute(spoil)
    page.get_by_label("Try refused.jpg again").click()
    expect_state(page, photo.name, "done", "kept")


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_waited_for(page: Page, folder: Path, status: int) -> None:
    asked: list[int] = []

    def busy(route: Route) -> None:
        asked.append(status)
        if len(asked) > 1:
            return route.continue_()
        problem = '{"code": "too_many_requests", "detail": "Too many at once: try again in 1 s."}'
        return route.fulfill(status=status, body=problem, headers={"retry-after": "1"})

    page.route("**/api/upload", busy)
    photo = scenery(folder, "busy.jpg", 1000, 700)
    add(page, photo)
    expect(row(page, photo.name).locator(".row-state")).to_contain_text("Too many at once")
    expect_state(page, photo.name, "done", "kept")
    assert len(asked) == 2
