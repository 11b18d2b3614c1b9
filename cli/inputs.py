"""What the user named: paths become files, and each file gets the name that its results will have."""

from __future__ import annotations

import mimetypes
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cli.errors import UsageError

LONGEST_NAME = 100


@dataclass(frozen=True)
class Item:
    """One file to compress.

    `label` is what the user sees, `folder` and `stem` say where in the output folder its results go.
    """

    number: int
    path: Path
    label: str
    size_bytes: int
    folder: Path
    stem: str


def items_of(paths: Sequence[Path], into: Path, *, recursive: bool) -> list[Item]:
    """Every file that the paths name, in their order; not what lies in `into`, an earlier run's results.

    Raises: UsageError, before anything is uploaded.
    """
    found: list[tuple[Path, Path]] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"no such file or folder: {path}", "Nothing was uploaded.")
        if path.is_dir():
            inside = _files_in(path, into, recursive=recursive)
            if not inside:
                raise UsageError(f"no files in {path}", "" if recursive else "Use -r to look into its folders, too.")
            found += [(file, file.parent.relative_to(path)) for file in inside]
        else:
            found.append((path, Path()))
    for file, _ in found:
        if not file.is_file() or not os.access(file, os.R_OK):
            raise UsageError(f"not a file that can be read: {file}", "Nothing was uploaded.")
    return _named(found)


def _files_in(folder: Path, into: Path, *, recursive: bool) -> list[Path]:
    results = into.resolve()
    files = []
    for file in sorted(folder.rglob("*") if recursive else folder.iterdir()):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        ours = results in file.resolve().parents and results != folder.resolve()
        if file.is_file() and not hidden and not ours:
            files.append(file)
    return files


def _named(found: Iterable[tuple[Path, Path]]) -> list[Item]:
    """Give each file a stem of its own, the same on every run: `a.jpg` and `a.png` become `a` and `a-2`.

    A photo and a video of one name do not collide (their results have other extensions), so both keep it.
    """
    items: list[Item] = []
    taken: dict[tuple[str, str, str], int] = {}
    for number, (path, folder) in enumerate(found):
        family = (mimetypes.guess_type(path.name)[0] or "other").split("/")[0]
        key = (str(folder).casefold(), path.stem.casefold(), "video" if family == "video" else "image")
        taken[key] = nth = taken.get(key, 0) + 1
        stem = path.stem if nth == 1 else f"{path.stem}-{nth}"
        label = str(folder / path.name)
        items.append(Item(number, path, label, path.stat().st_size, folder, stem))
    return items


def blob_name(path: Path) -> str:
    """A name in `uploads` that nobody else has, and that still tells people what it is."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return f"cli/{now}-{secrets.token_hex(4)}/{safe_name(path.name)}"


def safe_name(name: str) -> str:
    """The file name in plain ASCII without surprises, its extension kept."""
    stem, extension = (_ascii(part) for part in os.path.splitext(name))  # noqa: PTH122 - a name, not a path
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._") or "file"
    return stem[:LONGEST_NAME] + re.sub(r"[^A-Za-z0-9.]", "", extension).lower()


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
