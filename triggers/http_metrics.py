"""`GET /metrics`, for Prometheus. It comes from storage: the same whichever worker answers, but for the live messages."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import azure.durable_functions as df
import azure.functions as func
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from activities import tools
from config.settings import settings
from core import naming
from core.deliveries import UNDELIVERED
from core.jobs import Row, latest_runs, newest_first
from triggers.http_savings import totals
from triggers.problems import problem

bp = df.Blueprint()


@bp.route(route="metrics", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
async def get_metrics(req: func.HttpRequest) -> func.HttpResponse:
    """Jobs, bytes and times of today (UTC), what waits, and what live messages were lost by this worker."""
    try:
        text = await asyncio.to_thread(lambda: generate_latest(_Today()))
    except Exception as error:  # noqa: BLE001 - whatever storage says: the scraper gets an answer, not a stack trace
        return problem(503, "storage_unavailable", f"The numbers cannot be had ({type(error).__name__}).")
    # Not as the mimetype: the SDK would add a second charset.
    return func.HttpResponse(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Today:
    """A collector, in the sense of the Prometheus library."""

    def collect(self) -> Iterator[Metric]:
        told = totals(1)
        yield _gauge("simpi_jobs", "Jobs that ended today", ["status"], told["totals"]["by_status"].items())
        for name, key in (("original", "original_size"), ("compressed", "compressed_size"), ("saved", "saved_bytes")):
            values = ((kind, of[key]) for kind, of in told["by_kind"].items())
            yield _gauge(f"simpi_{name}_bytes", f"Bytes of today's successes: {name}", ["kind"], values)
        yield _gauge("simpi_failures", "Jobs of today by error code", ["code"], told["by_code"].items())
        step_s = GaugeMetricFamily("simpi_step_seconds", "Seconds by step, of today", labels=["step", "quantile"])
        for step, spread in told["steps_s"].items():
            step_s.add_metric([step, "0.5"], spread["p50"])
            step_s.add_metric([step, "0.95"], spread["p95"])
        yield step_s
        queues = ((name, tools.queues().length(name)) for name in naming.QUEUES)
        yield _gauge("simpi_queue_messages", "Messages on a queue, about", ["queue"], queues)
        undelivered = sum(1 for _ in tools.blobs().names(naming.RECEIPTS, UNDELIVERED))
        yield GaugeMetricFamily("simpi_undelivered_jobs", "Jobs with something left to deliver", value=undelivered)
        index, today = tools.receipt_index(), datetime.now(UTC).date()
        bad = Counter(how for row in latest_runs(newest_first(index.rows(today))) for how in set(_bad(row)))
        yield _gauge(
            "simpi_untold_jobs", "Jobs that ended today and that somebody was not told of", ["delivery"], bad.items()
        )
        yield from _live()


def _bad(row: Row) -> Iterable[str]:
    return (row.undelivered or {}).values()


def _live() -> Iterator[Metric]:
    if settings().signalr_connection is None:
        return
    from adapters.live import open_live

    live = open_live(str(settings().signalr_connection))
    values = [("sent", live.sent), ("dropped", live.dropped)]
    yield _gauge("simpi_live_messages", "Live messages of this worker since its start", ["what"], values)


def _gauge(name: str, what: str, labels: list[str], values: Iterable[tuple[str, float]]) -> Metric:
    gauge = GaugeMetricFamily(name, what, labels=labels)
    for label, value in values:
        gauge.add_metric([label], value)
    return gauge
