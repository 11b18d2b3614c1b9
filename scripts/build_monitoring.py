"""Makes the alert rules and the workbook from the queries beside them: `python scripts/build_monitoring.py`.

The queries are the source; both files are ARM templates, to be deployed with `az deployment group create`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "infra" / "monitoring"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"

CHARTS = {
    "success-rate": "barchart",
    "duration": "linechart",
    "steps": "table",
    "by-file-type": "table",
    "ratio": "linechart",
    "queue-depth": "linechart",
    "poison": "table",
    "retries": "table",
    "deliveries": "table",
}

# name: (query, what follows it, severity, how often, over what time, what it means)
ALERTS = {
    "failed-jobs": ("poison", "", 2, "PT5M", "PT15M", "A job failed for good: look at the poison queue and redrive."),
    "low-success-rate": (
        "success-rate",
        "| where jobs >= 10 and success_rate_percent < 80",
        1,
        "PT15M",
        "PT1H",
        "Fewer than four in five jobs succeed.",
    ),
    "slow-jobs": (
        "duration",
        "| where p95_s > 600",
        3,
        "PT15M",
        "PT1H",
        "One job in twenty takes more than ten minutes.",
    ),
    "long-queue": (
        "queue-depth",
        '| where queue == "media-processing-queue" and messages > 500',
        2,
        "PT15M",
        "PT30M",
        "Jobs pile up: more workers, or something holds them.",
    ),
    "undelivered": (
        "deliveries",
        '| where delivery in ("refused", "failed")',
        2,
        "PT15M",
        "PT1H",
        "SIMPI or the subscriber refused an update, or was away for a day.",
    ),
}


def query(name: str) -> str:
    """One query as it is run."""
    return (FOLDER / f"{name}.kql").read_text(encoding="utf-8").strip()


def alerts() -> dict[str, Any]:
    """The template of the alert rules."""
    rules = []
    for name, (source, more, severity, every, over, meaning) in ALERTS.items():
        criterion = {
            "query": "\n".join(filter(None, [query(source), more])),
            "timeAggregation": "Count",
            "operator": "GreaterThan",
            "threshold": 0,
            "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
        }
        rules.append(
            {
                "type": "Microsoft.Insights/scheduledQueryRules",
                "apiVersion": "2023-12-01",
                "name": f"simpi-{name}",
                "location": "[resourceGroup().location]",
                "properties": {
                    "displayName": f"SIMPI media: {name}",
                    "description": meaning,
                    "severity": severity,
                    "enabled": True,
                    "evaluationFrequency": every,
                    "windowSize": over,
                    "scopes": ["[parameters('applicationInsightsId')]"],
                    "criteria": {"allOf": [criterion]},
                    "autoMitigate": True,
                    "actions": {"actionGroups": "[parameters('actionGroupIds')]"},
                },
            }
        )
    return _template(rules, {"actionGroupIds": {"type": "array", "defaultValue": []}})


def workbook() -> dict[str, Any]:
    """The template of the workbook: every query as a tile."""
    items: list[dict[str, Any]] = [{"type": 1, "content": {"json": "# SIMPI media compression"}, "name": "title"}]
    for name, chart in CHARTS.items():
        content = {
            "version": "KqlItem/1.0",
            "query": query(name),
            "size": 1,
            "title": query(name).splitlines()[0].removeprefix("// "),
            "timeContext": {"durationMs": 7 * 24 * 3600 * 1000},
            "queryType": 0,
            "resourceType": "microsoft.insights/components",
            "visualization": chart,
        }
        items.append({"type": 3, "content": content, "name": name})
    book = {
        "type": "Microsoft.Insights/workbooks",
        "apiVersion": "2023-06-01",
        "name": "[guid(resourceGroup().id, 'simpi-media')]",
        "location": "[resourceGroup().location]",
        "kind": "shared",
        "properties": {
            "displayName": "SIMPI media compression",
            "category": "workbook",
            "sourceId": "[parameters('applicationInsightsId')]",
            "serializedData": json.dumps({"version": "Notebook/1.0", "items": items}),
        },
    }
    return _template([book], {})


def _template(resources: list[dict[str, Any]], parameters: dict[str, Any]) -> dict[str, Any]:
    parameters = {"applicationInsightsId": {"type": "string"}, **parameters}
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "parameters": parameters, "resources": resources}


FILES = {"alerts.json": alerts, "workbook.json": workbook}


if __name__ == "__main__":
    for file, make in FILES.items():
        (FOLDER / file).write_text(json.dumps(make(), indent=2) + "\n", encoding="utf-8")
