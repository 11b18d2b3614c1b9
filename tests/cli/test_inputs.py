"""What the user names becomes files, and each gets a name of its own for its results."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest

from cli.errors import UsageError
from cli.inputs import blob_name, check_output, items_of, safe_name
from tests.cli.calling import Caller, Said

CAPBSET_DROP = 24
"""Of prctl(2); 1 and 2 are the capabilities to read and enter what is closed."""


def write(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return [folder / name for name in names]


def stems(items: object) -> list[str]:
    return [item.stem for item in items]  # type: ignore[attr-defined]


def test_a_missing_file_is_wrong_use_and_says_so(tmp_path: Path) -> None:
    there = write(tmp_path, "a.jpg")
    with pytest.raises(UsageError, match=r"no such file.*gone\.jpg"):
        items_of([*there, tmp_path / "gone.jpg"], tmp_path / "out", recursive=False)


def test_a_folder_means_its_files_without_hidden_ones(tmp_path: Path) -> None:
    write(tmp_path, "b.jpg", "a.mp4", ".DS_Store", "inside/c.jpg", ".git/d.jpg")
    found = items_of([tmp_path], tmp_path / "out", recursive=False)
    assert [item.label for item in found] == ["a.mp4", "b.jpg"]


def test_a_folder_with_r_means_everything_below_and_keeps_the_folders(tmp_path: Path) -> None:
    write(tmp_path, "b.jpg", "inside/c.jpg", ".hidden/d.jpg")
    found = items_of([tmp_path], tmp_path / "out", recursive=True)
    assert [(item.label, item.folder) for item in found] == [("b.jpg", Path()), ("inside/c.jpg", Path("inside"))]


def test_results_of_an_earlier_run_are_not_compressed_again(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg", "out/a.webp")
    assert stems(items_of([tmp_path], tmp_path / "out", recursive=True)) == ["a"]


def test_the_folder_of_the_originals_may_be_the_output_folder(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg")
    assert stems(items_of([tmp_path], tmp_path, recursive=False)) == ["a"]


def test_an_empty_folder_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no photos or videos"):
        items_of([tmp_path], tmp_path / "out", recursive=False)


def test_pictures_of_one_name_get_different_stems_in_the_order_given(tmp_path: Path) -> None:
    paths = write(tmp_path, "a.png", "a.jpg", "A.gif", "other/a.jpg")
    assert stems(items_of(paths, tmp_path / "out", recursive=False)) == ["a", "a-2", "A-3", "a-4"]


def test_a_photo_and_a_video_of_one_name_both_keep_it(tmp_path: Path) -> None:
    paths = write(tmp_path, "IMG_1.HEIC", "IMG_1.MOV")
    assert stems(items_of(paths, tmp_path / "out", recursive=False)) == ["IMG_1", "IMG_1"]


def test_the_same_file_twice_is_one_file(tmp_path: Path) -> None:
    (path,) = write(tmp_path, "a.jpg")
    for again in (path, tmp_path, tmp_path / "x" / ".." / "a.jpg"):
        (tmp_path / "x").mkdir(exist_ok=True)
        assert stems(items_of([path, again], tmp_path / "out", recursive=False)) == ["a"]


def test_what_is_left_out_of_folders_is_counted_and_told(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.jpg",
        "B.MKV",
        "notes.md",
        "list.txt",
        "Makefile",
        "in/c.jpg",
        "in/deep/d.jpg",
        "out/e.webp",
        ".git/x",
    )
    told: list[str] = []
    found = items_of([tmp_path], tmp_path / "out", recursive=False, tell=told.append)
    assert [item.label for item in found] == ["B.MKV", "a.jpg"]
    assert told == [
        "3 files skipped: no photo or video by their names",
        "1 folder was not looked into: -r does",
    ]


def test_nothing_is_told_where_nothing_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg", "in/c.jpg")
    told: list[str] = []
    items_of([tmp_path], tmp_path / "out", recursive=True, tell=told.append)
    assert told == []


def test_a_file_that_is_named_is_taken_whatever_its_name(tmp_path: Path) -> None:
    (path,) = write(tmp_path, "photo.txt")
    assert stems(items_of([path], tmp_path / "out", recursive=False)) == ["photo"]


def test_files_of_one_name_are_shown_with_the_paths_that_tell_them_apart(tmp_path: Path) -> None:
    paths = write(tmp_path, "a/x.jpg", "b/x.jpg", "b/y.jpg")
    named = items_of(paths, tmp_path / "out", recursive=False)
    assert [item.label for item in named] == [str(paths[0]), str(paths[1]), "y.jpg"]
    in_folders = items_of([tmp_path / "a", tmp_path / "b"], tmp_path / "out", recursive=False)
    assert [item.label for item in in_folders] == [str(paths[0]), str(paths[1]), "y.jpg"]


def test_an_empty_path_is_not_the_folder_where_the_user_is(simpi: Caller) -> None:
    write(simpi.folder, "private.jpg")
    said = simpi("compress", "", "--json")
    assert (said.code, said.json["code"]) == (2, "wrong_use")
    assert "an empty path names no file or folder" in said.err
    assert not (simpi.data / "stack.json").exists()


def test_a_path_that_no_file_system_takes_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "round.jpg").symlink_to("round.jpg")
    (file,) = write(tmp_path, "a.jpg")
    for path in (tmp_path / ("x" * 300), tmp_path / "round.jpg"):
        with pytest.raises(UsageError, match="cannot be read"):
            items_of([path], tmp_path / "out", recursive=False)
    with pytest.raises(UsageError, match="no such file"):
        items_of([file / "inside.jpg"], tmp_path / "out", recursive=False)


def test_a_closed_folder_is_wrong_use_where_it_is_named_and_told_of_where_it_is_found(simpi: Caller) -> None:
    write(simpi.folder, "pics/a.jpg", "pics/list-only/b.jpg", "closed/c.jpg")
    (simpi.folder / "pics" / "list-only").chmod(0o400)
    (simpi.folder / "closed").chmod(0)
    try:
        for named, why in (
            ("closed", "not a folder that can be read: closed"),
            ("closed/c.jpg", "closed/c.jpg cannot be read"),
        ):
            said = by_an_ordinary_user(simpi, "compress", named)
            assert (said.code, said.err.partition("\n")[0].partition(": Permission")[0]) == (2, f"simpi: {why}")
        said = by_an_ordinary_user(simpi, "compress", "-r", "pics", "--out", "pics/a.jpg")  # so that nothing starts
        assert said.err.startswith("a folder that cannot be read was skipped: pics/list-only\nsimpi: --out pics/a.jpg")
    finally:
        for folder in ("closed", "pics/list-only"):
            (simpi.folder / folder).chmod(0o700)


def by_an_ordinary_user(simpi: Caller, *arguments: str) -> Said:
    """Root opens closed folders, too: without the two capabilities for it, even root is an ordinary user."""
    done = subprocess.run(
        simpi.command(*arguments),
        cwd=simpi.folder,
        env=simpi.env,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: [ctypes.CDLL(None).prctl(CAPBSET_DROP, capability, 0, 0, 0) for capability in (1, 2)],
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_a_place_that_cannot_be_written_into_is_wrong_use(tmp_path: Path) -> None:
    (file,) = write(tmp_path, "README.md")
    for place in (file, file / "inside", Path("/proc/nowhere")):
        with pytest.raises(UsageError, match=f"--out {place}: no folder to write into"):
            check_output(place)
    check_output(tmp_path / "a" / "new" / "one")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("photo.JPG", "photo.jpg"),
        ("My holiday (1).mov", "My-holiday-1.mov"),
        ("Café à Paris.jpeg", "Cafe-a-Paris.jpeg"),
        ("写真.png", "file.png"),
        ("step-17-1700000000000.jpg", "step-17-1700000000000.jpg"),
        ("..", "file"),
        ("a/b?c#d%20.mp4", "a-b-c-d-20.mp4"),
        ("x" * 300 + ".webp", "x" * 100 + ".webp"),
        ("no extension", "no-extension"),
    ],
)
def test_a_blob_name_is_plain_and_keeps_what_people_recognise(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_no_two_uploads_share_a_blob_name() -> None:
    names = {blob_name(Path("photo.jpg")) for _ in range(100)}
    assert len(names) == 100
    assert all(name.startswith("cli/") and name.endswith("/photo.jpg") for name in names)
