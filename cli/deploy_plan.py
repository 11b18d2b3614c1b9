"""`./simpi deploy plan`: what a deployment consists of, and about what it costs a month."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cli.deploy_run import INFRA, names

SECONDS_A_MONTH = 730 * 3600
POLLS_A_MONTH = 6 * SECONDS_A_MONTH // 5
"""Durable looks at its four control queues, its work queue and ours at least every five seconds."""
REQUESTS_A_JOB = 60
"""Writes to storage that one job makes: staging, publishing, receipts, and what Durable notes of it."""
LOG_GB_A_JOB, LOG_GB_ALWAYS = 0.00005, 0.3
KEPT_SHARE = 1.4
"""What lies in storage for each byte uploaded in the month: the upload and its outputs."""


@dataclass(frozen=True)
class Usage:
    """What is assumed of a month."""

    uploads: int
    average_mb: float


@dataclass(frozen=True)
class Line:
    """One resource. `monthly` is in the table's currency; None where we know no price."""

    kind: str
    name: str
    what: str
    monthly: float | None = 0.0
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """All resources, with the table that the prices are from."""

    lines: list[Line]
    usage: Usage
    prices: dict[str, Any]

    @property
    def total(self) -> float:
        """The sum of what we know."""
        return sum(line.monthly or 0.0 for line in self.lines)

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        about = {key: self.prices[key] for key in ("as_of", "currency", "region", "how", "sources")}
        lines = [asdict(line) for line in self.lines]
        return {"resources": lines, "total_monthly": round(self.total, 2), "usage": asdict(self.usage), "prices": about}


def plan(arguments: Sequence[str], usage: Usage) -> Plan:
    """The plan for the parameters of a call.

    Raises: UsageError where a parameter is wrong.
    """
    given = names(arguments)
    table = json.loads((INFRA / "prices.json").read_text())
    return Plan([*_core(given, usage, table["prices"]), *_extras(given, usage, table["prices"])], usage, table)


def _core(given: dict[str, str], usage: Usage, price: dict[str, float]) -> list[Line]:
    busy, idle = compute(given, price)
    gigabytes = usage.uploads * usage.average_mb / 1000 * KEPT_SHARE
    storage = (
        gigabytes * price["blob_gb_month"]
        + usage.uploads * REQUESTS_A_JOB / 10_000 * price["blob_writes_10k"]
        + POLLS_A_MONTH / 10_000 * price["queue_10k"]
    )
    logs = max(0.0, usage.uploads * LOG_GB_A_JOB + LOG_GB_ALWAYS - price["log_gb_free"]) * price["log_gb"]
    events = max(0.0, usage.uploads - price["events_free"]) / 1e6 * price["event_million"]
    pool = f"1 to {given['MAX_REPLICAS']} replicas" if given["DTS"] == "true" else f"{given['REPLICAS']} fixed"
    size = f"{pool}, each {given['CPU']} vCPU, {given['MEMORY']}"
    return [
        Line("group", given["@RESOURCE_GROUP"], "everything lies in it"),
        Line("identity", given["@IDENTITY"], "the app acts as it; no passwords"),
        Line(
            "workspace", given["@WORKSPACE"], f"logs, kept {given['LOG_RETENTION_DAYS']} days", logs, "first 5 GB free"
        ),
        Line("Microsoft.Insights/components", given["@INSIGHTS"], "traces and metrics"),
        Line("registry", given["@REGISTRY"], "the image", price["registry_basic_month"]),
        Line("environment", given["@ENVIRONMENT"], "where the app runs"),
        Line(
            "storage",
            given["@STORAGE"],
            f"uploads, outputs, receipts, Durable's state: about {gigabytes:.0f} GB",
            storage,
        ),
        Line("vault", given["@VAULT"], "secrets", price["vault_10k"]),
        Line("app", given["@APP"], size, busy, f"while busy; {idle:.0f} if it idled all month"),
        Line("topic", given["@TOPIC"], "tells the app about uploads", events, "first 100,000 free"),
        Line("Microsoft.Insights/actionGroups", given["@ACTION_GROUP"], "who is told when something is wrong"),
    ]


