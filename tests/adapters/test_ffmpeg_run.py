"""What FFmpeg says and leaves behind is taken with care: a hostile film may have taken it over."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from adapters.ffmpeg_run import tail_and_lines, taken
from core.errors import Unprocessable


def test_a_complaint_of_any_length_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "errors.txt"
    path.write_bytes(b"one\ntwo\n")
    os.truncate(path, 300_000_000)  # a line of zeros
    with path.open("ab") as file:
        file.write(b"\nthe end\n")
    tracemalloc.start()
    with path.open("rb") as file:
        text, lines = tail_and_lines(file)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert text.endswith("the end") and lines == 2
    assert peak_bytes < 1_000_000


def test_what_ffmpeg_wrote_is_moved_out_of_its_reach(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_bytes(b"film")
    assert taken(tmp_path, "a", tmp_path / "b") == tmp_path / "b"
    assert (tmp_path / "b").read_bytes() == b"film" and not (tmp_path / "out" / "a").exists()
    assert taken(tmp_path, "a", tmp_path / "b") is None
    (tmp_path / "out" / "a").touch()
    assert taken(tmp_path, "a", tmp_path / "b") is None


@pytest.mark.parametrize("kind", ["symbolic link", "hard link", "pipe", "folder"])
def test_a_link_is_not_followed_to_somebody_elses_file(tmp_path: Path, kind: str) -> None:
    (tmp_path / "out").mkdir()
    secret, made = tmp_path / "secret", tmp_path / "out" / "a"
    secret.write_bytes(b"secret")
    {
        "symbolic link": lambda: made.symlink_to(secret),
        "hard link": lambda: made.hardlink_to(secret),
        "pipe": lambda: os.mkfifo(made),
        "folder": made.mkdir,
    }[kind]()
    with pytest.raises(Unprocessable) as caught:
        taken(tmp_path, "a", tmp_path / "b")
    assert caught.value.code == "corrupt"
