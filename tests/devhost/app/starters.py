"""Every trigger, and every method of the durable client."""

import json
import os
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func
import azurefunctions.extensions.bindings.blob as blob

bp = df.Blueprint()

STORAGE = "AzureWebJobsStorage"


def prove(name: str, text: str) -> None:
    with (Path(os.environ["PROOF_DIR"]) / name).open("a") as file:
        file.write(text + "\n")


@bp.route(route="start/{name}/{id?}", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    given = req.get_json() if req.get_body() else None
    try:
        instance_id = await client.start_new(req.route_params["name"], req.route_params.get("id"), given)
    except Exception as error:
        return func.HttpResponse(str(error), status_code=409)
    return client.create_check_status_response(req, instance_id)


@bp.route(route="client/{id}", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def steer(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Call a method of the client by name; what it returns is shown as text."""
    method = req.params["do"]
    arguments = req.get_json()
    try:
        result = await getattr(client, method)(req.route_params["id"], **arguments)
    except Exception as error:
        return func.HttpResponse(str(error), status_code=400)
    if hasattr(result, "to_json"):
        result = result.to_json() if result else None  # a status of nothing is false
    return func.HttpResponse(json.dumps(result, default=vars), mimetype="application/json")


@bp.route(route="wait/{name}", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def wait(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new(req.route_params["name"], None, req.get_json())
    return await client.wait_for_completion_or_create_check_status_response(req, instance_id, 5000, 100)


@bp.route(route="find")
@bp.durable_client_input(client_name="client")
async def find(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> str:
    """How many instances the two listing methods see."""
    every = await client.get_status_all()
    some = await client.get_status_by(
        runtime_status=[df.OrchestrationRuntimeStatus.Completed], instance_id_prefix=req.params["prefix"]
    )
    return json.dumps({"every": len(every), "some": sorted(status.instance_id for status in some)})


@bp.route(route="echo/{*rest}")
def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    seen = {
        "method": req.method,
        "url": req.url,
        "rest": req.route_params.get("rest"),
        "q": req.params.get("q"),
        "header": req.headers.get("X-Given"),
        "body": req.get_body().decode(),
        "function": context.function_name,
    }
    return func.HttpResponse(
        json.dumps(seen), status_code=207, headers={"X-Answer": "yes"}, mimetype="application/json"
    )


@bp.route(route="fails")
def fails(req: func.HttpRequest) -> str:
    raise ValueError("a secret of the server")


@bp.blob_trigger(arg_name="upload", path="uploads/{name}", connection=STORAGE)
@bp.durable_client_input(client_name="client")
async def uploaded(upload: blob.BlobClient, client: df.DurableOrchestrationClient) -> None:
    """Start an orchestration for each upload; its id is the blob's name."""
    size = upload.get_blob_properties().size
    prove("uploads", upload.blob_name)
    await client.start_new("chain", upload.blob_name.replace("/", "-"), {"number": size, "times": 1})


@bp.blob_trigger(arg_name="stream", path="streams/{name}.txt", connection=STORAGE)
def streamed(stream: func.InputStream) -> None:
    prove("streams", f"{stream.name} {stream.length} {stream.read().decode()}")


@bp.blob_trigger(arg_name="bad", path="bad/{name}", connection=STORAGE)
def bad(bad: func.InputStream) -> None:
    prove("bad", str(bad.name))
    raise ValueError("always")


@bp.queue_trigger(arg_name="message", queue_name="jobs", connection=STORAGE)
@bp.queue_output(arg_name="done", queue_name="done", connection=STORAGE)
def job(message: func.QueueMessage, done: func.Out[str]) -> None:
    text = message.get_body().decode()
    prove("jobs", f"{text} {message.dequeue_count}")
    if text == "bad":
        raise ValueError("always")
    done.set(text.upper())


@bp.timer_trigger(arg_name="timer", schedule="* * * * * *", run_on_startup=True)
@bp.blob_output(arg_name="tick", path="ticks/last", connection=STORAGE)
def ticking(timer: func.TimerRequest, tick: func.Out[str]) -> None:
    prove("ticks", str(timer.past_due))
    tick.set("tick")
