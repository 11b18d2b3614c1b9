"""Downloading the outputs of a job: streamed, verified, under names that overwrite nothing."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from cli.errors import CliError, Stopped
from cli.inputs import Item
from cli.text import first_line
from core.naming import PROCESSED

if TYPE_CHECKING:
    from cli.target import Target

TRIES = 2
LONGEST_STEM_BYTES = 215


class Names:
    """Who may write which file: no file is ever overwritten, be it an original, another's result or anything else.

    What is there already with the very bytes of an output is that output: the same run twice gives the same names.
    """

    def __init__(self, into: Path, originals: Iterable[Path]) -> None:
        self._into = into
        self._taken = {_key(path) for path in originals}
        self._lock = threading.Lock()

    def reserve(self, item: Item, outputs: Sequence[dict[str, Any]]) -> list[Path]:
        """A path for each output of one file: `{stem}.{ext}` for the main one, `{stem}-{role}.{ext}` for the others."""
        folder = self._into / item.folder
        with self._lock:
            for n in range(1, 10_000):
                stem = _short(item.stem) + ("" if n == 1 else f"-{n}")
                paths = [folder / _file_name(stem, output) for output in outputs]
                keys = {_key(path) for path in paths}
                ours = len(keys) == len(paths) and not keys & self._taken
                if ours and all(_is_free(path, output) for path, output in zip(paths, outputs, strict=True)):
                    self._taken |= keys
                    return paths
        raise CliError(f"no free name for {item.label} in {folder}")


def _file_name(stem: str, output: dict[str, Any]) -> str:
    extension = PurePosixPath(str(output["blob"])).suffix
    return f"{stem}{extension}" if output["role"] == "main" else f"{stem}-{output['role']}{extension}"


def _short(stem: str) -> str:
    """A stem that leaves room for `-2`, a role and an extension: file systems take names of 255 bytes."""
    raw = os.fsencode(stem)
    return stem if len(raw) <= LONGEST_STEM_BYTES else raw[:LONGEST_STEM_BYTES].decode(errors="ignore")


def _is_free(path: Path, output: dict[str, Any]) -> bool:
    """Whether nothing is there, or just what is to be written."""
    return not os.path.lexists(path) or _holds(path, output)


def _holds(path: Path, output: dict[str, Any]) -> bool:
    if not path.is_file() or output.get("sha256") is None:
        return False
    with path.open("rb") as file:
        return bool(hashlib.file_digest(file, "sha256").hexdigest() == output["sha256"])


def _key(path: Path) -> str:
    return str(path.absolute().resolve()).casefold()


def download(target: Target, names: Names, item: Item, receipt: dict[str, Any], stop: threading.Event) -> list[Path]:
    """Bring every output of a receipt into the output folder. Raises CliError, Stopped."""
    outputs = receipt.get("outputs") or []
    paths = names.reserve(item, outputs)
    for output, path in zip(outputs, paths, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _holds(path, output):
            _fetch(target, output, path, stop)
    return paths


def _fetch(target: Target, output: dict[str, Any], path: Path, stop: threading.Event) -> None:
    from azure.core.exceptions import AzureError

    half = path.with_name(f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.{os.getpid()}.part")
    problem = ""
    try:
        for _ in range(TRIES):
            try:
                digest = _stream(target, str(output["blob"]), half, stop)
            except AzureError as failure:
                problem = first_line(failure)
                continue
            if output.get("sha256") in (None, digest):
                _name(half, path)
                return
            problem = "its bytes are not those that the receipt describes (sha256)"
        raise CliError(f"{PROCESSED}/{output['blob']} could not be downloaded: {problem}")
    finally:
        half.unlink(missing_ok=True)


def _name(half: Path, path: Path) -> None:
    """Give a file its name, unless another has come to it in the meantime. Raises CliError."""
    try:
        path.hardlink_to(half)  # a rename would replace what is there
    except FileExistsError:
        raise CliError(f"{path} has appeared meanwhile and was not overwritten") from None
    except OSError:  # a file system without links
        half.replace(path)


def _stream(target: Target, blob: str, half: Path, stop: threading.Event) -> str:
    digest = hashlib.sha256()
    stream = target.blobs.get_blob_client(PROCESSED, blob).download_blob(max_concurrency=2)
    with half.open("wb") as file:
        for chunk in stream.chunks():
            if stop.is_set():
                raise Stopped
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
