"""Logs, one line per event: on stderr, and in a file that does not grow without end."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

MOST_BYTES = 10_000_000  # of the log file, then it begins anew; what it held before is kept once

NOISY = ("azure", "grpc", "urllib3", "aiohttp.access", "asyncio", "durabletask")


class OneLine(logging.Formatter):
    """Time, level, who, what. An error is its type, text and place; DEVHOST_LOG=DEBUG shows tracebacks too."""

    def __init__(self, who: str, tracebacks: bool) -> None:
        super().__init__(f"%(asctime)s.%(msecs)03d %(levelname)-7s {who:<9} %(message)s", "%Y-%m-%dT%H:%M:%S")
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the message holds."""
        record.exc_text = None  # another handler may have put its own there
        text = super().format(record)
        return text if self._tracebacks else " | ".join(text.splitlines())

    def formatException(self, ei: Any) -> str:
        """What was raised, and where."""
        if self._tracebacks:
            return super().formatException(ei)
        frames = traceback.extract_tb(ei[2])
        place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
        return f"{type(ei[1]).__name__}: {ei[1]}{place}"


def first_line(error: BaseException) -> str:
    """What an error says, in so many words as fit a line of the log."""
    return str(error).partition("\n")[0][:500]


def log_to_stderr(who: str) -> None:
    """Send this process's logs to stderr, as `who`. DEVHOST_LOG sets the level (default INFO)."""
    level = os.environ.get("DEVHOST_LOG", "INFO").upper()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(who, tracebacks=level == "DEBUG"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_to_file(path: Path, who: str) -> None:
    """Send this process's logs to a file, too, unless stderr goes there already. Only its owner can read it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    path.chmod(0o600)
    root = logging.getLogger()
    if os.path.samestat(path.stat(), os.fstat(sys.stderr.fileno())):
        return
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(OneLine(who, tracebacks=root.isEnabledFor(logging.DEBUG)))
    root.addHandler(handler)


def keep_small(path: Path, most_bytes: int = MOST_BYTES) -> None:
    """Begin a log file anew when it is large, and keep what it held as PATH.1.

    Emptied in place, not renamed: several processes append to it, and go on doing so.
    """
    if not path.exists() or path.stat().st_size <= most_bytes:
        return
    old = path.with_name(f"{path.name}.1")
    shutil.copy(path, old)  # with its mode
    os.truncate(path, 0)
