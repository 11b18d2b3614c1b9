"""The shape of the code: imports run one way, and an orchestrator touches nothing that a replay would see differently."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import build_architecture

ROOT = Path(__file__).resolve().parent.parent

MAY_IMPORT = {
    "core": set(),
    "config": {"core"},
    "adapters": {"core", "config"},
    "activities": {"core", "config", "adapters"},
    "orchestrators": {"core", "activities"},
    "triggers": {"core", "config", "activities", "adapters", "orchestrators"},
    "devhost": set(),
    "sandbox": set(),
    "cli": {"core", "devhost"},
    "bench": {"core", "config", "adapters", "devhost", "cli"},
}
OURS = set(MAY_IMPORT) | {"function_app"}
NOT_PURE = {"os", "sys", "time", "random", "uuid", "secrets", "socket", "subprocess", "pathlib", "threading"}
NOT_PURE |= {"requests", "azure"}
NOT_IN_A_STORY = NOT_PURE - {"azure"} | {"config", "adapters", "asyncio"}
CLOCKS = {"now", "utcnow", "today", "monotonic", "perf_counter", "getenv", "environ", "open", "uuid4", "NEW_UUID"}


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def unfit_for_a_story(source: str) -> list[str]:
    """What an orchestrator's source uses that a replay would see differently."""
    tree = ast.parse(source)
    found = sorted(set(imports(tree)) & NOT_IN_A_STORY)
    for node in ast.walk(tree):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
        if name in CLOCKS:
            found.append(f"{name} in line {node.lineno}")  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("folder", sorted(MAY_IMPORT))
def test_imports_run_one_way(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        if "node_modules" in path.parts:
            continue
        used = set(imports(ast.parse(path.read_text()))) & OURS - {folder}
        assert used <= MAY_IMPORT[folder], f"{path.relative_to(ROOT)} imports {sorted(used - MAY_IMPORT[folder])}"


def test_the_core_computes_and_does_nothing_else() -> None:
    for path in (ROOT / "core").rglob("*.py"):
        used = set(imports(ast.parse(path.read_text()))) & (NOT_PURE - {"pathlib"})
        assert not used, f"{path.name} imports {sorted(used)}"


@pytest.mark.parametrize("path", sorted((ROOT / "orchestrators").glob("*.py")), ids=lambda path: path.name)
def test_an_orchestrator_is_deterministic(path: Path) -> None:
    assert unfit_for_a_story(path.read_text()) == []


@pytest.mark.parametrize(
    "mutant",
    [
        "import time\ntime.sleep(1)",
        "from datetime import datetime\ndatetime.now()",
        "import random",
        "from uuid import uuid4",
        "import os",
        "from config.settings import settings",
        "from adapters.blobs import open_blobs",
        "open('x')",
        "import requests",
    ],
)
def test_a_planted_fault_in_an_orchestrator_is_caught(mutant: str) -> None:
    story = (ROOT / "orchestrators" / "compress_media.py").read_text()
    assert unfit_for_a_story(story + "\n" + mutant + "\n")


def test_the_table_of_files_is_what_the_files_say() -> None:
    assert build_architecture.built() == build_architecture.PAGE.read_text(), "run scripts/build_architecture.py"


def test_every_file_says_in_one_sentence_what_it_is_for() -> None:
    for folder in build_architecture.FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            assert 10 < len(build_architecture.job_of(path)) <= 200, path.relative_to(ROOT)
