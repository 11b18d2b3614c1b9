"""Calling `./simpi` as a user does: as a process, in a folder of its own, with an environment that knows nothing of ours."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from devhost.testing import with_own_ports
from tests.conftest import ROOT


@dataclass(frozen=True)
class Said:
    """What a call said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on stdout."""
        return json.loads(self.out)


class Caller:
    """A user in a folder, with a local stack of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, with_own_ports(folder / "data")
        self.env = {"HOME": os.environ.get("HOME", "/"), "PATH": "/usr/bin:/bin", "SIMPI_DATA": str(self.data)}

    def command(self, *arguments: str | Path) -> list[str]:
        """The call itself, by the Python that runs the tests: any would do."""
        return [str(ROOT / ".venv" / "bin" / "python"), str(ROOT / "simpi"), *map(str, arguments)]

    def begin(self, *arguments: str | Path, stderr: int | None = subprocess.DEVNULL) -> subprocess.Popen[str]:
        """Run `./simpi` in a process group of its own, and go on while it runs. SIGINT to the group is Ctrl-C."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
            # As in a terminal: whoever starts the tests in the background has Ctrl-C ignored, and children inherit that.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )

    def __call__(self, *arguments: str | Path, env: Mapping[str, str] | None = None, timeout_s: float = 240) -> Said:
        """Run `./simpi` with these arguments."""
        environment = {**self.env, **(env or {})}
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
        return Said(done.returncode, done.stdout, done.stderr)
