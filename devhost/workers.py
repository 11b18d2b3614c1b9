"""Starts the activity workers."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from devhost.children import Child
from devhost.state import WORKER


def start_workers(options: Sequence[str], environments: Sequence[dict[str, str]]) -> list[Child]:
    """One process per environment, each with the same options."""
    return [
        Child(
            f"worker {env[WORKER]}",
            [sys.executable, "-m", "devhost.worker", "--number", env[WORKER], *options],
            env,
            signal.SIGKILL,
        )
        for env in environments
    ]
