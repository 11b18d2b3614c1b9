"""Whether the set-up is complete: read on every call of `./simpi`, so it does as little as it can."""

# Importing pathlib would cost a tenth of the whole start.
# ruff: noqa: PTH110, PTH118, PTH123
from __future__ import annotations

import hashlib
import os

# A stamp is written last. It holds a hash of what was asked for, so that a changed pin is noticed.
PYTHON_STAMP = ".venv/.simpi-stamp"
NODE_FOLDER = "devhost/azurite"
NODE_STAMP = NODE_FOLDER + "/node_modules/.simpi-stamp"
BUILDING = ".venv/.simpi-building"


def python_of(root: str) -> str:
    """The Python of the project's own environment."""
    return os.path.join(root, ".venv", "bin", "python")


def wanted_python(root: str) -> str:
    """What `.venv` should be: its pinned packages, and the interpreter behind it."""
    return _hash(root, "requirements-dev.txt", also=os.path.realpath(python_of(root)))


def wanted_node(root: str) -> str:
    """What `node_modules` should be."""
    return _hash(root, NODE_FOLDER + "/package.json", NODE_FOLDER + "/package-lock.json")


def python_is_ready(root: str) -> bool:
    """Whether `.venv` holds what the pins ask for and its interpreter is still there."""
    return os.path.exists(python_of(root)) and _read(root, PYTHON_STAMP) == wanted_python(root)


def node_is_ready(root: str) -> bool:
    """Whether Azurite is installed as locked."""
    return _read(root, NODE_STAMP) == wanted_node(root)


def is_ready(root: str) -> bool:
    """Whether nothing is left to set up."""
    return python_is_ready(root) and node_is_ready(root)


def _hash(root: str, *names: str, also: str = "") -> str:
    digest = hashlib.sha256(also.encode())
    for name in names:
        with open(os.path.join(root, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def _read(root: str, name: str) -> str:
    try:
        with open(os.path.join(root, name), encoding="ascii") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError):
        return ""
