"""The pictures in the docs: made by `./simpi test --browser --screenshots`, never by hand."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from cli import demo_media
from tests.browser.looks import add, expect_all_ended, expect_ready, expect_state, row
from tests.conftest import ROOT
from tests.stack.running import Stack

IMAGES = ROOT / "docs" / "images"
WIDE = {"viewport": {"width": 1180, "height": 860}, "device_scale_factor": 1}
NARROW = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What somebody might bring home."""
    folder = tmp_path_factory.mktemp("holiday")
    names = ["Ridge in the morning.jpg", "Valley, upright.jpg", "Way up.gif", "Cable car.mp4"]
    paths = [folder / name for name in names]
    demo_media.photo(paths[0], size_px=(4032, 3024))
    demo_media.photo(paths[1], size_px=(3024, 4032))
    demo_media.animation(paths[2])
    demo_media.video(paths[3], seconds=6)
    return paths


@pytest.fixture(autouse=True)
def wanted(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--screenshots"):
        pytest.skip("only with --screenshots")


def keep(page: Page, name: str) -> None:
    """Save what is seen, with few colours: it is small then, and looks the same."""
    expect(page.locator(".thumb img").first).to_be_visible()
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    IMAGES.mkdir(parents=True, exist_ok=True)
    shot.quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def opened(browser: Browser, machine: Stack, scheme: str, **look: Any) -> Page:
    page = browser.new_context(color_scheme=scheme, **look).new_page()
    page.goto(f"{machine.url}/")
    expect_ready(page)
    return page


def test_the_list_in_light(browser: Browser, machine: Stack, media: list[Path]) -> None:
    page = opened(browser, machine, "light", **WIDE)
    add(page, *media)
    for path in media[:3]:
        expect_state(page, path.name, "done")
    expect(row(page, media[3].name).locator(".row-state")).to_contain_text("Compressing", timeout=30_000)
    keep(page, "web-light")


def test_before_and_after_in_the_dark(browser: Browser, machine: Stack, media: list[Path]) -> None:
    page = opened(browser, machine, "dark", **WIDE)
    add(page, *media)
    expect_all_ended(page, 4)
    row(page, media[0].name).get_by_label("Compare and details").click()
    for picture in ("after", "before"):
        page.get_by_test_id(picture).evaluate("(img) => img.decode()")
    keep(page, "web-dark")


def test_the_list_on_a_phone(browser: Browser, machine: Stack, media: list[Path]) -> None:
    page = opened(browser, machine, "light", **NARROW)
    add(page, *media)
    expect_all_ended(page, 4)
    page.locator(".summary").scroll_into_view_if_needed()
    keep(page, "web-phone")


def test_operations(browser: Browser, machine: Stack, media: list[Path]) -> None:
    page = opened(browser, machine, "light", **WIDE)
    add(page, *media)
    expect_all_ended(page, 4)
    page.get_by_role("link", name="Operations").click()
    expect(page.get_by_role("heading", name="Finished")).to_be_visible(timeout=20_000)
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    shot.quantize(256, dither=Image.Dither.NONE).save(IMAGES / "web-operations.png", optimize=True)
