"""The launcher on bare machines: what it needs, what it says, and that it starts at once when all is there.

A whole first use downloads some 100 MB; it runs where SIMPI_TEST_FIRST_USE is set.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT

FILES = (
    "simpi",
    "scripts",
    "requirements-dev.txt",
    "devhost/azurite/package.json",
    "devhost/azurite/package-lock.json",
)
ECHO = "import os, sys\nprint(sys.argv[1:], os.getcwd(), os.environ['PYTHONPATH'])\n"


def copied(folder: Path) -> Path:
    """The launcher and what it reads, without an environment, and a command line that only says how it was called."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "devhost/azurite/.npmrc", folder / "devhost/azurite/.npmrc")
    (folder / "cli").mkdir()
    (folder / "cli" / "__main__.py").write_text(ECHO)
    return folder


def with_our_environment(folder: Path) -> Path:
    """The same, set up already: it borrows this project's own environment."""
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "devhost" / "azurite" / "node_modules").symlink_to(ROOT / "devhost" / "azurite" / "node_modules")
    return folder


def launch(tree: Path, *arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    bare = {"HOME": str(cwd), "PATH": "/usr/bin:/bin", **env}
    command = [str(ROOT / ".venv" / "bin" / "python"), str(tree / "simpi"), *arguments]
    return subprocess.run(command, cwd=cwd, env=bare, capture_output=True, text=True, timeout=240)


def stamps() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_stamp", ROOT / "scripts" / "setup_stamp.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


needs_set_up = pytest.mark.skipif(not stamps().is_ready(str(ROOT)), reason="this environment was not made by ./simpi")


@needs_set_up
def test_it_works_from_any_folder_and_in_one_with_spaces(tmp_path: Path) -> None:
    tree, elsewhere = with_our_environment(copied(tmp_path / "a tree")), tmp_path / "else where"
    elsewhere.mkdir()
    done = launch(tree, "compress", "my photo.jpg", "--json", cwd=elsewhere)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"['compress', 'my photo.jpg', '--json'] {elsewhere} {tree}\n"
    assert done.stderr == ""


@needs_set_up
def test_a_folder_of_the_user_never_hides_our_modules(tmp_path: Path) -> None:
    tree = with_our_environment(copied(tmp_path / "tree"))
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "__main__.py").write_text("raise SystemExit('the wrong one')")
    assert launch(tree, cwd=tmp_path).returncode == 0


@needs_set_up
def test_a_link_to_it_works(tmp_path: Path) -> None:
    tree = with_our_environment(copied(tmp_path / "tree"))
    (tmp_path / "simpi-link").symlink_to(tree / "simpi")
    command = [sys.executable, str(tmp_path / "simpi-link"), "list"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("['list']")


@needs_set_up
def test_nothing_is_set_up_when_all_is_there(tmp_path: Path) -> None:
    tree = with_our_environment(copied(tmp_path / "tree"))
    done = launch(tree, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tree / ".simpi" / "setup.log").exists()


def test_a_changed_pin_is_noticed(tmp_path: Path) -> None:
    tree, stamp = copied(tmp_path / "tree"), stamps()
    python = tree / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (tree / "devhost" / "azurite" / "node_modules").mkdir()
    root = str(tree)
    assert not stamp.is_ready(root)
    (tree / stamp.PYTHON_STAMP).write_text(stamp.wanted_python(root))
    (tree / stamp.NODE_STAMP).write_text(stamp.wanted_node(root))
    assert stamp.is_ready(root)
    with (tree / "requirements-dev.txt").open("a") as file:
        file.write("another==1.0\n")
    assert not stamp.is_ready(root)


def test_an_environment_whose_python_has_gone_is_noticed(tmp_path: Path) -> None:
    tree, stamp = copied(tmp_path / "tree"), stamps()
    python = tree / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(tmp_path / "gone")
    (tree / stamp.PYTHON_STAMP).write_text(stamp.wanted_python(str(tree)))
    assert not stamp.python_is_ready(str(tree))


def test_without_an_index_it_fails_with_the_reason_and_leaves_no_stamp(tmp_path: Path) -> None:
    tree = copied(tmp_path / "tree")
    done = launch(tree, "demo", cwd=tmp_path, PIP_NO_INDEX="1", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "set-up failed" in done.stderr
    assert "setup.log" in done.stderr
    assert "Traceback" not in done.stderr
    assert not stamps().is_ready(str(tree))


@pytest.mark.skipif(
    "SIMPI_TEST_FIRST_USE" not in os.environ, reason="SIMPI_TEST_FIRST_USE is not set: downloads 100 MB"
)
def test_a_first_use_by_two_at_once_without_node_sets_up_everything_once(tmp_path: Path) -> None:
    tree = copied(tmp_path / "a tree")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("uname", "sh", "env"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    bare = {"HOME": os.environ["HOME"], "PATH": str(tools)}
    command = [str(ROOT / ".venv" / "bin" / "python"), str(tree / "simpi"), "list"]
    calls = [
        subprocess.Popen(command, cwd=tmp_path, env=bare, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [call.communicate(timeout=280) for call in calls]
    assert [call.returncode for call in calls] == [0, 0], said
    assert all(out.startswith("['list']") for out, _ in said)
    assert sum("first use" in err for _, err in said) == 1
    assert sum("waiting for it" in err for _, err in said) == 1
    assert stamps().is_ready(str(tree))
