"""`./simpi up`: the local stack in this terminal. The process becomes devhost itself, so Ctrl-C and signals reach it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from cli import ROOT, background, program, sandbox, stack, text
from cli.console import err, out, print_json
from cli.errors import UsageError
from cli.stack import Stack
from devhost.ports import is_free

READY_WAIT_S, PORT_WAIT_S = 120.0, 5.0
BUILD_PAGE = (sys.executable, str(ROOT / "media-uploader" / "build.py"))
TO_BE_BUILT = "             (is being built: once, about a minute; it appears there by itself)"


def up(port: int | None, data: Path, workers: int | None, *, browse: bool, as_json: bool) -> None:
    """Run the stack until Ctrl-C; one in the background makes way. Returns only if one runs in another terminal."""
    found = stack.running(data)
    if found is not None and not found.in_background:
        _say_where(found, port, workers, as_json=as_json)
        return
    if port is not None and (found is None or port != found.port):
        program.chosen_port(port, background.FIRST_PORT)  # before anything is ended for it
    if found is not None:
        err().print(f"taking over from the stack in the background at {found.url}; its jobs go on here", markup=False)
        stack.stop(data)
        port = _as_before(found.port) if port is None else port
    command = background.command(data, program.chosen_port(port, background.FIRST_PORT) if port else None, workers)
    background.prepare(data)
    _leave_a_herald(data, browse=browse, as_json=as_json)
    os.chdir(ROOT)
    program.become(command, **sandbox.beside(data))


def _as_before(port: int) -> int | None:
    """The port of the stack that has just ended; none if somebody else has it. The system may take a moment to free it."""
    until = time.monotonic() + PORT_WAIT_S
    while not is_free(port):
        if time.monotonic() > until:
            return None
        time.sleep(0.05)
    return port


def _say_where(found: Stack, port: int | None, workers: int | None, *, as_json: bool) -> None:
    """Tell of a stack that another terminal runs. Raises: UsageError, where it is not as it is wanted."""
    if port not in (None, found.port) or workers not in (None, found.workers):
        has = text.plural(found.workers, "worker")
        raise UsageError(
            f"a stack runs already at {found.url}, with {has}",
            "End it first: Ctrl-C in its terminal, or ./simpi down. Or give this one another folder: --data DIR",
        )
    err().print(f"a stack runs already (process {found.pid}); `./simpi down` ends it", markup=False)
    _tell(found, as_json=as_json)


def _leave_a_herald(data: Path, *, browse: bool, as_json: bool) -> None:
    """A short-lived process that waits until the stack is ready and tells where it is; no child of devhost's."""
    host = os.getpid()
    sys.stdout.flush()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    if os.fork() == 0:
        try:
            _herald(host, data, browse=browse, as_json=as_json)
            sys.stdout.flush()
        except (KeyboardInterrupt, OSError):
            pass
    os._exit(0)


def _herald(host: int, data: Path, *, browse: bool, as_json: bool) -> None:
    found = _ready(host, data)
    if found is None:
        return
    has_page = subprocess.run([*BUILD_PAGE, "--check"], check=False).returncode == 0
    _tell(found, as_json=as_json, more=() if has_page else (TO_BE_BUILT,), end="  Ctrl-C ends all.")
    sys.stdout.flush()
    if (has_page or _build_page(host)) and browse and _has_display():
        webbrowser.open(found.url + "/")


def _ready(host: int, data: Path) -> Stack | None:
    until = time.monotonic() + READY_WAIT_S
    while time.monotonic() < until and stack.is_alive(host):
        found = stack.read(data)
        if found is not None and found.pid == host and stack.answers(found.url):
            return found
        time.sleep(0.1)
    return None


def _build_page(host: int) -> bool:
    """Build the web page beside the stack, which shows it as soon as it is there; whether that went well."""
    builder = subprocess.Popen(BUILD_PAGE, stdout=sys.stderr)
    while builder.poll() is None:
        if not stack.is_alive(host):
            builder.terminate()
            return False
        time.sleep(0.1)
    if builder.returncode != 0:
        err().print("the web page could not be built: see above. Everything else works.", style="yellow", markup=False)
    return builder.returncode == 0


def _has_display() -> bool:
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform == "darwin"
    return bool(display) and sys.stdout.isatty()


def _tell(found: Stack, *, as_json: bool, more: Sequence[str] = (), end: str = "") -> None:
    if as_json:
        told = {"url": found.url, "pid": found.pid, "data": str(found.data), "workers": found.workers}
        print_json(told | {"stack_file": str(found.data / "stack.json")})
        return
    simpi = sandbox.url(found.data)
    lines = (
        f"SIMPI Media Compression is up, with {text.plural(found.workers, 'worker')}.",
        f"  web page   {found.url}/",
        *more,
        f"  health     {found.url}/api/health",
        f"  job API    {found.url}/api/status?blobName=…",
        *([f"  SIMPI      {simpi}/   (a stand-in, with the webhooks that it got)"] if simpi else []),
        "  upload     into the container `uploads` of its storage; the connection string is in",
        f"             {found.data / 'stack.json'}",
        "  compress   ./simpi compress PHOTO VIDEO   (in another terminal)",
        *([end] if end else []),
    )
    out().print("\n".join(lines), markup=False, soft_wrap=True)
