"""Local disk: the sources of the jobs that this worker has at hand, and a private folder for each piece of work.

No activity assumes that another ran on the same machine: it asks for the source and gets it, from this disk when it is
there already, from storage when not.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from adapters.blobs import Blobs
from core import naming
from core.job import Job

MARK = "simpi-workspace"
"""An empty file in each workspace, by which those of other processes are found."""


class Workspace:
    """A folder with a size quota. Several threads and several processes may use the same one."""

    def __init__(self, root: Path, quota_bytes: int) -> None:
        self._root, self._sources, self._jobs = root, root / "sources", root / "jobs"
        self._quota_bytes = quota_bytes
        self._in_use: Counter[str] = Counter()
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._make_folders()

    @contextmanager
    def source(self, job: Job, blobs: Blobs) -> Iterator[Path]:
        """The upload of a job on local disk, for as long as the block runs.

        Raises: Unprocessable `superseded` or `source_gone` where this version cannot be had any more.
        """
        path = self._path(job)
        self._make_folders()
        with self._guard:
            self._in_use[job.instance_id] += 1
            lock = self._locks.setdefault(job.instance_id, threading.Lock())
        try:
            with lock:
                if not path.exists():
                    self._make_room(job.size_bytes)
                    self._fetch(job, blobs, path)
            os.utime(path)
            yield path
        finally:
            with self._guard:
                self._in_use[job.instance_id] -= 1
                if not self._in_use[job.instance_id]:
                    del self._in_use[job.instance_id], self._locks[job.instance_id]

    @contextmanager
    def folder(self, job: Job) -> Iterator[Path]:
        """A private folder for one piece of work, gone when the block ends."""
        self._make_folders()
        with tempfile.TemporaryDirectory(prefix=f"{self._path(job).name}-", dir=self._jobs) as folder:
            yield Path(folder)

    def forget(self, job: Job) -> None:
        """Drop the source of a job that is done, if this disk has it."""
        self._path(job).unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Free space on the disk that the workspace lies on."""
        self._make_folders()
        return shutil.disk_usage(self._sources).free

    def can_write(self) -> None:
        """Try whether work can be done, here and where other workers of this machine do theirs beside. Raises: OSError."""
        self._make_folders()
        for mark in self._root.parent.glob(f"*/{MARK}"):
            for folder in ("sources", "jobs"):
                with tempfile.TemporaryFile(dir=mark.parent / folder, buffering=0) as file:
                    file.write(b"x")

    def _make_folders(self) -> None:
        """Before each use: what cleans the system's temp folder may have taken them."""
        for folder in (self._sources, self._jobs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self._root / MARK).touch()

    def _path(self, job: Job) -> Path:
        """Where the source of a job lies. Whatever a job says that it is, it is never a path out of here."""
        if not naming.is_instance_id(job.instance_id):
            raise ValueError("a job without the id of one")
        return self._sources / job.instance_id

    def _fetch(self, job: Job, blobs: Blobs, path: Path) -> None:
        # Beside the final name, then renamed: a crash or a second process never leaves half a source under it.
        with tempfile.NamedTemporaryFile(dir=self._sources, prefix="part-", delete=False) as part:
            try:
                blobs.download(job.container, job.blob_name, job.etag, part)
                part.flush()
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise

    def _make_room(self, wanted_bytes: int) -> None:
        """Evict the sources that were used longest ago until the new one fits the quota; never one that is in use here."""
        entries = []
        for entry in os.scandir(self._sources):
            try:
                entries.append((entry.stat().st_mtime, entry.stat().st_size, entry))
            except FileNotFoundError:
                continue
        held = sum(size for _, size, _ in entries)
        for _, size, entry in sorted(entries, key=lambda item: item[0]):
            if held + wanted_bytes <= self._quota_bytes:
                return
            with self._guard:
                busy = self._in_use[entry.name] > 0 if entry.name in self._in_use else entry.name.startswith("part-")
            if not busy:
                Path(entry.path).unlink(missing_ok=True)
                held -= size


@cache
def open_workspace(root: Path, quota_bytes: int) -> Workspace:
    """The workspace of this process."""
    return Workspace(root, quota_bytes)
