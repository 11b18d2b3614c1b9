"""Downloading the outputs of a job: streamed, verified, under names that overwrite nothing of the same run."""

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


class Names:
    """Who may write which file. Originals are never overwritten, nor what another file of this run became."""

    def __init__(self, into: Path, originals: Iterable[Path]) -> None:
        self._into = into
        self._taken = {_key(path) for path in originals}
        self._lock = threading.Lock()

    def reserve(self, item: Item, outputs: Sequence[dict[str, Any]]) -> list[Path]:
        """A path for each output of one file: `{stem}.{ext}` for the main one, `{stem}-{role}.{ext}` for the others."""
        folder = self._into / item.folder
        with self._lock:
            for n in range(1, 10_000):
                stem = item.stem if n == 1 else f"{item.stem}-{n}"
                paths = [folder / _file_name(stem, output) for output in outputs]
                keys = {_key(path) for path in paths}
                if len(keys) == len(paths) and not keys & self._taken:
                    self._taken |= keys
                    return paths
        raise CliError(f"no free name for {item.label} in {folder}")


def _file_name(stem: str, output: dict[str, Any]) -> str:
    extension = PurePosixPath(str(output["blob"])).suffix
    return f"{stem}{extension}" if output["role"] == "main" else f"{stem}-{output['role']}{extension}"


def _key(path: Path) -> str:
    return str(path.absolute().resolve()).casefold()


def download(target: Target, names: Names, item: Item, receipt: dict[str, Any], stop: threading.Event) -> list[Path]:
    """Bring every output of a receipt into the output folder. Raises CliError, Stopped."""
    outputs = receipt.get("outputs") or []
    paths = names.reserve(item, outputs)
    for output, path in zip(outputs, paths, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        _fetch(target, output, path, stop)
    return paths


def _fetch(target: Target, output: dict[str, Any], path: Path, stop: threading.Event) -> None:
    from azure.core.exceptions import AzureError

    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    problem = ""
    try:
        for _ in range(TRIES):
            try:
                digest = _stream(target, str(output["blob"]), half, stop)
            except AzureError as failure:
                problem = first_line(failure)
                continue
            if output.get("sha256") in (None, digest):
                half.replace(path)
                return
            problem = "its bytes are not those that the receipt describes (sha256)"
        raise CliError(f"{PROCESSED}/{output['blob']} could not be downloaded: {problem}")
    finally:
        half.unlink(missing_ok=True)


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
