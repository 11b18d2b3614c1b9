"""A second app, only for devhost's tests: one function for each thing that a host must do."""

import json
import time

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


# Activities


@app.activity_trigger(input_name="x")
def double(x: int) -> int:
    return x * 2


@app.activity_trigger(input_name="ms")
def pause(ms: int) -> int:
    time.sleep(ms / 1000)
    return ms


# Orchestrators


@app.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext):
    """Double a number as often as the input says."""
    given = context.get_input()
    number = given["number"]
    for _ in range(given["times"]):
        number = yield context.call_activity("double", number)
    return number


@app.orchestration_trigger(context_name="context")
def fan(context: df.DurableOrchestrationContext):
    """Double all numbers below the input, at the same time."""
    return (yield context.task_all([context.call_activity("double", i) for i in range(context.get_input())]))


# Triggers


@app.route(route="start/{name}/{id?}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    body = req.get_body()
    given = json.loads(body) if body else None
    instance_id = await client.start_new(req.route_params["name"], req.route_params.get("id"), given)
    return client.create_check_status_response(req, instance_id)
