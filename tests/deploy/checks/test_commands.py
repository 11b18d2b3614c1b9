"""Every command line of the scripts is one that the real Azure CLI takes: its parser says so, without a network."""

from __future__ import annotations

import shlex

import pytest

from tests.deploy.checks.tools import inside
from tests.deploy.conftest import CANARIES
from tests.deploy.running import WHERE, Deployment


def once(calls: list[list[str]]) -> list[list[str]]:
    """One call of each shape: the same command with the same options (values may matter only in what they are one of)."""
    kept: dict[tuple[str, ...], list[str]] = {}
    for call in calls:
        kept.setdefault(tuple(word for word in call if not word.startswith(("/subscriptions", "name=", "@"))), call)
    shapes: dict[tuple[str, ...], list[str]] = {}
    for call in kept.values():
        words = next((i for i, word in enumerate(call) if word.startswith("-")), len(call))
        shapes.setdefault((*call[:words], *sorted(word for word in call if word.startswith("--"))), call)
    return list(shapes.values())


@pytest.mark.timeout(900)
def test_the_azure_cli_takes_every_command(plain: Deployment, full: Deployment, deployment: Deployment) -> None:
    calls = plain.calls + full.calls
    for script in ("destroy.sh", "status.sh", "logs.sh"):
        shown = deployment.script(script, *WHERE, "--dry-run").stdout
        calls += [shlex.split(line, comments=True)[1:] for line in shown.splitlines() if line.startswith("az ")]
    shown = deployment.up("--dry-run", **CANARIES).stdout
    calls += [shlex.split(line, comments=True)[1:] for line in shown.splitlines() if line.startswith("az ")]
    distinct = once(calls)
    assert len(distinct) > 45
    problems = inside("parse_commands.py", given=distinct)
    assert [f"az {' '.join(call)}\n    {text}" for call, text in zip(distinct, problems, strict=True) if text] == []


@pytest.mark.timeout(600)
def test_planted_mistakes_are_caught() -> None:
    mistakes = [
        ["group", "creat", "--name", "x", "--location", "y"],
        ["group", "create", "--nam", "x", "--location", "y"],
        ["group", "create", "--name", "x"],
        ["acr", "create", "--name", "a", "--resource-group", "b", "--sku", "Cheap"],
        ["containerapp", "create", "--name", "a", "--resource-group", "b", "--kind", "functionapp"],
        ["storage", "account", "create", "--name", "a", "--resource-group", "b", "--min-tls-version", "TLS9"],
        ["keyvault", "create", "--name", "a", "--resource-group", "b", "--enable-purge-protection", "maybe"],
    ]
    problems = inside("parse_commands.py", given=[*mistakes, ["group", "create", "--name", "x", "--location", "y"]])
    assert [bool(text) for text in problems] == [True] * len(mistakes) + [False]
