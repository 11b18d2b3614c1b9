"""How the tests talk about the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

JOB_MS = 90_000
ENDED = ", ".join(f'[data-state="{state}"]' for state in ("done", "kept", "rejected", "failed", "cancelled"))


def expect_ready(page: Page) -> None:
    """Wait until the page knows who its visitor is: from then on it listens."""
    expect(page.get_by_test_id("live")).to_have_attribute("data-ready", "true", timeout=20_000)


def add(page: Page, *paths: Path) -> None:
    """Choose files."""
    page.get_by_test_id("files").set_input_files(list(paths))


def row(page: Page, name: str) -> Locator:
    """The row of a file."""
    return page.locator(f'.row[data-name="{name}"]')


def expect_state(page: Page, name: str, *states: str, timeout_ms: float = JOB_MS) -> None:
    """Wait until a file is in one of these states."""
    wanted = ", ".join(f'.row[data-name="{name}"][data-state="{state}"]' for state in states)
    expect(page.locator(wanted)).to_be_visible(timeout=timeout_ms)


def expect_all_ended(page: Page, count: int, timeout_ms: float = JOB_MS) -> None:
    """Wait until so many files have reached their end."""
    expect(page.locator(ENDED)).to_have_count(count, timeout=timeout_ms)


def drop(page: Page, paths: Sequence[Path]) -> None:
    """Drop files on the page, as from a file manager."""
    page.evaluate(
        """() => {
            const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true, id: 'dropped' });
            document.body.append(input);
        }"""
    )
    page.locator("#dropped").set_input_files(list(paths))
    page.evaluate(
        """() => {
            const input = document.getElementById('dropped');
            const carried = new DataTransfer();
            for (const file of input.files) carried.items.add(file);
            input.remove();
            const zone = document.querySelector('.drop');
            for (const type of ['dragenter', 'dragover', 'drop'])
                zone.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: carried }));
        }"""
    )
