"""A reader can follow the pages line by line: every command in them is run against the stand-in, in their order."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.deploy.running import ROOT, WHERE, Deployment

TRIED_ELSEWHERE = ("./simpi deploy smoke", "./simpi test --deploy")
"""The first needs an app that answers (test_smoke.py), the second is what runs all of this."""


def commands(page: str) -> list[str]:
    """The lines that begin with `$ ` in the page's console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("page", ["deploy.md", "runbook.md"])
def test_every_command_of_the_page_works(page: str, plain: Deployment, tmp_path: Path) -> None:
    made = Deployment(tmp_path)
    if page == "runbook.md":
        shutil.copy(plain.path, made.path)
    found = commands(page)
    assert len(found) >= 5
    for line in found:
        if line.startswith(TRIED_ELSEWHERE):
            continue
        words = [word.replace("acme.env", str(tmp_path / "acme.env")) for word in shlex.split(line)]
        done = made.shell(words)
        assert done.returncode == 0, f"$ {line}\n{done.stdout[-300:]}{done.stderr[-600:]}"


def test_what_the_page_says_will_be_seen_is_seen(deployment: Deployment) -> None:
    shown = deployment.shell(["./simpi", "deploy", "up", *WHERE, "--dry-run"]).stdout
    assert re.findall(r"^# (\d+)\.", shown, re.MULTILINE) == [str(n) for n in range(1, 13)]
    assert shown.rstrip().endswith("# nothing was run")
    assert "kind: functionapp" in shown


def test_the_parts_of_the_page_are_those_of_the_script() -> None:
    parts = re.findall(r"^\| (\d+) \| ", (ROOT / "docs" / "deploy.md").read_text(), re.MULTILINE)
    steps = re.findall(r'^  step "(\d+)\.', (ROOT / "infra" / "deploy.sh").read_text(), re.MULTILINE)
    assert parts == steps


@pytest.mark.parametrize("page", ["deploy.md", "runbook.md", "security.md", "decisions/0007-how-it-is-deployed.md"])
def test_links_between_the_pages_lead_somewhere(page: str) -> None:
    path = ROOT / "docs" / page
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", path.read_text()):
        to = (path.parent / target).resolve() if target else path
        if not to.exists() and to.name in WRITTEN_BY_OTHERS:
            continue
        assert to.exists(), f"{page}: {target}"
        if anchor:
            titles = re.findall(r"^#+ (.*)$", to.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}, (
                f"{page}: #{anchor}"
            )


WRITTEN_BY_OTHERS = {"media.md"}


def test_what_was_never_run_on_azure_is_marked() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text()
    assert "Nothing here was ever run on a real subscription" in text
    assert text.count("◊") >= 4
