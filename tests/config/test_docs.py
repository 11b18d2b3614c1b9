"""Every setting that the app reads is documented, and has its way to Azure or a reason why not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "config" / "settings.py"
KEY = re.compile(r"[A-Z][A-Za-z]*[A-Z_][A-Za-z0-9_]*")


def read_by(source: str) -> set[str]:
    """The keys that a module asks an environment for: the first argument of `read.…("KEY")` and `env.get("KEY")`."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
    ]
    asked = {
        _text(call.args[0], constants)
        for call in calls
        if isinstance(call.func.value, ast.Name) and call.func.value.id in ("read", "env")
    }
    return {key for key in asked if key and KEY.fullmatch(key)}


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
        return "".join(_text(part, constants) or "" for part in parts)
    return None


def documented(page: str) -> set[str]:
    """The settings in the first column of the page's table."""
    return set(re.findall(r"^\| `([A-Za-z0-9_]+)` \|", page, re.MULTILINE))


def mapped() -> dict[str, tuple[str, str]]:
    """Each setting with how it gets its value on Azure, and why not where it does not."""
    lines = (ROOT / "infra" / "settings.map").read_text().splitlines()
    rows = [line.split(None, 2) for line in lines if line and not line.startswith("#")]
    return {row[0]: (row[1], row[2] if len(row) > 2 else "") for row in rows}


def parameters() -> set[str]:
    """The keys of the parameters file."""
    return set(re.findall(r"^([A-Z][A-Z0-9_]*)=", (ROOT / "infra" / "parameters.env").read_text(), re.MULTILINE))


READ = read_by(SETTINGS.read_text())


def test_the_settings_are_found() -> None:
    assert {
        "AzureWebJobsStorage",
        "AzureWebJobsStorage__accountName",
        "BLOB_ACCOUNT_NAME",
        "MAX_RETRY_ATTEMPTS",
    } <= READ
    assert len(READ) >= 16


def test_every_setting_is_in_the_docs_and_the_docs_have_no_other() -> None:
    page = documented((ROOT / "docs" / "configuration.md").read_text())
    assert READ - {"AZURE_FUNCTIONS_ENVIRONMENT"} - page == set(), "add it to docs/configuration.md"
    assert page - READ == set(), "nothing reads it any more"


def test_every_setting_has_its_way_to_azure() -> None:
    ways = mapped()
    assert READ - set(ways) == set(), "say in infra/settings.map how it gets its value on Azure"
    assert set(ways) - READ == set(), "nothing reads it any more"


@pytest.mark.parametrize("setting", sorted(mapped()))
def test_the_way_exists(setting: str) -> None:
    how, why = mapped()[setting]
    deployed = (ROOT / "infra" / "app.yaml").read_text() + (ROOT / "infra" / "lib" / "app.sh").read_text()
    if how == "deploy":
        assert setting in deployed
    elif how == "parameter":
        assert setting in parameters(), "add it to infra/parameters.env"
    elif how == "secret":
        assert setting not in parameters(), "a secret does not belong in a file"
    else:
        assert how == "never"
        assert why, "say why"


def test_a_setting_that_somebody_forgets_is_noticed() -> None:
    planted = SETTINGS.read_text().replace(
        'read.text("SIMPI_API_TOKEN")', 'read.text("SIMPI_API_TOKEN") or read.text("NEW_ONE")'
    )
    assert read_by(planted) - READ == {"NEW_ONE"}
