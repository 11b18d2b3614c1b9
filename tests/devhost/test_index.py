"""What an app must look like, and what it is told when it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from devhost.app_index import App, index
from devhost.host_json import ConfigError, HostJson, seconds


def indexed(app: df.DFApp) -> App:
    return index(app.get_functions())


def test_an_app_is_indexed_with_its_triggers_inputs_and_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUEUE_NAME", "orders")
    app = df.DFApp()

    @app.queue_trigger(arg_name="message", queue_name="%QUEUE_NAME%", connection="Storage")
    @app.queue_output(arg_name="out", queue_name="done", connection="Storage")
    @app.durable_client_input(client_name="client")
    async def take(message: func.QueueMessage, out: func.Out[str], client: str, context: func.Context) -> None: ...

    @app.activity_trigger(input_name="x", activity="other_name")
    def act(x: int) -> int:
        return x

    take_indexed, act_indexed = indexed(app).functions
    assert (take_indexed.name, take_indexed.trigger.settings["queueName"], take_indexed.is_async) == (
        "take",
        "orders",
        True,
    )
    assert [b.name for b in take_indexed.inputs] == ["client"]
    assert [b.name for b in take_indexed.outputs] == ["out"]
    assert (act_indexed.name, act_indexed.durable_name) == ("act", "other_name")


def unknown_trigger(app: df.DFApp) -> None:
    @app.service_bus_queue_trigger(arg_name="m", queue_name="q", connection="c")
    def bus(m: func.ServiceBusMessage) -> None: ...


def unknown_output(app: df.DFApp) -> None:
    @app.timer_trigger(arg_name="t", schedule="0 * * * * *")
    @app.table_output(arg_name="row", table_name="t", connection="c")
    def rows(t: func.TimerRequest, row: func.Out[str]) -> None: ...


def missing_parameter(app: df.DFApp) -> None:
    @app.timer_trigger(arg_name="t", schedule="0 * * * * *")
    def lacking() -> None: ...


def unbound_parameter(app: df.DFApp) -> None:
    @app.timer_trigger(arg_name="t", schedule="0 * * * * *")
    def extra(t: func.TimerRequest, more: str) -> None: ...


def missing_setting(app: df.DFApp) -> None:
    @app.timer_trigger(arg_name="t", schedule="%NOT_THERE%")
    def unset(t: func.TimerRequest) -> None: ...


def same_activity(app: df.DFApp) -> None:
    @app.activity_trigger(input_name="x", activity="Same")
    def one(x: int) -> None: ...

    @app.activity_trigger(input_name="x", activity="same")
    def two(x: int) -> None: ...


def generic_annotation(app: df.DFApp) -> None:
    @app.activity_trigger(input_name="x")
    def act(x: dict[str, Any]) -> str: ...


def underscored_binding(app: df.DFApp) -> None:
    @app.activity_trigger(input_name="the_input")
    def act(the_input: dict) -> str: ...  # type: ignore[type-arg]


def bad_name(app: df.DFApp) -> None:
    @app.function_name("Host")
    @app.activity_trigger(input_name="x")
    def act(x: str) -> str: ...


def output_as_input(app: df.DFApp) -> None:
    @app.timer_trigger(arg_name="t", schedule="0 * * * * *")
    @app.queue_output(arg_name="out", queue_name="done", connection="Storage")
    def put(t: func.TimerRequest, out: str) -> None: ...


def untaken_return(app: df.DFApp) -> None:
    @app.timer_trigger(arg_name="t", schedule="0 * * * * *")
    def tick(t: func.TimerRequest) -> str: ...


def sync_client(app: df.DFApp) -> None:
    @app.timer_trigger(arg_name="t", schedule="0 * * * * *")
    @app.durable_client_input(client_name="client")
    def start(t: func.TimerRequest, client: str) -> None: ...


def five_fields(app: df.DFApp) -> None:
    @app.timer_trigger(arg_name="t", schedule="* * * * *")
    def often(t: func.TimerRequest) -> None: ...


def bad_context(app: df.DFApp) -> None:
    @app.timer_trigger(arg_name="t", schedule="0 * * * * *")
    def tick(t: func.TimerRequest, context: str) -> None: ...


def reserved_route(app: df.DFApp) -> None:
    @app.route(route="Admin/x")
    def page(req: func.HttpRequest) -> func.HttpResponse: ...


def same_route(app: df.DFApp) -> None:
    @app.route(route="api/x", methods=["GET", "POST"])
    def one(req: func.HttpRequest) -> func.HttpResponse: ...

    @app.route(route="API/x", methods=["POST"])
    def two(req: func.HttpRequest) -> func.HttpResponse: ...


def bad_queue(app: df.DFApp) -> None:
    @app.queue_trigger(arg_name="m", queue_name="my_queue", connection="Storage")
    def take(m: func.QueueMessage) -> None: ...


def bad_container(app: df.DFApp) -> None:
    @app.blob_trigger(arg_name="b", path="Uploads/{name}", connection="Storage")
    def take(b: func.InputStream) -> None: ...


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (generic_annotation, r"function 'act': the worker refuses the annotation dict\[str, typing.Any\] of 'x'"),
        (underscored_binding, "function 'act': the binding 'the_input' needs a name of letters and digits only"),
        (bad_name, "function 'Host': this is no name that a function may have"),
        (output_as_input, "function 'put': 'out' is an output, its annotation says otherwise"),
        (untaken_return, "function 'tick': it returns something, and no output binding takes it"),
        (sync_client, "function 'start': it has a durable client"),
        (five_fields, "function 'often': a schedule has six fields"),
        (bad_context, "function 'tick': its parameter context must be an azure.functions.Context"),
        (reserved_route, "function 'page': its route may not begin with admin or runtime"),
        (same_route, "function 'two': another function has the route POST /api/x already"),
        (bad_queue, "function 'take': 'my_queue' is no name of a queue or container"),
        (bad_container, "function 'take': 'Uploads' is no name of a queue or container"),
        (unknown_trigger, "function 'bus': devhost does not know the binding 'serviceBusTrigger'"),
        (unknown_output, "function 'rows': devhost does not know the binding 'table'"),
        (missing_parameter, r"function 'lacking': its bindings name parameters that it lacks: \['t'\]"),
        (unbound_parameter, r"function 'extra': no binding gives it the parameters \['more'\]"),
        (missing_setting, "function 'unset': the setting %NOT_THERE% of a binding is not in the environment"),
        (same_activity, "the orchestrator or activity name 'same' is there twice"),
    ],
)
def test_what_the_real_host_or_devhost_cannot_run_is_refused_by_name(build: Any, told: str) -> None:
    app = df.DFApp()
    build(app)
    with pytest.raises(ConfigError, match=told):
        indexed(app)


def test_host_json_has_the_real_hosts_defaults(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    settings = HostJson.read(tmp_path)
    assert (settings.route_prefix, settings.poison_blob_threshold) == ("api", 5)
    assert (settings.queues.base64, settings.queues.max_dequeue_count) == (True, 5)


def test_host_json_settings_are_taken(tmp_path: Path) -> None:
    extensions = {
        "http": {"routePrefix": "v1"},
        "queues": {"messageEncoding": "none", "visibilityTimeout": "00:01:30", "batchSize": 100},
        "durableTask": {"hubName": "Hub", "maxConcurrentActivityFunctions": 3},
    }
    (tmp_path / "host.json").write_text(json.dumps({"extensions": extensions}))
    settings = HostJson.read(tmp_path)
    assert (settings.route_prefix, settings.hub_name, settings.activities_at_once) == ("v1", "Hub", 3)
    assert (settings.queues.base64, settings.queues.retry_after_s, settings.queues.batch_size) == (False, 90, 32)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "host.json is missing"),
        ("{", "host.json is not valid JSON"),
        (
            '{"extensions": {"durableTask": {"maxConcurrentActivityFunctions": 0}}}',
            "maxConcurrentActivityFunctions is 0",
        ),
        ('{"extensions": {"queues": {"visibilityTimeout": "soon"}}}', "'soon' is not a time span"),
        ('{"extensions": {"durableTask": {"hubName": "my-media"}}}', "hubName is 'my-media'"),
        (
            '{"extensions": {"durableTask": {"storageProvider": {"partitionCount": 17}}}}',
            "partitionCount is 17, it must be at most 16",
        ),
        (
            '{"extensions": {"durableTask": {"storageProvider": {"maxQueuePollingInterval": "00:00:00"}}}}',
            "maxQueuePollingInterval must be longer",
        ),
    ],
)
def test_a_bad_host_json_is_told(tmp_path: Path, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / "host.json").write_text(text)
    with pytest.raises(ConfigError, match=told):
        HostJson.read(tmp_path)


def test_time_spans_have_days_and_fractions() -> None:
    assert seconds("1.02:03:04.5") == 93784.5
