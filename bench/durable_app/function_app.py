"""The smallest app that keeps the engine busy: orchestrations of one activity, and one of many activities."""

# mypy: disallow-untyped-decorators=False

import json
from collections.abc import Generator
from typing import Any

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="start", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start `count` orchestrations called `name`, each with `width` as input."""
    wish = req.get_json()
    ids = [await client.start_new(wish["name"], None, wish["width"]) for _ in range(wish["count"])]
    return func.HttpResponse(json.dumps(ids), mimetype="application/json")


@app.orchestration_trigger(context_name="context")
def one_after_the_other(context: df.DurableOrchestrationContext) -> Generator[Any, Any, int]:
    """As many activities as the input says, each after the one before."""
    total = 0
    for n in range(context.get_input()):
        total += yield context.call_activity("double", n)
    return total


@app.orchestration_trigger(context_name="context")
def side_by_side(context: df.DurableOrchestrationContext) -> Generator[Any, Any, int]:
    """As many activities as the input says, all at once."""
    return sum((yield context.task_all([context.call_activity("double", n) for n in range(context.get_input())])))


@app.activity_trigger(input_name="n")
def double(n: int) -> int:
    """As little work as possible."""
    return 2 * n
