"""Logs on stderr, one line per event."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from typing import Any

NOISY = ("azure", "grpc", "urllib3", "aiohttp.access", "asyncio", "durabletask")


class OneLine(logging.Formatter):
    """Time, level, who, what. An error is its type, text and place; DEVHOST_LOG=DEBUG shows tracebacks too."""

    def __init__(self, who: str, tracebacks: bool) -> None:
        super().__init__(f"%(asctime)s.%(msecs)03d %(levelname)-7s {who:<9} %(message)s", "%H:%M:%S")
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
