"""For everyone: axe finds nothing, the keyboard does everything, changes are spoken, nothing jumps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FileChooser, Page, expect

from tests.browser.looks import add, expect_all_ended, expect_ready, expect_state, row
from tests.browser.media import scenery
from tests.stack.media import clip
from tests.stack.running import Stack
from tests.web.page import HOME

AXE = HOME / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1100, "height": 860}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1100, "height": 860}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True, "is_mobile": True},
    "small-phone": {
        "viewport": {"width": 320, "height": 640},
        "color_scheme": "light",
        "has_touch": True,
        "is_mobile": True,
    },
    "phone-dark": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "dark",
        "has_touch": True,
        "is_mobile": True,
    },
}


def expect_no_violations(page: Page, where: str) -> None:
    """Run axe over what is open now."""
    page.evaluate(AXE.read_text())
    run = "async (rules) => (await axe.run(document, { runOnly: { type: 'tag', values: rules } })).violations"
    found = page.evaluate(run, RULES)
    told = [f"{one['id']}: {one['help']} {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]
    assert told == [], f"{where}: {told}"


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_in_any_look(browser: Browser, machine: Stack, folder: Path, look: str) -> None:
    context = browser.new_context(**LOOKS[look])
    page = context.new_page()
    page.goto(f"{machine.url}/")
    expect_ready(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect_no_violations(page, "empty")
    fake, movie = folder / "fake.jpg", folder / "clip.mp4"
    fake.write_bytes(b"no picture at all")
    movie.write_bytes(clip(1))
    (folder / "notes.txt").write_text("x")
    add(page, scenery(folder, "photo.jpg", 1200, 800), fake, movie, folder / "notes.txt")
    expect_no_violations(page, "under way")
    expect_all_ended(page, 3)
    expect_no_violations(page, "done")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    for name in ("photo.jpg", "clip.mp4"):
        row(page, name).get_by_label("Compare and details").click()
        expect(page.locator("dialog")).to_be_visible()
        expect_no_violations(page, f"details of {name}")
        page.get_by_label("Close").click()
    page.get_by_role("button", name="Clear finished").click()
    page.locator(".history summary").click()
    expect_no_violations(page, "history")
    page.get_by_role("link", name="Operations").click()
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()
    expect_no_violations(page, "operations")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    context.close()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"))


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is there; every stop on the way must be visible."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if name in focused(page):
            style = (
                "(({ outlineStyle, boxShadow }) => outlineStyle + boxShadow)(getComputedStyle(document.activeElement))"
            )
            assert page.evaluate(style) != "nonenone", f"{name} shows no focus"
            return
    raise AssertionError(f"Tab never came to {name}")


def test_everything_works_by_keyboard(page: Page, folder: Path) -> None:
    choosers: list[FileChooser] = []
    page.on("filechooser", lambda chooser: choosers.append(chooser))  # early: it takes a moment until it listens
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    tab_to(page, "Choose files")
    page.keyboard.press("Enter")
    while not choosers:
        page.wait_for_timeout(20)
    choosers[0].set_files(scenery(folder, "keys.jpg", 1200, 800))
    expect_state(page, "keys.jpg", "done")
    tab_to(page, "Compare and details of keys.jpg")
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog).to_be_visible()
    slider = page.get_by_label("How much of the original is shown")
    tab_to(page, "How much of the original is shown")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("51")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert focused(page) == "Compare and details of keys.jpg", "the focus goes back to where it was"
    tab_to(page, "Download keys.webp")
    with page.expect_download() as got:
        page.keyboard.press("Enter")
    assert got.value.suggested_filename == "keys.webp"
    tab_to(page, "Remove keys.jpg")
    page.keyboard.press("Enter")
    expect(row(page, "keys.jpg")).to_have_count(0)


def test_what_happens_is_spoken(page: Page, folder: Path) -> None:
    add(page, scenery(folder, "spoken.jpg", 1200, 800))
    expect(page.get_by_role("status")).to_contain_text("spoken.jpg: Done", timeout=60_000)


def test_nothing_jumps_while_a_file_goes_its_way(page: Page, folder: Path) -> None:
    watch = """() => {
        window.jumps = [];
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.jumps.push(entry.value);
        }).observe({ type: 'layout-shift', buffered: true });
    }"""
    page.evaluate(watch)
    add(page, scenery(folder, "calm.jpg", 1200, 800))
    expect(row(page, "calm.jpg")).to_be_visible()
    height = row(page, "calm.jpg").bounding_box()
    page.evaluate("window.jumps.length = 0")
    expect_state(page, "calm.jpg", "done")
    after = row(page, "calm.jpg").bounding_box()
    assert height is not None and after is not None
    assert after["height"] == height["height"]
    assert sum(page.evaluate("window.jumps")) < 0.02
