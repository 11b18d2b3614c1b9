"""The SIMPI sandbox: by itself (`./simpi sandbox`), or beside the stack (`./simpi up`)."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import subprocess
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cli import ROOT, program
from cli.errors import UsageError
from devhost.guard import guarded
from devhost.ports import is_free, listener, next_free
from devhost.state import write_private

FIRST_PORT = 7080
DATABASES = ("sqlite://", "postgresql://", "postgresql+psycopg://")


def run(database: str, port: int | None, *, strict: bool) -> None:
    """Become the sandbox, until Ctrl-C. Raises: UsageError, where the port is taken, or for a database of another kind."""
    if not database.startswith(DATABASES):
        raise UsageError(f"--database is sqlite:///FILE or postgresql://USER@HOST/NAME, not {database!r}")
    options = ["--database", database, "--port", str(program.chosen_port(port, FIRST_PORT))]
    program.become(program.command("sandbox", *options, *(["--strict"] if strict else [])))


def beside(data: Path) -> dict[str, str]:
    """Start a sandbox that ends with this process; what tells the app of it. Nothing, where SIMPI or a webhook is set."""
    if os.environ.get("SIMPI_API_BASE_URL") or os.environ.get("WEBHOOK_URL"):
        return {}
    known = _known(data / "sandbox.json")
    server = listener(known.port, FIRST_PORT)
    if (port := server.getsockname()[1]) != known.port:  # what is pending finds it by the settings of this start
        known = replace(known, port=port)
        _keep(data / "sandbox.json", known)
    where = f"http://127.0.0.1:{known.port}"
    shared = {"SIMPI_API_TOKEN": known.token, "WEBHOOK_SECRET": known.secret}
    options = ["--database", f"sqlite:///{data / 'sandbox.db'}", "--listener", str(server.fileno())]
    subprocess.Popen(
        guarded(program.command("sandbox", *options), signal.SIGTERM),
        cwd=ROOT,
        env=program.environment(**shared),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(server.fileno(),),
    )
    server.close()
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
    write_private(path, json.dumps(asdict(known)))
