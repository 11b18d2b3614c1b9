"""Traces and numbers, sent to a real HTTP server and read back with OpenTelemetry's own messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from adapters.telemetry import Telemetry, open_telemetry
from config.settings import Settings
from core.job import job_for
from core.receipt import Outcome, make_receipt
from tests.outside.receiver import Receiver

STORAGE = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}
JOB = job_for("a.jpg", "0x1", 1000)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def all_spans(receiver: Receiver) -> Iterator[tuple[str, Any]]:
    """The spans that came in, with their names."""
    for request in list(receiver.requests):
        if request.path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans:
                yield from ((span.name, span) for scope in resource.scope_spans for span in scope.spans)


def spans_in(receiver: Receiver) -> dict[str, Any]:
    """The last span of each name that came in."""
    return dict(all_spans(receiver))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def telemetry(receiver: Receiver) -> Iterator[Telemetry]:
    telemetry = open_telemetry(Settings.load({**STORAGE, "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}))
    assert telemetry is not None
    yield telemetry
    telemetry.close()


def test_all_steps_of_a_job_are_in_one_trace_whose_id_is_the_jobs(receiver: Receiver, telemetry: Telemetry) -> None:
    for step in ("announce", "probe", "notify"):
        with telemetry.step(JOB.instance_id, step, bytes=1000):
            pass
    telemetry.job_ended(make_receipt(JOB, Outcome(kind="image"), NOON, NOON))
    telemetry.flush()
    spans = spans_in(receiver)
    assert set(spans) == {"announce", "probe", "notify", "compress_media"}
    assert {span.trace_id.hex() for span in spans.values()} == {JOB.instance_id.removeprefix("media-")}
    root = spans.pop("compress_media")
    assert root.parent_span_id == b""
    assert {span.parent_span_id for span in spans.values()} == {root.span_id}


def test_a_step_that_fails_says_so_in_its_span(receiver: Receiver, telemetry: Telemetry) -> None:
    with pytest.raises(OSError, match="on fire"), telemetry.step(JOB.instance_id, "probe"):
        raise OSError("the disk is on fire")
    telemetry.flush()
    span = spans_in(receiver)["probe"]
    assert (span.status.code, [event.name for event in span.events]) == (2, ["exception"])


def test_numbers_of_jobs_bytes_and_steps_arrive(receiver: Receiver, telemetry: Telemetry) -> None:
    telemetry.step_took("probe", 0.5, ok=True)
    telemetry.job_ended({**make_receipt(JOB, Outcome(kind="image"), NOON, NOON), "compressed_size": 400})
    telemetry.flush()
    bodies = [request.body for request in receiver.requests if request.path == "/v1/metrics"]
    resources = [one for body in bodies for one in ExportMetricsServiceRequest.FromString(body).resource_metrics]
    names = {metric.name for resource in resources for scope in resource.scope_metrics for metric in scope.metrics}
    assert names >= {"simpi.jobs", "simpi.bytes", "simpi.step.duration"}


def test_without_a_collector_there_is_none() -> None:
    assert open_telemetry(Settings.load(STORAGE)) is None


def test_application_insights_takes_its_connection_string() -> None:
    key = "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://127.0.0.1:9/"
    telemetry = open_telemetry(Settings.load({**STORAGE, "APPLICATIONINSIGHTS_CONNECTION_STRING": key}))
    assert telemetry is not None
