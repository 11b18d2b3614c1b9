"""What the user named: paths become files, and each file gets the name that its results will have."""

from __future__ import annotations

import mimetypes
import os
import re
import secrets
import stat
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence
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
    other, unseen, shut = 0, 0, list[Path]()
    for path in paths:
        if _is_folder(path):
            inside, closed = _files_in(path, into, recursive=recursive)
            shut += closed
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
    for folder in shut:
        tell(f"a folder that cannot be read was skipped: {folder}")
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


def path_of(given: str) -> Path:
    """A path as it was typed. Raises UsageError for an empty one: it would mean the folder where the user is."""
    if not given:
        raise UsageError(
            "an empty path names no file or folder", "Is a variable of your shell unset? Nothing was uploaded."
        )
    return Path(given)


def _is_folder(path: Path) -> bool:
    """Whether a path that a user named is a folder. Raises UsageError, where it is nothing, or cannot be looked at."""
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"no such file or folder: {path}", "Nothing was uploaded.") from None
    except OSError as problem:  # a folder above it is closed, the name is too long, links go round
        raise UsageError(f"{path} cannot be read: {problem.strerror}", "Nothing was uploaded.") from None
    if is_folder and not _is_open(path):
        raise UsageError(f"not a folder that can be read: {path}", "Nothing was uploaded.")
    return is_folder


def _is_open(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK)


def _files_in(folder: Path, into: Path, *, recursive: bool) -> tuple[list[Path], list[Path]]:
    """The files that are meant, and the folders among them that cannot be looked into."""
    found = sorted(folder.rglob("*") if recursive else folder.iterdir())
    meant = [one for one in found if _is_meant(one, folder, into)]
    shut: list[Path] = []
    files: list[Path] = []
    for one in meant:  # a folder comes before what lies in it
        if one.parent in shut:
            continue
        if not one.is_dir():
            files += [one] if one.is_file() else []
        elif recursive and not _is_open(one):
            shut.append(one)
    return files, shut


def _folders_in(folder: Path, into: Path) -> int:
    return sum(one.is_dir() and _is_meant(one / "*", folder, into) for one in folder.iterdir())


def _is_meant(path: Path, folder: Path, into: Path) -> bool:
    """Whether something in a folder is neither hidden nor a result of ours."""
    results = into.resolve()
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not hidden and (results == folder.resolve() or results not in path.resolve().parents)


def _named(found: Collection[tuple[Path, Path]]) -> list[Item]:
    """Give each file a stem of its own, the same on every run: `a.jpg` and `a.png` become `a` and `a-2`.

    A photo and a video of one name do not collide (their results have other extensions), so both keep it.
    Files of one name from several places are shown with the paths that tell them apart.
    """
    shared = Counter(folder / path.name for path, folder in found)
    items: list[Item] = []
    taken: dict[tuple[str, str, str], int] = {}
    for number, (path, folder) in enumerate(found):
        family = (mimetypes.guess_type(path.name)[0] or "other").split("/")[0]
        key = (str(folder).casefold(), path.stem.casefold(), "video" if family == "video" else "image")
        taken[key] = nth = taken.get(key, 0) + 1
        stem = path.stem if nth == 1 else f"{path.stem}-{nth}"
        inside = folder / path.name
        label = one_line(str(path if shared[inside] > 1 else inside))
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
