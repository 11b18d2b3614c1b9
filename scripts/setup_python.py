"""Python's half of the set-up: `.venv` with the pinned packages, by uv where it can be had, else by pip."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from setup_stamp import BUILDING, PYTHON_STAMP, python_of, wanted_python
from setup_tools import Failed, Log, run, tail, write_stamp

UV = "uv==0.13.9"
REQUIREMENTS = "requirements-dev.txt"

NO_VENV = f"""this Python has no ensurepip, so it cannot make an environment ({sys.executable}). One of these helps:
    sudo apt install python3-venv          (Debian, Ubuntu)
    curl -LsSf https://astral.sh/uv/install.sh | sh     (no root: uv does it instead)
    another Python: python3.11 ./simpi …"""


def install(root: Path, log: Log) -> None:
    """Make `.venv`, or bring it to the pins."""
    python = Path(python_of(str(root)))
    with log.step("python", f"packages into .venv (Python {sys.version.split()[0]})"):
        uv = _environment(root, python, log)
        if not (uv and _by_uv(root, python, uv, log)):
            _by_pip(root, python, log)
        write_stamp(root / PYTHON_STAMP, wanted_python(str(root)))
        (root / BUILDING).unlink(missing_ok=True)


def _environment(root: Path, python: Path, log: Log) -> str | None:
    """Make the environment if need be; answers the uv to use, if there is one."""
    building = root / BUILDING
    whole = _answers(python) and not building.exists()
    uv = shutil.which("uv")
    if not whole or not (uv or _answers(python, "import pip")):
        folder = root / ".venv"
        if building.exists() or (folder.exists() and not _answers(python)):
            shutil.rmtree(folder)  # half made by a call that was interrupted, or its Python has gone
        folder.mkdir(exist_ok=True)
        building.touch()
        # Where uv is there already, no pip is needed: two seconds less.
        without_pip = uv is not None or importlib.util.find_spec("ensurepip") is None
        if uv is None and without_pip and importlib.util.find_spec("pip") is None:
            shutil.rmtree(folder)
            raise Failed(NO_VENV)
        options: list[str | Path] = ["--without-pip"] if without_pip else []
        if not run(log, [sys.executable, "-m", "venv", *options, folder], root):
            shutil.rmtree(folder, ignore_errors=True)
            raise Failed(f"could not make .venv\n{tail(log)}\n\n  {NO_VENV}")
    if uv is None and run(log, [*_pip(python), "install", "--quiet", UV], root):
        uv = str(python.with_name("uv"))
    return uv


def _by_uv(root: Path, python: Path, uv: str, log: Log) -> bool:
    command: list[str | Path] = [uv, "pip", "install", "--python", python, "--quiet", "-r", REQUIREMENTS]
    return run(log, command, root, uv_environment(python))


def _by_pip(root: Path, python: Path, log: Log) -> None:
    if not _answers(python, "import pip") and importlib.util.find_spec("pip") is None:
        raise Failed(f"uv could not install the packages, and there is no pip\n{tail(log)}")
    log.say("  python: pip does it (uv could not); this takes a little longer")
    if not run(log, [*_pip(python), "install", "--quiet", "-r", REQUIREMENTS], root):
        raise Failed(f"could not install the Python packages\n{tail(log)}")


def _pip(python: Path) -> list[str | Path]:
    """The pip of the environment, or this Python's own one working on the environment."""
    if _answers(python, "import pip"):
        return [python, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", python]


def _answers(python: Path, code: str = "") -> bool:
    try:
        return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def uv_environment(python: Path) -> dict[str, str]:
    """The user's pip settings in uv's words: uv does not read them. Whatever is set for uv itself wins.

    In the environment and not in the arguments, since an index address may hold a password.
    """
    pip = _pip_settings(python)
    words = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": " ".join(pip.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(pip.get("find-links", "").split()),
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        "UV_NO_INDEX": pip.get("no-index", ""),
        "SSL_CERT_FILE": pip.get("cert", ""),
        "ALL_PROXY": pip.get("proxy", ""),
        # pip looks at every index and takes the best version; it also trusts what the system trusts.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_SYSTEM_CERTS": "" if pip.get("cert") else "true",
        "UV_LINK_MODE": "",
    }
    return {key: value for key, value in words.items() if value and key not in os.environ}


def _pip_settings(python: Path) -> dict[str, str]:
    """What `pip config list` says, the strongest source last: global, then install, then the environment."""
    asked = subprocess.run([*_pip(python), "config", "list"], capture_output=True, text=True, check=False)
    found: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in asked.stdout.splitlines():
        where, _, value = line.partition("=")
        section, _, key = where.rpartition(".")
        if section in found:
            found[section][key] = _text(value)
    return found["global"] | found["install"] | found[":env:"]


def _text(literal: str) -> str:
    try:
        return str(ast.literal_eval(literal))
    except (ValueError, SyntaxError):
        return literal
