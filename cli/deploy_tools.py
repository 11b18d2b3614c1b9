"""`./simpi test --deploy`: the tools that check what goes to Azure, in an environment of their own.

They are no part of the set-up: the Azure CLI alone is 400 MB.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from cli import ROOT
from cli.console import note
from cli.errors import CliError

CHECKS = ROOT / "tests" / "deploy" / "checks"
TOOLS = ROOT / ".simpi" / "deploy-tools"
VARIABLE = "SIMPI_DEPLOY_TOOLS"


def get_ready() -> dict[str, str]:
    """Install what is missing: the Python tools by their pins, the KQL parser by its lock; what tells the tests of them.

    Raises: CliError with the end of what the installer said.
    """
    stamp, wanted = TOOLS / "stamp", _wanted()
    if not stamp.is_file() or stamp.read_text() != wanted:
        _install()
        stamp.write_text(wanted)
    return {VARIABLE: str(TOOLS)}


def _install() -> None:
    note(f"installing the tools for checking a deployment into {TOOLS.relative_to(ROOT)} (about 600 MB, once)")
    TOOLS.mkdir(parents=True, exist_ok=True)
    python = TOOLS / "python" / "bin" / "python"
    uv = shutil.which("uv")
    if uv is None:
        _run([sys.executable, "-m", "venv", str(TOOLS / "uv")])
        _run([str(TOOLS / "uv" / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "uv"])
        uv = str(TOOLS / "uv" / "bin" / "uv")
    _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(TOOLS / "python")])
    _run([uv, "pip", "install", "--quiet", "--python", str(python), "--requirement", str(CHECKS / "requirements.txt")])
    _install_worker(uv)
    _install_kql()


def _install_worker(uv: str) -> None:
    """The Python worker's own code; it asks for a later Python than ours, but its indexing does not need it."""
    for_later = ["--python-version", "3.13", "--no-deps", "--only-binary", ":all:", "--target", str(TOOLS / "worker")]
    _run([uv, "pip", "install", "--quiet", *for_later, "--requirement", str(CHECKS / "worker.txt")])


def _install_kql() -> None:
    from devhost.node import npm

    folder = TOOLS / "kql"
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(CHECKS / "kql" / name, folder / name)
    _run([*npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], folder)


def _wanted() -> str:
    files = (CHECKS / "requirements.txt", CHECKS / "worker.txt", CHECKS / "kql" / "package-lock.json")
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _uv_environment() -> dict[str, str]:
    """The environment in which uv heeds the user's pip settings: as the launcher does it."""
    sys.path.append(str(ROOT / "scripts"))
    return {**os.environ, **import_module("setup_python").uv_environment(Path(sys.executable))}


def _run(command: Sequence[str], folder: Path = ROOT) -> None:
    done = subprocess.run(command, cwd=folder, env=_uv_environment(), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise CliError(
            f"{' '.join(command[:3])} failed:\n{(done.stdout + done.stderr)[-1500:]}", "Is the network there?"
        )
