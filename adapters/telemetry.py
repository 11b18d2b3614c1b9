"""OpenTelemetry: one trace per job, and numbers, to Application Insights or an OTLP collector, where one is set.

A job's id is its trace's id: `media-` and 32 hex digits, which is just what a trace id is. So every process that does a step
of a job adds to the same trace without anything being handed over, and an operator finds the trace by the job's id.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from config.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

SERVICE = "simpi-media-compression"
EXPORT_EVERY_MS, METRICS_EVERY_MS = 1000, 15_000

_root: ContextVar[tuple[int, int] | None] = ContextVar("root", default=None)


class Telemetry:
    """Where spans and numbers go; see `open_telemetry`."""

    def __init__(self, spans: list[SpanExporter], numbers: list[MetricExporter]) -> None:
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        resource = Resource.create({"service.name": SERVICE})
        self._traces = _provider(resource)
        for exporter in spans:
            self._traces.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EXPORT_EVERY_MS))
        readers = [PeriodicExportingMetricReader(one, export_interval_millis=METRICS_EVERY_MS) for one in numbers]
        self._metrics = MeterProvider(readers, resource=resource)
        meter = self._metrics.get_meter(SERVICE)
        self._tracer = self._traces.get_tracer(SERVICE)
        self._steps = meter.create_histogram("simpi.step.duration", "s", "Seconds of one step")
        self._jobs = meter.create_counter("simpi.jobs", "{job}", "Jobs that ended")
        self._bytes = meter.create_counter("simpi.bytes", "By", "Bytes of successes: original, compressed")

    @contextmanager
    def step(self, instance_id: str, name: str, **facts: str | int) -> Iterator[Span]:
        """One step of a job as a span of the job's trace; an exception that passes through is recorded in it."""
        from opentelemetry import trace

        trace_id, span_id = _ids(instance_id)
        parent = trace.SpanContext(trace_id, span_id, is_remote=True, trace_flags=trace.TraceFlags(1))
        context = trace.set_span_in_context(trace.NonRecordingSpan(parent))
        facts = {"simpi.instance_id": instance_id, **{f"simpi.{key}": value for key, value in facts.items()}}
        with self._tracer.start_as_current_span(name, context, attributes=facts) as span:
            yield span

    def step_took(self, name: str, seconds: float, *, ok: bool) -> None:
        """Count how long a step took."""
        self._steps.record(seconds, {"step": name, "ok": ok})

    def job_ended(self, receipt: dict[str, Any]) -> None:
        """The whole job as the span above its steps, and in the numbers."""
        from opentelemetry.context import Context

        kind = receipt["kind"] or "unknown"
        facts = {key: receipt[key] for key in ("status", "error_code", "action", "format") if receipt[key] is not None}
        attributes = {f"simpi.{key}": value for key, value in {"kind": kind, **facts}.items()}
        token = _root.set(_ids(receipt["instance_id"]))
        try:
            span = self._tracer.start_span(
                "compress_media", Context(), attributes=attributes, start_time=_nanoseconds(receipt["started_at"])
            )
        finally:
            _root.reset(token)
        span.end(_nanoseconds(receipt["completed_at"]))
        self._jobs.add(1, {"status": receipt["status"], "kind": kind})
        if receipt["compressed_size"] is not None:
            self._bytes.add(receipt["original_size"], {"what": "original", "kind": kind})
            self._bytes.add(receipt["compressed_size"], {"what": "compressed", "kind": kind})

    def flush(self) -> None:
        """Send what is left."""
        self._traces.force_flush(5000)
        self._metrics.force_flush(5000)

    def close(self) -> None:
        """Send what is left, and stop."""
        self._traces.shutdown()
        self._metrics.shutdown(5000)


@cache
def open_telemetry(settings: Settings) -> Telemetry | None:
    """The telemetry of this process, or None where no collector is configured."""
    spans: list[SpanExporter] = []
    numbers: list[MetricExporter] = []
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        spans.append(OTLPSpanExporter(f"{settings.otlp_endpoint}/v1/traces"))
        numbers.append(OTLPMetricExporter(f"{settings.otlp_endpoint}/v1/metrics"))
    if settings.app_insights:
        from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter, AzureMonitorTraceExporter

        access: dict[str, Any] = {"connection_string": settings.app_insights}
        if settings.app_insights_by_identity:
            from azure.identity import DefaultAzureCredential

            access["credential"] = DefaultAzureCredential()
        spans.append(AzureMonitorTraceExporter(**access))
        numbers.append(AzureMonitorMetricExporter(**access))
    return Telemetry(spans, numbers) if spans else None


def _provider(resource: Any) -> TracerProvider:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class JobIds(RandomIdGenerator):
        """Random ids, but for the span of a whole job."""

        def generate_trace_id(self) -> int:
            root = _root.get()
            return root[0] if root else super().generate_trace_id()

        def generate_span_id(self) -> int:
            root = _root.get()
            return root[1] if root else super().generate_span_id()

    return TracerProvider(resource=resource, id_generator=JobIds())


def _ids(instance_id: str) -> tuple[int, int]:
    """The trace of a job, and the span of the whole job in it."""
    digits = instance_id.rpartition("-")[2]
    return int(digits, 16) or 1, int(digits[-16:], 16) or 1


def _nanoseconds(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).timestamp() * 1000) * 1_000_000
