"""Parameters are checked before anything is called; a dry run calls nothing."""

from __future__ import annotations

import pytest

from tests.deploy.running import ROOT, WHERE, Deployment, words


def test_a_dry_run_calls_nothing_and_shows_every_command(deployment: Deployment, plain: Deployment) -> None:
    shown = deployment.up("--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert deployment.calls == []
    shapes = {words(line.split()[1:]) for line in shown.stdout.splitlines() if line.startswith("az ")}
    assert {words(call) for call in plain.calls} - shapes <= {"keyvault list-deleted", "containerapp auth show"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--name", "ab", "--location", "westeurope"], "3 to 16"),
        (["--name", "Acme", "--location", "westeurope"], "lower-case"),
        (["--name", "acme--media", "--location", "westeurope"], "single hyphens"),
        (["--name", "a-name-far-too-long", "--location", "westeurope"], "3 to 16"),
        (["--name", "acme"], "--location"),
        (["--name", "acme", "--location", "West Europe"], "short name"),
        ([*WHERE, "--cpu", "1.0"], "go with 2Gi"),
        ([*WHERE, "--cpu", "9"], "CPU=9"),
        ([*WHERE, "--replicas", "0"], "1 to 100"),
        ([*WHERE, "--front-door"], "PROCESSED_ACCESS=public"),
        ([*WHERE, "--frontdoor"], "what is «--frontdoor»?"),
        ([*WHERE, "--signalr", "Premium"], "Free_F1"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_is_called(
    deployment: Deployment, arguments: list[str], says: str
) -> None:
    done = deployment.script("deploy.sh", *arguments)
    assert done.returncode != 0
    assert says in done.stderr
    assert deployment.calls == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("CORS_ORIGINS=*", "never *"),
        ("CORS_ORIGINS=http://simpi.example", "https://host"),
        ("SIMPI_API_TOKEN=abc", "does not belong in a file"),
        ("REPLICA=2", "there is no parameter REPLICA"),
        ("REPLICAS: 2", "is not KEY=VALUE"),
        ("ALLOWED_IP_RANGES=0.0.0.0/0", "ALLOWED_IP_RANGES"),
        ("NAME=$(touch executed)", "NAME="),
        ("SIGNALR=none; touch executed", "SIGNALR="),
    ],
)
def test_a_parameters_file_is_checked_and_never_executed(deployment: Deployment, text: str, says: str) -> None:
    file = deployment.folder / "mine.env"
    file.write_text(text + "\n")
    done = deployment.script(
        "deploy.sh", "--location", "westeurope", "--parameters", str(file), *(WHERE[:2] if "NAME" not in text else ())
    )
    assert done.returncode != 0
    assert says in done.stderr
    assert deployment.calls == []
    assert not (ROOT / "executed").exists()
