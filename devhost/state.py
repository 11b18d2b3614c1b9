"""What a host keeps in its data folder: the lock, the system key, the ports, and stack.json while it is ready."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import IO, Any

import psutil

from devhost.host_json import ConfigError

# Environment variables that every process of a host, and of one of its workers, carries.
MARK = "DEVHOST_DATA"
WORKER = "DEVHOST_WORKER"
LOCK, LOG = "host.lock", "devhost.log"  # in the data folder


class DataDir:
    """A host's data folder. Only one host at a time has it."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        make_private(self.path)
        self._lock = self._locked()

    @property
    def log(self) -> Path:
        """The log of the host and its workers."""
        return self.path / LOG

    def _locked(self) -> IO[str]:
        lock = (self.path / LOCK).open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise ConfigError(
                f"{self.path} is in use by another devhost (process {lock.read().strip() or 'unknown'}): "
                "stop that one, or give this one another --data"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        os.set_inheritable(lock.fileno(), False)
        return lock

    def close(self) -> None:
        """Let another host have the folder."""
        self._lock.close()

    def sweep(self, worker: str | None = None) -> int:
        """End what an earlier host on this folder, or a dead worker of this one, has left running.

        Returns how many processes that were.
        """
        mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
        wanted = {MARK: str(self.path)} | ({} if worker is None else {WORKER: worker})
        left = [p for p in psutil.process_iter() if p.pid not in mine and wanted.items() <= _environment(p).items()]
        for end in (psutil.Process.terminate, psutil.Process.kill):
            for process in left:
                with contextlib.suppress(psutil.Error):
                    end(process)
            _, alive = psutil.wait_procs(left, timeout=1)
            if not alive:
                break
        return len(left)

    def system_key(self) -> str:
        """The key of the webhooks: made once, readable by its owner only."""
        path = self.path / "system.key"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(32))
        return path.read_text(encoding="utf-8").strip()

    def remembered(self, name: str) -> Any:
        """What was remembered under `name`, None if nothing."""
        path = self.path / name
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def remember(self, name: str, value: Any) -> None:
        """Keep a value for the next start."""
        write_private(self.path / name, json.dumps(value))

    def announce(self, stack: dict[str, Any]) -> None:
        """Write stack.json: the host is ready, and this is how to reach it."""
        write_private(self.path / "stack.json", json.dumps(stack, indent=2) + "\n")

    def withdraw(self) -> bool:
        """Remove stack.json. Returns whether it was there."""
        path = self.path / "stack.json"
        was_there = path.exists()
        path.unlink(missing_ok=True)
        return was_there


def make_private(folder: Path) -> None:
    """Make a data folder that only its owner may look into; close one that a host has used before.

    Another folder that is there already keeps its mode: who knows whose it is.
    Raises: ConfigError, if nothing can be kept in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        why = unwritable(folder)
        if why is None and (folder / LOCK).exists() and folder.stat().st_uid == os.geteuid():
            folder.chmod(0o700)
    except (FileExistsError, NotADirectoryError):
        raise ConfigError(f"{folder} cannot be the data folder: there is a file in its place") from None
    except OSError as error:
        raise ConfigError(f"{folder} cannot be the data folder: {error.strerror}") from None
    if why is not None:
        raise ConfigError(f"{folder} cannot be the data folder: {why}")


def unwritable(folder: Path) -> str | None:
    """Why nothing can be written in a folder, in words; None if it can be."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        read_only = error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT)
        return "it is read-only" if read_only else error.strerror
    return None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return dict(process.environ())
    except (psutil.Error, OSError):
        return {}
