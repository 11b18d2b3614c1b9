"""The image holds all that the app imports, and what is only for one machine stays out of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.deploy.running import ROOT

LINES = (ROOT / "Dockerfile").read_text().splitlines()
COPIED = {word for line in LINES if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]}
OURS = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.glob("*.py"))}


def imported(path: Path) -> set[str]:
    """The top-level packages of ours that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names & OURS


def test_everything_that_the_app_imports_is_in_the_image() -> None:
    files = [ROOT / "function_app.py", *(path for name in COPIED & OURS for path in (ROOT / name).rglob("*.py"))]
    for file in files:
        assert imported(file) <= COPIED, f"{file.relative_to(ROOT)} imports what the Dockerfile does not copy"


def test_what_is_only_for_one_machine_is_not_in_the_image() -> None:
    assert not COPIED & {
        "devhost",
        "cli",
        "bench",
        "tests",
        "scripts",
        "infra",
        "docs",
        "sandbox",
        "requirements-dev.txt",
    }


def test_the_app_does_not_run_as_root() -> None:
    users = [line for line in LINES if line.startswith(("USER ", "ARG APP_USER"))]
    assert users == ["ARG APP_USER=simpi", "USER ${APP_USER}"]


def test_its_health_is_asked_at_the_port_that_the_platform_uses() -> None:
    text = "\n".join(LINES)
    assert "http://127.0.0.1:8080/api/health" in text
    assert "targetPort: 8080" in (ROOT / "infra" / "app.yaml").read_text()


def test_only_pinned_wheels_are_installed() -> None:
    assert any("--only-binary=:all:" in line and "requirements.txt" in line for line in LINES)
    pins = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line[:1].isalnum()]
    assert pins
    assert all("==" in pin for pin in pins)


def test_a_wheel_that_was_replaced_in_the_index_is_not_installed() -> None:
    install = next(line for line in LINES if "--requirement requirements.txt" in line)
    assert "--require-hashes" in install
    pins = re.split(r"\n(?=[a-zA-Z0-9])", (ROOT / "requirements.txt").read_text().replace("\\\n", ""))
    assert len(pins) > 20
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", pin) for pin in pins)
