"""Results arrive whole, verified, and overwrite nothing that matters."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest

from cli.download import Names, download
from cli.errors import CliError, Stopped
from cli.inputs import Item, items_of
from cli.target import Target
from core import naming


def published(target: Target, blob: str, role: str, content: bytes) -> dict[str, Any]:
    """An output as a receipt describes it, and the blob itself."""
    target.blobs.get_blob_client(naming.PROCESSED, blob).upload_blob(content, overwrite=True)
    return {"role": role, "blob": blob, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def fetched(target: Target, names: Names, item: Item, *outputs: dict[str, Any]) -> list[Path]:
    return download(target, names, item, {"outputs": list(outputs)}, threading.Event())


def one(folder: Path, name: str = "photo.jpg") -> Item:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"the original")
    return items_of([folder / name], folder / "out", recursive=False)[0]


def test_the_main_output_keeps_the_name_and_the_others_say_their_role(target: Target, tmp_path: Path) -> None:
    main = published(target, "a/x/main.webp", "main", b"small")
    thumb = published(target, "a/x/thumb.webp", "thumb", b"tiny")
    paths = fetched(target, Names(tmp_path / "out", []), one(tmp_path), main, thumb)
    assert [path.name for path in paths] == ["photo.webp", "photo-thumb.webp"]
    assert paths[0].read_bytes() == b"small"


@pytest.mark.parametrize("stem", ["n" * 251, "ü" * 125, "日" * 83])
def test_a_name_as_long_as_files_may_have_leaves_room_for_what_is_added(
    target: Target, tmp_path: Path, stem: str
) -> None:
    outputs = [published(target, f"long/x/{role}.webp", role, role.encode()) for role in ("main", "thumb")]
    names, item = Names(tmp_path / "out", []), one(tmp_path, f"{stem}.jpg")
    paths = fetched(target, names, item, *outputs) + fetched(target, names, item, *outputs)
    assert [path.read_bytes() for path in paths] == [b"main", b"thumb"] * 2
    assert len({path.name for path in paths}) == 4
    assert all(path.name.startswith(stem[:70]) for path in paths)


def test_bytes_that_are_not_those_of_the_receipt_never_get_a_name(target: Target, tmp_path: Path) -> None:
    main = published(target, "b/x/main.webp", "main", b"small") | {"sha256": "0" * 64}
    with pytest.raises(CliError, match="sha256"):
        fetched(target, Names(tmp_path / "out", []), one(tmp_path), main)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_missing_output_is_an_error_and_leaves_nothing(target: Target, tmp_path: Path) -> None:
    gone = {"role": "main", "blob": "gone/main.webp", "sha256": None}
    with pytest.raises(CliError, match="could not be downloaded"):
        fetched(target, Names(tmp_path / "out", []), one(tmp_path), gone)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_original_is_never_overwritten(target: Target, tmp_path: Path) -> None:
    item = one(tmp_path, "photo.webp")
    main = published(target, "c/x/main.webp", "main", b"small")
    (path,) = fetched(target, Names(tmp_path, [item.path]), item, main)
    assert path.name == "photo-2.webp"
    assert item.path.read_bytes() == b"the original"


def test_two_files_of_one_run_never_share_a_name(target: Target, tmp_path: Path) -> None:
    first, second = one(tmp_path / "1", "photo-thumb.jpg"), one(tmp_path / "2", "photo.jpg")
    main = published(target, "d/x/main.webp", "main", b"one")
    thumb = published(target, "d/x/thumb.webp", "thumb", b"two")
    names = Names(tmp_path / "out", [])
    paths = fetched(target, names, first, main) + fetched(target, names, second, main, thumb)
    assert [path.name for path in paths] == ["photo-thumb.webp", "photo-2.webp", "photo-2-thumb.webp"]


def test_a_second_run_gives_the_same_names(target: Target, tmp_path: Path) -> None:
    item = one(tmp_path)
    main = published(target, "e/x/main.webp", "main", b"small")
    thumb = published(target, "e/x/thumb.webp", "thumb", b"tiny")
    for _ in range(2):
        paths = fetched(target, Names(tmp_path / "out", [item.path]), item, main, thumb)
        assert [path.name for path in paths] == ["photo.webp", "photo-thumb.webp"]
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_file_that_is_not_ours_is_never_overwritten(target: Target, tmp_path: Path) -> None:
    item, out = one(tmp_path), tmp_path / "out"
    out.mkdir()
    (out / "photo-thumb.webp").write_bytes(b"somebody's own")
    (out / "photo-2.webp").symlink_to("nowhere")
    main = published(target, "g/x/main.webp", "main", b"small")
    thumb = published(target, "g/x/thumb.webp", "thumb", b"tiny")
    for _ in range(2):
        paths = fetched(target, Names(out, [item.path]), item, main, thumb)
        assert [path.name for path in paths] == ["photo-3.webp", "photo-3-thumb.webp"]
    assert (out / "photo-thumb.webp").read_bytes() == b"somebody's own"
    assert not (out / "nowhere").exists()


def test_a_file_that_appears_during_the_download_is_not_overwritten(target: Target, tmp_path: Path) -> None:
    item, names = one(tmp_path), Names(tmp_path / "out", [])
    main = published(target, "h/x/main.webp", "main", b"small")

    class Appearing(threading.Event):
        """Asked while the bytes arrive."""

        def is_set(self) -> bool:
            (tmp_path / "out" / "photo.webp").write_bytes(b"somebody's own")
            return False

    with pytest.raises(CliError, match="has appeared meanwhile"):
        download(target, names, item, {"outputs": [main]}, Appearing())
    assert [(file.name, file.read_bytes()) for file in (tmp_path / "out").iterdir()] == [
        ("photo.webp", b"somebody's own")
    ]


def test_a_rejected_file_has_nothing_to_download(target: Target, tmp_path: Path) -> None:
    assert fetched(target, Names(tmp_path / "out", []), one(tmp_path)) == []


def test_ctrl_c_in_a_download_leaves_no_half_file(target: Target, tmp_path: Path) -> None:
    main = published(target, "f/x/main.webp", "main", b"small")
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        download(target, Names(tmp_path / "out", []), one(tmp_path), {"outputs": [main]}, stop)
    assert list((tmp_path / "out").iterdir()) == []
