"""`GET /api/savings`: what was saved, how fast, and what went wrong."""

import asyncio
import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from core.jobs import latest_runs, newest_first
from core.receipt import stamp
from core.savings import savings
from triggers.principal import asker, sign_in
from triggers.problems import answer, problem
from triggers.wishes import whole_number

bp = df.Blueprint()

USUAL_DAYS, MOST_DAYS = 30, 366
FRESH_S = 5.0

_lock = threading.Lock()
_known: dict[tuple[date, int], tuple[float, dict[str, Any]]] = {}


@bp.route(route="api/savings", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def get_savings(req: func.HttpRequest) -> func.HttpResponse:
    """The totals of the last `days` (30), today included, in UTC. They name no upload and no user."""
    if asker(req) is None:
        return sign_in()
    days = whole_number(req.params.get("days", str(USUAL_DAYS)), 1, MOST_DAYS)
    if days is None:
        return problem(400, "bad_request", f"days is a number from 1 to {MOST_DAYS}")
    return answer(await asyncio.to_thread(totals, days))


def totals(days: int) -> dict[str, Any]:
    """The totals of the last so many days; computed at most every few seconds, by one thread."""
    today = datetime.now(UTC).date()
    with _lock:
        at, known = _known.get((today, days), (0.0, {}))
        if not known or time.monotonic() - at > FRESH_S:
            known = _computed(today, days)
            _known.clear()
            _known[(today, days)] = (time.monotonic(), known)
        return known


def _computed(today: date, days: int) -> dict[str, Any]:
    first, index = today - timedelta(days=days - 1), tools.receipt_index()
    rows = [row for day in index.days() if day >= first for row in newest_first(index.rows(day))]
    span = {"from": first.isoformat(), "to": today.isoformat(), "generated_at": stamp(datetime.now(UTC))}
    return {**span, **savings(latest_runs(rows))}
