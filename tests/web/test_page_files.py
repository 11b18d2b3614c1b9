"""The page's files are read once, and anew when the page has been built anew."""

from __future__ import annotations

import os
from pathlib import Path

from triggers.page_files import page_file


def test_a_page_that_is_not_there_yet_appears_when_it_is_built_and_changes_when_it_is_built_again(
    tmp_path: Path,
) -> None:
    assert page_file("index.html", tmp_path) is None
    index = tmp_path / "index.html"
    index.write_text("one")
    first = page_file("index.html", tmp_path)
    assert first is not None and first.body == b"one"
    assert page_file("index.html", tmp_path) is first
    index.write_text("two")
    os.utime(index, ns=(1, index.stat().st_mtime_ns + 1_000_000))
    second = page_file("index.html", tmp_path)
    assert second is not None and (second.body, second.etag != first.etag) == (b"two", True)


def test_only_what_lies_below_can_be_reached(tmp_path: Path) -> None:
    root = tmp_path / "out"
    root.mkdir()
    (root / "index.html").write_text("page")
    (tmp_path / "secret.txt").write_text("secret")
    for path in ("../secret.txt", "/etc/hostname", "", ".", "nope.js"):
        assert page_file(path, root) is None
