"""The SIMPI sandbox: by itself (`./simpi sandbox`), or beside the stack (`./simpi up`)."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cli import ROOT
from cli.errors import UsageError
from devhost.ports import is_free, next_free

FIRST_PORT = 7080
GUARD = ROOT / "devhost" / "guard.py"


def run(database: str, port: int | None, *, strict: bool) -> None:
    """Become the sandbox, until Ctrl-C. Raises: UsageError, where the port is taken."""
    if port and not is_free(port):
        raise UsageError(f"port {port} is in use", "Give another: ./simpi sandbox --port N")
    options = ["--database", database, "--port", str(port or next_free(FIRST_PORT))]
    command = [sys.executable, "-P", "-m", "sandbox", *options, *(["--strict"] if strict else [])]
    os.chdir(ROOT)
    os.execve(command[0], command, {**os.environ, "PYTHONPATH": str(ROOT)})  # noqa: S606


def beside(data: Path) -> dict[str, str]:
    """Start a sandbox that ends with this process; what tells the app of it. Nothing, where SIMPI or a webhook is set."""
    if os.environ.get("SIMPI_API_BASE_URL") or os.environ.get("WEBHOOK_URL"):
        return {}
    known = _known(data / "sandbox.json")
    if not is_free(known.port):  # it has moved: what is pending finds it by the settings of this start
        known = replace(known, port=next_free(FIRST_PORT))
        _keep(data / "sandbox.json", known)
    port, where = known.port, f"http://127.0.0.1:{known.port}"
    shared = {"SIMPI_API_TOKEN": known.token, "WEBHOOK_SECRET": known.secret}
    sandbox = [
        sys.executable,
        "-P",
        "-m",
        "sandbox",
        "--database",
        f"sqlite:///{data / 'sandbox.db'}",
        "--port",
        str(port),
    ]
    command = [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), str(int(signal.SIGTERM)), *sandbox]
    subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **shared, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    return {
        **shared,
        "SIMPI_API_BASE_URL": where,
        "WEBHOOK_URL": f"{where}/webhooks",
        "WEBHOOK_ALLOW_PRIVATE": "true",
    }


def url(data: Path) -> str | None:
    """Where the sandbox beside a stack is, if it runs."""
    path = data / "sandbox.json"
    if not path.exists() or is_free(port := _known(path).port):
        return None
    return f"http://127.0.0.1:{port}"


@dataclass(frozen=True)
class Known:
    """The port and the secrets of before, so that what is still to be delivered goes on arriving."""

    port: int
    token: str
    secret: str


def _known(path: Path) -> Known:
    if path.exists():
        return Known(**json.loads(path.read_text()))
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    made = Known(next_free(FIRST_PORT), secrets.token_urlsafe(24), secret)
    _keep(path, made)
    return made


def _keep(path: Path, known: Known) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(known), file)
