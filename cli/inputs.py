"""What the user named: paths become files, and each file gets the name that its results will have."""

from __future__ import annotations

import mimetypes
import os
import re
import secrets
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cli.errors import UsageError
from cli.text import one_line, plural
from core import upload_name

LONGEST_NAME = 100
MEDIA = {*upload_name.EXTENSIONS, "jpe", "jfif", "tif", "tiff", "avif", "m4v", "mkv", "3gp", "3g2", "mpg", "mpeg"}
MEDIA |= {"ts", "mts", "m2ts", "ogv", "ogg", "asf", "qt"}
"""Extensions of what may be a photo or a video: what a folder is searched for. A file that is named is taken as it is."""


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


def items_of(
    paths: Sequence[Path], into: Path, *, recursive: bool, tell: Callable[[str], None] = lambda _: None
) -> list[Item]:
    """Every file that the paths name, once, in their order; not what lies in `into`, an earlier run's results.

    `tell` hears what was left out of folders.
    Raises: UsageError, before anything is uploaded.
    """
    found: dict[str, tuple[Path, Path]] = {}
    other, unseen = 0, 0
    for path in paths:
        if not path.exists():
            raise UsageError(f"no such file or folder: {path}", "Nothing was uploaded.")
        if path.is_dir():
            inside = _files_in(path, into, recursive=recursive)
            media = [file for file in inside if file.suffix[1:].lower() in MEDIA]
            folders = 0 if recursive else _folders_in(path, into)
            if not media:
                raise UsageError(
                    f"no photos or videos in {path}", "Use -r to look into its folders, too." * bool(folders)
                )
            other, unseen = other + len(inside) - len(media), unseen + folders
            chosen = [(file, file.parent.relative_to(path)) for file in media]
        else:
            chosen = [(path, Path())]
        for file, folder in chosen:
            found.setdefault(os.path.abspath(file), (file, folder))  # noqa: PTH100 - keeps links as they are
    for file, _ in found.values():
        if not file.is_file() or not os.access(file, os.R_OK):
            raise UsageError(f"not a file that can be read: {file}", "Nothing was uploaded.")
    if other:
        tell(f"{plural(other, 'file')} skipped: no photo or video by {'its name' if other == 1 else 'their names'}")
    if unseen:
        tell(f"{plural(unseen, 'folder')} {'was' if unseen == 1 else 'were'} not looked into: -r does")
    return _named(found.values())


def check_output(into: Path) -> None:
    """See that results can be written, before anything is uploaded. Raises UsageError."""
    try:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=into):
            pass
    except OSError as problem:
        reason = (
            "a file is in the way" if isinstance(problem, FileExistsError | NotADirectoryError) else problem.strerror
        )
        raise UsageError(f"--out {into}: no folder to write into ({reason})", "Nothing was uploaded.") from None


def _files_in(folder: Path, into: Path, *, recursive: bool) -> list[Path]:
    files = sorted(folder.rglob("*") if recursive else folder.iterdir())
    return [file for file in files if file.is_file() and _is_meant(file, folder, into)]


def _folders_in(folder: Path, into: Path) -> int:
    return sum(one.is_dir() and _is_meant(one / "*", folder, into) for one in folder.iterdir())


def _is_meant(path: Path, folder: Path, into: Path) -> bool:
    """Whether something in a folder is neither hidden nor a result of ours."""
    results = into.resolve()
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not hidden and (results == folder.resolve() or results not in path.resolve().parents)


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
        label = one_line(str(folder / path.name))
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
