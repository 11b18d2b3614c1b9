"""Names in our ARM templates and in app.yaml exist, after the models that Microsoft ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.checks.tools import inside
from tests.deploy.running import ROOT, Deployment

MONITORING = [
    path for path in (ROOT / "infra/monitoring").glob("*.json") if "deploymentTemplate.json" in path.read_text()
]
TEMPLATES = sorted([*(ROOT / "infra/arm").glob("*.json"), *MONITORING])


def written(made: Deployment, folder: Path) -> str:
    """The app's YAML as it was sent."""
    path = folder / "app.yaml"
    path.write_text(made.of_kind("app")["ca-acme-media"]["yaml"])
    return str(path)


def test_every_name_in_the_templates_exists() -> None:
    assert inside("check_templates.py", *map(str, TEMPLATES)) == []


@pytest.mark.parametrize("which", ["plain", "full"])
def test_nothing_of_the_apps_yaml_is_lost_in_the_azure_cli(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    assert inside("check_templates.py", written(request.getfixturevalue(which), tmp_path)) == []


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("event-subscription.json", '"retryPolicy"', '"retryPolicies"'),
        ("event-subscription.json", '"endpointUrl"', '"endpointUri"'),
        ("storage-services.json", '"corsRules"', '"rules"'),
        ("storage-services.json", '"daysAfterModificationGreaterThan"', '"daysAfterModification"'),
        ("scheduler.json", '"ipAllowlist"', '"allowedIps"'),
        ("budget.json", '"thresholdType"', '"thresholdKind"'),
        ("front-door.json", '"queryStringCachingBehavior"', '"caching"'),
        ("app-insights.json", '"WorkspaceResourceId"', '"workspaceId"'),
        ("action-group.json", '"groupShortName"', '"shortName"'),
        ("action-group.json", "Microsoft.Insights/actionGroups", "Microsoft.Insights/actionGroup"),
    ],
)
def test_a_planted_mistake_in_a_template_is_caught(file: str, right: str, wrong: str, tmp_path: Path) -> None:
    text = (ROOT / "infra/arm" / file).read_text()
    assert right in text
    (tmp_path / file).write_text(text.replace(right, wrong))
    assert inside("check_templates.py", str(tmp_path / file)) != []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("keyVaultUrl:", "keyVaultUri:"),
        ("terminationGracePeriodSeconds:", "terminationGracePeriod:"),
        ("mountPath:", "path:"),
        ("minReplicas: 1", "minReplicas: one"),
        ("activeRevisionsMode:", "revisionsMode:"),
        ("image:", "picture:"),
    ],
)
def test_a_planted_mistake_in_the_apps_yaml_is_caught(
    plain: Deployment, right: str, wrong: str, tmp_path: Path
) -> None:
    path = Path(written(plain, tmp_path))
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong))
    assert inside("check_templates.py", str(path)) != []
