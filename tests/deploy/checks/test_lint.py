"""The scripts, the Dockerfile and the queries are clean by their own linters, which catch planted mistakes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from devhost.node import node
from tests.deploy.checks.tools import BIN, HERE, TOOLS, said
from tests.deploy.running import ROOT

SCRIPTS = sorted(
    map(str, [*(ROOT / "infra").glob("*.sh"), *(ROOT / "infra/lib").glob("*.sh"), *(ROOT / "scripts").glob("*.sh")])
)
QUERIES = sorted((ROOT / "infra/monitoring").rglob("*.kql"))


def test_shellcheck_finds_nothing() -> None:
    """The parts each with every check; the scripts with their parts, without the one analysis that then takes a minute."""
    parts = [script for script in SCRIPTS if "/lib/" in script]
    whole = [script for script in SCRIPTS if "/lib/" not in script]
    assert said(str(BIN / "shellcheck"), *parts) == ""
    assert said(str(BIN / "shellcheck"), "-x", "--extended-analysis=false", *whole) == ""


def test_every_script_is_strict_and_can_be_run() -> None:
    ours = (Path(path) for path in SCRIPTS if "/lib/" not in path)
    for script in (path for path in ours if path.read_text().startswith("#!/usr/bin/env bash")):
        assert "set -Eeuo pipefail" in script.read_text(), script.name
        assert script.stat().st_mode & 0o111, script.name


def test_hadolint_finds_nothing() -> None:
    assert said(str(BIN / "hadolint"), str(ROOT / "Dockerfile")) == ""


def test_a_planted_mistake_in_a_script_is_caught(tmp_path: Path) -> None:
    bad = tmp_path / "bad.sh"
    bad.write_text("#!/usr/bin/env bash\nrm -rf $1/files\n")
    assert "SC2086" in said(str(BIN / "shellcheck"), str(bad))


def test_a_planted_mistake_in_the_dockerfile_is_caught(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text((ROOT / "Dockerfile").read_text() + "\nRUN cd /tmp && sudo apt-get install gcc\n")
    assert "DL3004" in said(str(BIN / "hadolint"), str(bad))


def kql_problems(*files: Path) -> list[str]:
    told = said(str(node()), str(HERE / "kql" / "check.js"), str(TOOLS / "kql" / "node_modules"), *map(str, files))
    return list(json.loads(told.splitlines()[-1]))


def test_the_queries_parse_against_the_tables_that_azure_has() -> None:
    assert QUERIES
    assert kql_problems(*QUERIES) == []


def test_a_planted_mistake_in_a_query_is_caught(tmp_path: Path) -> None:
    (tmp_path / "bad.kql").write_text("AppTraces | where TimeGenrated > ago(1h)\n")
    (tmp_path / "good.kql").write_text(
        "AppTraces | where TimeGenerated > ago(1h) | summarize count() by SeverityLevel\n"
    )
    assert len(kql_problems(tmp_path / "bad.kql", tmp_path / "good.kql")) == 1


def test_node_is_there() -> None:
    assert shutil.which(str(node()))
