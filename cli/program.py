"""Our own programs, run by this Python: their modules come from the project's folder, wherever the user is."""

from __future__ import annotations

import os
import sys

from cli import ROOT
from cli.errors import UsageError
from devhost.ports import is_free, next_free


def command(module: str, *options: str) -> list[str]:
    """How one of our modules is called."""
    return [sys.executable, "-P", "-m", module, *options]


def environment(**more: str) -> dict[str, str]:
    """What it finds in its environment."""
    return {**os.environ, **more, "PYTHONPATH": str(ROOT)}


def become(command: list[str], **more: str) -> None:
    """Be that program from now on, so that Ctrl-C and signals reach it."""
    sys.stdout.flush()
    os.execve(command[0], command, environment(**more))  # noqa: S606


def chosen_port(port: int | None, first: int) -> int:
    """The port that was asked for, or the next free one from `first` on.

    Raises: UsageError, where the one asked for is in use.
    """
    if port is None:
        return next_free(first)
    if not is_free(port):
        raise UsageError(f"port {port} is in use", "Give another: --port N")
    return port
