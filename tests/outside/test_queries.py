"""The queries for operators ask for what the app really logs."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / "infra" / "monitoring"
QUERIES = sorted(FOLDER.glob("*.kql"))

OPTIONAL = {"code"}
"""Only where something was refused."""


def asked(path: Path) -> tuple[str, set[str]]:
    """The event that a query is about, and its fields."""
    text = path.read_text()
    (event,) = re.findall(r'e\.event == "(\w+)"', text)
    return event, set(re.findall(r"\be\.(\w+)", text)) - {"event"}


EVENTS: defaultdict[str, set[str]] = defaultdict(set)
for _path in QUERIES:
    _event, _fields = asked(_path)
    EVENTS[_event] |= _fields


def logged_in_source() -> dict[str, set[str]]:
    """Each event that the code logs, with the fields that it names."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for folder in ("activities", "adapters", "triggers", "orchestrators"):
        for path in (ROOT / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "log_event":
                    name = node.args[0]
                    assert isinstance(name, ast.Constant), f"{path}: an event's name is written out"
                    found[str(name.value)] |= {word.arg for word in node.keywords if word.arg}
    return found


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_each_query_is_about_an_event_that_exists(path: Path) -> None:
    event, fields = asked(path)
    assert event in logged_in_source()
    assert fields


def test_every_event_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "telemetry.md").read_text()
    table = " ".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", table)) == set(logged_in_source()), "docs/telemetry.md lists each event"


def test_every_subject_that_operators_ask_about_has_its_query() -> None:
    subjects = {"success-rate", "duration", "by-file-type", "ratio", "queue-depth", "poison", "retries"}
    assert subjects <= {path.stem for path in QUERIES}


def test_alerts_and_workbook_are_made_from_these_queries() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import build_monitoring
    finally:
        sys.path.pop(0)
    for name, make in build_monitoring.FILES.items():
        assert json.loads((FOLDER / name).read_text()) == make(), "run python scripts/build_monitoring.py"
