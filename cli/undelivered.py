"""The jobs that SIMPI or the subscriber did not hear of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cli import text
from cli.errors import CliError
from cli.tables import plain_table

if TYPE_CHECKING:
    from rich.table import Table

    from cli.target import Target

ANY, FOR_GOOD = "pending,refused,failed", "refused,failed"
PAGE = 500
WHO = {"update_simpi": "SIMPI", "notify": "webhook", "notify_started": "webhook (beginning)"}


def jobs(target: Target, limit: int | None = None, delivery: str = ANY) -> list[dict[str, Any]]:
    """The ended jobs that somebody was not told of, the newest first."""
    found: list[dict[str, Any]] = []
    for job in _listed(target, delivery):
        if limit is not None and len(found) == limit:
            break
        found.append(job)
    return found


def _listed(target: Target, delivery: str) -> Iterator[dict[str, Any]]:
    query = {"delivery": delivery, "limit": str(PAGE)}
    while True:
        answer = target.operation("GET", "/api/jobs", **query)
        if answer.status != 200 or not isinstance(answer.body, dict):
            raise CliError(f"{target.url} answered {answer.status}", "Look at its log.")
        yield from answer.body["jobs"]
        if not answer.body["next"]:
            return
        query["cursor"] = answer.body["next"]


def table(found: list[dict[str, Any]]) -> Table:
    """A line per job, with who was not told."""
    from rich.text import Text

    made = plain_table("id", "upload", "status", "not told", "when")
    for job in found:
        untold = ", ".join(f"{WHO.get(who, who)}: {how}" for who, how in job["undelivered"].items())
        when = str(job["completed_at"])[:19].replace("T", " ")
        cells = (job["instance_id"], text.name(job["blob_name"]), job["status"], untold, when)
        made.add_row(*(Text(str(cell)) for cell in cells))
    return made
