"""Logs on stderr, one line per event."""

from __future__ import annotations

import logging
import os
import sys

NOISY = ("azure", "grpc", "urllib3", "aiohttp.access", "asyncio", "durabletask", "devhost.engine", "devhost.worker")


class OneLine(logging.Formatter):
    """Time, who, what; a traceback follows on the same line's heels only for unexpected errors."""

    def __init__(self, who: str) -> None:
        super().__init__(f"%(asctime)s.%(msecs)03d %(levelname)-7s {who:<9} %(message)s", "%H:%M:%S")


def log_to_stderr(who: str) -> None:
    """Send this process's logs to stderr, as `who`. DEVHOST_LOG sets the level (default INFO)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(who))
    logging.basicConfig(level=os.environ.get("DEVHOST_LOG", "INFO").upper(), handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
