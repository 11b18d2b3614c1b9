"""The operations page: totals that are right, and buttons that do what they say."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.looks import add, expect_state
from tests.stack.media import clip
from tests.stack.running import Stack


def test_an_operator_cancels_a_job_and_drives_it_again(
    page: Page, context: BrowserContext, machine: Stack, folder: Path
) -> None:
    film = folder / "operated.mp4"
    film.write_bytes(clip(20, "1280x720"))
    add(page, film)
    expect_state(page, film.name, "processing")
    office = context.new_page()
    office.goto(f"{machine.url}/operations")
    office.get_by_role("button", name=re.compile("Cancel .*operated.mp4")).click()
    expect(office.get_by_role("status")).to_contain_text("Being cancelled")
    expect_state(page, film.name, "cancelled")
    office.get_by_role("button", name=re.compile("Redrive .*operated.mp4")).click(timeout=30_000)
    expect(office.get_by_role("status")).to_contain_text("Started again")
    finished = office.get_by_role("region", name="Finished").get_by_text("operated.mp4")
    expect(finished).to_be_visible(timeout=90_000)


def test_the_totals_are_those_of_the_receipts(page: Page, machine: Stack) -> None:
    page.get_by_role("link", name="Operations").click()
    saved = page.get_by_role("region", name="Saved")
    expect(saved).to_contain_text("smaller", timeout=20_000)
    told = page.evaluate("async () => (await (await fetch('/api/savings')).json()).totals")
    expect(saved).to_contain_text(f"{told['jobs']}jobs")
    expect(saved.get_by_role("img", name="Bytes before and after, per day")).to_be_visible()
