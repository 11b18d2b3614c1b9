"""`./simpi up`: the local stack in this terminal. The process becomes devhost itself, so Ctrl-C and signals reach it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import webbrowser
from pathlib import Path

from cli import ROOT, background, program, sandbox, stack, text
from cli.console import err, out, print_json
from cli.stack import Stack

READY_WAIT_S = 120.0


def up(port: int | None, data: Path, workers: int | None, *, browse: bool, as_json: bool) -> None:
    """Run the stack until Ctrl-C. Returns only if one runs on this data folder already."""
    found = stack.running(data)
    if found is not None:
        err().print("a stack runs already on this data folder; `./simpi down` stops it", markup=False)
        _tell(found, as_json=as_json)
        return
    command = background.command(data, program.chosen_port(port, background.FIRST_PORT), workers)
    _build_page()
    data.mkdir(parents=True, exist_ok=True)
    _leave_a_herald(data, browse=browse, as_json=as_json)
    os.chdir(ROOT)
    program.become(command, **sandbox.beside(data))


def _build_page() -> None:
    """Build the web page if it is not there yet; the stack runs without it, too."""
    command = [sys.executable, str(ROOT / "media-uploader" / "build.py")]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        err().print("the web page could not be built: see above. Everything else works.", style="yellow", markup=False)


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
    until = time.monotonic() + READY_WAIT_S
    while time.monotonic() < until and stack.is_alive(host):
        found = stack.read(data)
        if found is not None and found.pid == host and stack.answers(found.url):
            _tell(found, as_json=as_json)
            if browse and _has_display():
                webbrowser.open(found.url + "/")
            return
        time.sleep(0.1)


def _has_display() -> bool:
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform == "darwin"
    return bool(display) and sys.stdout.isatty()


def _tell(found: Stack, *, as_json: bool) -> None:
    if as_json:
        told = {"url": found.url, "pid": found.pid, "data": str(found.data), "workers": found.workers}
        print_json(told | {"stack_file": str(found.data / "stack.json")})
        return
    simpi = sandbox.url(found.data)
    lines = (
        f"SIMPI Media Compression is up, with {text.plural(found.workers, 'worker')}.",
        f"  web page   {found.url}/",
        f"  health     {found.url}/api/health",
        f"  job API    {found.url}/api/status?blobName=…",
        *([f"  SIMPI      {simpi}/   (a stand-in, with the webhooks that it got)"] if simpi else []),
        "  upload     into the container `uploads` of its storage; the connection string is in",
        f"             {found.data / 'stack.json'}",
        "  compress   ./simpi compress PHOTO VIDEO   (in another terminal)",
        "  Ctrl-C ends all.",
    )
    out().print("\n".join(lines), markup=False, soft_wrap=True)
