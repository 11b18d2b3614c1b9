"""`GET /api/jobs`: the jobs, newest first, page by page."""

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from core import naming
from core.deliveries import FAILED, PENDING, REFUSED
from core.jobs import Row, Wanted, latest_runs, newest_first, position
from core.receipt import TERMINAL
from triggers.problems import answer, problem
from triggers.under_way import jobs_under_way
from triggers.wishes import whole_number

bp = df.Blueprint()

USUAL, MOST = 50, 500
RUNNING = "running"
UNDELIVERED = (PENDING, REFUSED, FAILED)
BY_HOST = {"code", "clientId"}
"""The function key, and whose it is."""
KNOWN = {"status", "delivery", "prefix", "kind", "error_code", "since", "until", "limit", "cursor"} | BY_HOST


class BadQuery(ValueError):
    """A query that cannot be answered; the text says why."""


@bp.route(route="api/jobs", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def get_jobs(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Those that run, then those that have ended. `next` is the `cursor` of the following page, or null.

    Filters: `status` and `delivery` (with commas), `prefix` of the blob name, `kind`, `error_code`, `since`, `until`
    (ISO 8601, UTC).
    """
    try:
        wanted, limit, after = parse(dict(req.params))
    except BadQuery as error:
        return problem(400, "bad_request", str(error))
    with_running = after is None and not wanted.deliveries and (not wanted.statuses or RUNNING in wanted.statuses)
    running = await _running(client, wanted.prefix) if with_running else []
    ended = await asyncio.to_thread(lambda: page(wanted, limit + 1, after)) if wanted.statuses != {RUNNING} else []
    more = position(ended[limit - 1]) if len(ended) > limit else None
    jobs = running + [row.shown() for row in ended[:limit]]
    return answer({"jobs": jobs, "next": _cursor(more) if more else None})


def parse(query: dict[str, str]) -> tuple[Wanted, int, tuple[str, str] | None]:
    """What is wanted, how many, and after which position. Raises: BadQuery."""
    if unknown := sorted(query.keys() - KNOWN):
        raise BadQuery(f"{', '.join(unknown)}: there is no such parameter; there are {', '.join(sorted(KNOWN))}")
    statuses = _words(query, "status", (RUNNING, *TERMINAL))
    limit = whole_number(query.get("limit", str(USUAL)), 1, MOST)
    if limit is None:
        raise BadQuery(f"limit is a number from 1 to {MOST}")
    for key in ("since", "until"):
        try:
            datetime.fromisoformat(query.get(key, "2026-01-01"))
        except ValueError:
            raise BadQuery(f"{key} is a time like 2026-01-31T12:00:00Z, in UTC") from None
    wanted = Wanted(
        statuses,
        query.get("prefix", ""),
        query.get("kind"),
        query.get("error_code") or _error_code(query.get("code")),
        query.get("since", ""),
        query.get("until", "9999"),
        _words(query, "delivery", UNDELIVERED),
    )
    return wanted, limit, _position(query["cursor"]) if query.get("cursor") else None


def _words(query: dict[str, str], key: str, allowed: tuple[str, ...]) -> frozenset[str]:
    words = frozenset(filter(None, query.get(key, "").split(",")))
    if unknown := words - {*allowed}:
        raise BadQuery(f"{key}: {', '.join(sorted(unknown))} is none of {', '.join(allowed)}")
    return words


def _error_code(code: str | None) -> str | None:
    """The older name of `error_code`. The host takes the function key under the same name: that is no error's code."""
    return code if code and re.fullmatch("[a-z_]+", code) else None


def page(wanted: Wanted, count: int, after: tuple[str, str] | None) -> list[Row]:
    """The next jobs that have ended. Days are read from the newest on, and only as many as it takes."""
    found: list[Row] = []
    for row in latest_runs(_rows(wanted)):
        if wanted.takes(row) and (after is None or position(row) < after):
            found.append(row)
            if len(found) == count:
                break
    return found


def _rows(wanted: Wanted) -> Iterator[Row]:
    # A later run of a job outside the wanted time still replaces the earlier one: so no upper limit here.
    since = datetime.fromisoformat(wanted.since).date() if wanted.since else date.min
    for day in tools.receipt_index().days():
        if day + timedelta(days=1) >= since:
            yield from newest_first(tools.receipt_index().rows(day))


async def _running(client: df.DurableOrchestrationClient, prefix: str) -> list[dict[str, Any]]:
    found = []
    for status in await jobs_under_way(client):
        custom = status["customStatus"] if isinstance(status["customStatus"], dict) else {}
        name = custom.get("blob_name") or ""
        if naming.is_instance_id(status["instanceId"]) and name.startswith(prefix):
            told = {key: custom.get(key) for key in ("stage", "percent", "message", "kind")}
            found.append({"instance_id": status["instanceId"], "status": RUNNING, "blob_name": name, **told})
    return found


def _cursor(at: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(at).encode()).decode()


def _position(cursor: str) -> tuple[str, str]:
    try:
        completed_at, instance_id = json.loads(base64.urlsafe_b64decode(cursor))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise BadQuery("cursor is the `next` of the page before") from None
    return str(completed_at), str(instance_id)
