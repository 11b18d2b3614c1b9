"""What the browser's tests need on top of everything else: Playwright, installed when it is first asked for."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from cli import ROOT
from cli.console import err

REQUIREMENTS = ROOT / "requirements-browser.txt"


def get_ready() -> int:
    """Install what is missing; the installer's exit code, 0 where nothing is."""
    if importlib.util.find_spec("playwright") is not None:
        return 0
    err().print("installing Playwright (it drives the Chromium that is there, and downloads none)", markup=False)
    return subprocess.run([*_installer(), "--quiet", "-r", str(REQUIREMENTS)], cwd=ROOT, check=False).returncode


def _installer() -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install"]
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    return [uv, "pip", "install", "--python", sys.executable]
