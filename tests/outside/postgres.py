"""A real PostgreSQL server of its own for tests: Debian's package, on a Unix socket, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devhost.testing import eventually

START_S = 30.0


def programs() -> Path | None:
    """Where PostgreSQL's programs are: of the newest version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name))
    return found[-1].parent if found else None


def wanted(config: pytest.Config) -> Path:
    """The programs; without them the test is skipped, or, with --postgres, fails."""
    if (bin_ := programs()) is not None:
        return bin_
    message = "needs PostgreSQL: scripts/setup-test-postgres.sh installs it"
    if config.getoption("--postgres"):
        pytest.fail(message)
    pytest.skip(message)


@contextmanager
def running(bin_: Path) -> Iterator[str]:
    """A server; yields the URL of its database."""
    home = Path(tempfile.mkdtemp(prefix="simpi-pg-"))
    data, log = home / "data", home / "log"
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name  # it refuses to run as root
    shutil.chown(home, user)
    identity = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    options = {"cwd": home, "env": {"LC_ALL": "C.UTF-8", "PATH": os.defpath}, **identity}
    made = [bin_ / "initdb", "-D", data, "-U", "simpi", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(made, check=True, capture_output=True, **options)
    settings = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={home}", "-c", "fsync=off"]
    with log.open("wb") as out:
        server = subprocess.Popen([bin_ / "postgres", "-D", data, *settings], stdout=out, stderr=out, **options)
        try:
            eventually(lambda: _answers(bin_, home), START_S)
            yield f"postgresql://simpi@/postgres?host={home}"
        finally:
            server.terminate()
            server.wait(20)
            shutil.rmtree(home)


def _answers(bin_: Path, home: Path) -> bool:
    """PostgreSQL answers"""
    return subprocess.run([bin_ / "pg_isready", "-q", "-h", home], check=False).returncode == 0
