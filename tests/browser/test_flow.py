"""The main thing: drop files, watch them shrink, compare, download."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.looks import add, drop, expect_all_ended, expect_state, row
from tests.browser.media import five_kinds, scenery
from tests.stack.running import Stack


def test_five_kinds_of_files_are_dropped_watched_compared_and_downloaded(
    page: Page, machine: Stack, folder: Path
) -> None:
    files = five_kinds(folder)
    drop(page, files)
    expect(page.get_by_test_id("live")).to_have_attribute("data-live", "on", timeout=30_000)
    expect_all_ended(page, 5)
    for file in files:
        expect_state(page, file.name, "done", "kept", timeout_ms=1000)
    expect(page.get_by_test_id("counts")).to_have_text("5 of 5 files finished")

    # What a row says is what really lies in the storage.
    blobs = {blob.name: blob.size for blob in machine.blobs.get_container_client("processed").list_blobs()}
    for file in files:
        link = row(page, file.name).locator("a.action")
        with page.expect_download() as got:
            link.click()
        download = got.value
        data = Path(download.path()).read_bytes()
        assert download.suggested_filename.startswith(file.stem)
        assert len(data) in blobs.values()
        if row(page, file.name).get_attribute("data-state") == "done":
            percent = round(100 * (1 - len(data) / file.stat().st_size))
            expect(row(page, file.name).locator(".row-saved")).to_have_text(f"−{min(percent, 99)} %")
        if file.suffix != ".mp4":
            Image.open(io.BytesIO(data)).load()
        else:
            assert data[4:8] == b"ftyp"

    # The slider moves the line between before and after.
    row(page, files[0].name).get_by_label("Compare and details").click()
    after, before = page.get_by_test_id("after"), page.get_by_test_id("before")
    expect(before).to_be_visible()
    for picture in (after, before):
        assert picture.evaluate("async (img) => { await img.decode(); return img.naturalWidth }") > 0
    slider = page.get_by_label("How much of the original is shown")
    shown = "(img) => getComputedStyle(img).clipPath"
    assert before.evaluate(shown) == "inset(0px 50% 0px 0px)"
    slider.press("Home")
    assert before.evaluate(shown) == "inset(0px 100% 0px 0px)"
    box = after.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20)
    page.mouse.up()
    expect(slider).to_have_value("75")
    page.get_by_role("button", name="100 %").click()
    assert after.evaluate("(img) => img.clientWidth") == after.evaluate("(img) => img.naturalWidth")
    expect(page.locator(".facts")).to_contain_text("2400 × 1600 → 2048 × 1365")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)

    # The clip plays.
    row(page, "Holiday clip.mp4").get_by_label("Compare and details").click()
    video = page.locator("video")
    seconds = (
        "async (v) => { while (!(v.duration > 0)) await new Promise((r) => setTimeout(r, 50)); return v.duration }"
    )
    assert 1.5 < video.evaluate(seconds) < 2.5
    page.get_by_label("Close").click()

    with page.expect_download() as got:
        page.get_by_role("button", name="Download all").click()
    with zipfile.ZipFile(got.value.path()) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 5
        assert {Path(name).stem for name in archive.namelist()} == {file.stem for file in files}


def test_a_file_that_is_no_media_inside_is_rejected_with_the_reason(page: Page, folder: Path) -> None:
    fake = folder / "not really.jpg"
    fake.write_bytes(b"<html><script>alert(1)</script></html>" * 20)
    add(page, fake)
    expect_state(page, fake.name, "rejected")
    expect(row(page, fake.name).locator(".row-state")).to_contain_text("Not taken:")
    expect(row(page, fake.name).get_by_label("Try")).to_have_count(0)


def test_what_is_cleared_goes_to_the_history_and_can_be_found_there(page: Page, folder: Path) -> None:
    add(page, scenery(folder, "lake.jpg", 900, 600), scenery(folder, "hill.jpg", 900, 600, seed=5))
    expect_all_ended(page, 2)
    page.get_by_role("button", name="Clear finished").click()
    expect(page.locator(".drop.is-compact")).to_have_count(0)
    page.reload()
    page.locator(".history summary").click()
    page.get_by_label("Search by name").fill("LAKE")
    expect(page.locator(".history .row")).to_have_count(1)
    page.locator(".history").get_by_label("Compare and details of lake.jpg").click()
    before = page.get_by_test_id("before")  # the file is not at hand any more: it comes from the storage
    assert before.evaluate("async (img) => { await img.decode(); return img.naturalWidth }") == 900
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Forget all").click()
    expect(page.locator(".history")).to_have_count(0)


def test_a_pasted_picture_is_compressed(page: Page, folder: Path) -> None:
    path = scenery(folder, "image.png", 600, 400)
    page.evaluate(
        """async (bytes) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], 'image.png', { type: 'image/png' }));
            window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }));
        }""",
        list(path.read_bytes()),
    )
    expect_all_ended(page, 1)
    assert (page.locator(".row-name").text_content() or "").startswith("Pasted 20")
