"""`plan` shows what `up` makes, and adds up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.deploy_plan import Usage, compute, plan
from cli.deploy_run import INFRA, names
from cli.errors import UsageError
from tests.deploy.running import WHERE, Deployment

USAGE = Usage(uploads=3000, average_mb=20)
PRICES = json.loads((INFRA / "prices.json").read_text())
BESIDES = {"alerts"}
"""A line of the plan that stands for several resources."""
PARTS = {"role", "provider", "deployment", "image", "secret", "diagnostics", "principal", "subnet"}
"""What a deployment makes that is no resource with a name and a price of its own."""


@pytest.mark.parametrize("which", ["plain", "full"])
def test_the_plan_is_what_a_deployment_makes(which: str, request: pytest.FixtureRequest) -> None:
    made: Deployment = request.getfixturevalue(which)
    parameters = made.folder / "parameters.env"
    arguments = [*WHERE, *(("--parameters", str(parameters)) if parameters.exists() else ())]
    kinds = {line.kind for line in plan(arguments, USAGE).lines} - BESIDES
    tops = {key.rsplit("/", 1)[0] if key.startswith("Microsoft") else key.split("/")[0] for key in made.things}
    nested = {kind for kind in tops if kind.count("/") > 1}
    alerts = {
        "Microsoft.Insights/scheduledQueryRules",
        "Microsoft.Insights/metricAlerts",
        "Microsoft.Insights/workbooks",
    }
    assert kinds == tops - nested - PARTS - alerts - {"Microsoft.Insights"}


def test_the_names_are_those_of_the_deployment(plain: Deployment) -> None:
    planned = names(WHERE, subscription="11111111-1111-1111-1111-111111111111")
    assert planned["@STORAGE"] in plain.of_kind("storage")
    assert planned["@VAULT"] in plain.of_kind("vault")
    assert planned["@APP"] in plain.of_kind("app")


def test_the_app_costs_what_its_seconds_cost() -> None:
    given = {"DTS": "false", "REPLICAS": "1", "CPU": "2.0", "MEMORY": "4Gi"}
    busy, idle = compute(given, PRICES["prices"])
    assert busy == pytest.approx((2 * 2_628_000 - 180_000) * 0.000024 + (4 * 2_628_000 - 360_000) * 0.000003)
    assert idle < busy / 3
    assert compute({**given, "REPLICAS": "3"}, PRICES["prices"])[0] > 3 * busy
    assert compute({**given, "DTS": "true", "REPLICAS": "9"}, PRICES["prices"])[0] == busy, (
        "the least number of replicas"
    )


def test_more_uploads_cost_more_and_the_sum_is_the_sum() -> None:
    few, many = plan(WHERE, USAGE), plan(WHERE, Usage(uploads=300_000, average_mb=20))
    assert many.total > few.total
    assert few.total == pytest.approx(sum(line.monthly or 0 for line in few.lines))


def test_prices_say_when_they_were_and_where_from() -> None:
    told = plan(WHERE, USAGE).to_dict()["prices"]
    assert told["as_of"].startswith("20")
    assert all(source.startswith("https://azure.microsoft.com/pricing/") for source in told["sources"])
    assert "check" in told["how"]


def test_a_wrong_parameter_is_told_in_the_scripts_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="3 to 16"):
        plan(["--name", "x", "--location", "westeurope"], USAGE)
    with pytest.raises(UsageError, match="cannot read"):
        plan([*WHERE, "--parameters", str(tmp_path / "none.env")], USAGE)