def compute(given: dict[str, str], price: dict[str, float]) -> tuple[float, float]:
    """What the least number of replicas costs a month: always busy, and always idle."""
    replicas = 1 if given["DTS"] == "true" else int(given["REPLICAS"])
    vcpu_seconds = replicas * float(given["CPU"]) * SECONDS_A_MONTH
    gib_seconds = replicas * float(given["MEMORY"].removesuffix("Gi")) * SECONDS_A_MONTH
    memory = max(0.0, gib_seconds - price["gib_seconds_free"]) * price["gib_second"]
    billed = max(0.0, vcpu_seconds - price["vcpu_seconds_free"])
    return billed * price["vcpu_second_active"] + memory, billed * price["vcpu_second_idle"] + memory


def _extras(given: dict[str, str], usage: Usage, price: dict[str, float]) -> list[Line]:
    lines: list[Line] = []
    if given["API_AUTH"] == "easyauth" and not given["SIGN_IN_CLIENT_ID"]:
        lines.append(Line("registration", given["@SIGN_IN_APP"], "sign-in with Entra ID"))
    if rules := alert_rules():
        lines.append(Line("alerts", f"{rules} rules", "see infra/monitoring", rules * price["alert_rule_month"]))
    if given["BUDGET_AMOUNT"] != "0":
        lines.append(
            Line("Microsoft.Consumption/budgets", given["@BUDGET"], f"warns at 80 % of {given['BUDGET_AMOUNT']}")
        )
    if given["ALLOWED_IP_RANGES"]:
        lines.append(Line("vnet", given["@VNET"], "storage is closed to everybody else"))
    if given["SIGNALR"] != "none":
        cost = price["signalr_standard_month"] if given["SIGNALR"] == "Standard_S1" else 0.0
        lines.append(Line("signalr", given["@SIGNALR_NAME"], "live progress in the page", cost))
    if given["DTS"] == "true":
        note = "by the action; see the price page of Functions"
        lines.append(Line("Microsoft.DurableTask/schedulers", given["@SCHEDULER"], "lets the app scale", None, note))
    if given["FRONT_DOOR"] == "true":
        served = usage.uploads * usage.average_mb / 1000 * (KEPT_SHARE - 1) * price["front_door_gb"]
        cost = price["front_door_standard_month"] + served
        lines.append(
            Line(
                "Microsoft.Cdn/profiles",
                given["@FRONT_DOOR_NAME"],
                "serves public outputs",
                cost,
                "if each is read once",
            )
        )
    return lines


def alert_rules() -> int:
    """How many alert rules the monitoring templates have."""
    templates = (json.loads(path.read_text()) for path in sorted((INFRA / "monitoring").glob("*.json")))
    kinds = [resource["type"] for template in templates for resource in template.get("resources", ())]
    return sum(kind in ("Microsoft.Insights/scheduledQueryRules", "Microsoft.Insights/metricAlerts") for kind in kinds)


def show(made: Plan) -> None:
    """The plan for people."""
    from cli.console import note, out
    from cli.tables import plain_table

    table = plain_table("resource", "name", "what", made.prices["currency"], "", right=(made.prices["currency"],))
    for line in made.lines:
        cost = "?" if line.monthly is None else f"{line.monthly:.2f}" if line.monthly else "–"
        table.add_row(line.kind.rsplit("/", 1)[-1], line.name, line.what, cost, line.note)
    table.add_section()
    table.add_row("about, per month", "", "", f"{made.total:.0f}", "")
    out().print(table)
    note(f"For {made.usage.uploads:,} uploads of {made.usage.average_mb:g} MB a month (--uploads, --average-mb).")
    note(f"Prices of {made.prices['as_of']}: {made.prices['region']}.")
    note(f"{made.prices['how']} Sources: infra/prices.json. Data that leaves Azure costs extra.")
