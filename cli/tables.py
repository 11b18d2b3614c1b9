"""The tables of results that people read, on stdout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cli import text
from cli.follow import is_waiting
from cli.run import Result, totals

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from cli.checks import Check

ACTIONS = {"compressed": "compressed", "remuxed": "repacked, picture untouched", "kept_original": "original kept"}
TOLD = {"update_simpi": "SIMPI", "notify": "the webhook"}
JOB_COLUMNS = ("id", "upload", "status", "before", "after", "saved", "when")
FULL_ID, SHORT_ID = 38, 18
"""Characters of an id: all, and as many as tell jobs apart; `./simpi` takes the beginning of an id for the whole."""
GAP = 3
"""Characters between two columns."""
STYLES = {"success": "green", "rejected": "yellow", "failed": "red", "cancelled": "yellow", "superseded": "yellow"}


def plain_table(*columns: str, right: Sequence[str] = (), one_line: Sequence[str] = ()) -> Table:
    """A table without a frame, that stays readable in a file."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    for column in columns:
        number = column in right
        no_wrap = number or column in one_line
        table.add_column(column, justify="right" if number else "left", no_wrap=no_wrap, overflow="fold")
    return table


def fitting(rows: Sequence[Mapping[str, Text]], wide: str, least: int, spare: Sequence[str], width: int) -> list[str]:
    """The columns of rows that fit into so many characters.

    `spare` go one after the other until the column `wide`, which takes the rest, has the `least` that it needs.
    """
    columns = list(rows[0]) if rows else []
    needs = {name: max(len(name), *(row[name].cell_len for row in rows)) for name in columns}
    if rows:
        needs[wide] = min(needs[wide], least)
    for name in spare:
        if sum(needs[column] + GAP for column in columns) - GAP <= width:
            break
        columns.remove(name)
    return columns


def of_results(results: Sequence[Result], width: int) -> Table:
    """Each file with what became of it, its sizes and what was done, and the sum."""
    from rich.text import Text

    rows = [_result_row(result) for result in results]
    if len(results) > 1:
        rows.append(_sum_row(results))
    columns = fitting(rows, "result", 20, ("kind", "time", "before", "after"), width)
    table = plain_table(*columns, right=("before", "after", "saved", "time"))
    for number, row in enumerate(rows):
        if number == len(results):
            table.add_section()
        table.add_row(*(row.get(name, Text()) for name in columns))
    return table


def _result_row(result: Result) -> dict[str, Text]:
    from rich.text import Text

    receipt = result.receipt
    original, compressed = receipt.get("original_size") or result.item.size_bytes, receipt.get("compressed_size")
    return {
        "file": Text(result.item.label),
        "output": Text(result.downloaded[0].name if result.downloaded else "–"),
        "kind": Text(str(receipt.get("kind") or "–")),
        "before": Text(text.size(original)),
        "after": Text(text.size(compressed)),
        "saved": Text(text.saved(original, compressed)),
        "result": Text(result.problem or what(receipt), style=_style(result)),
        "time": Text(text.seconds(result.seconds)),
    }


def _sum_row(results: Sequence[Result]) -> dict[str, Text]:
    from rich.text import Text

    sums = totals(results)
    compared = any(result.receipt.get("compressed_size") is not None for result in results)
    before, after = (sums["original_size"], sums["compressed_size"]) if compared else (None, None)
    told = {
        "file": "all",
        "output": "",
        "kind": "",
        "before": text.size(before),
        "after": text.size(after),
        "saved": text.saved(before, after),
        "result": ", ".join(f"{count} {status}" for status, count in sums["by_status"].items()),
        "time": "",
    }
    return {name: Text(value, style="bold") for name, value in told.items()}


def _style(result: Result) -> str:
    return "red" if result.problem else STYLES.get(str(result.receipt.get("status")), "")


def what(receipt: dict[str, Any]) -> str:
    """What was done with a file and why, or why not."""
    if receipt.get("status") == "success":
        action = str(receipt.get("action") or "done")
        reason = receipt.get("reason")
        return ACTIONS.get(action, action) + (f": {reason}" if reason else "")
    sentence = receipt.get("error")
    return text.verdict(receipt) + (f": {sentence}" if sentence else "")


def after_results(results: Sequence[Result]) -> list[str]:
    """What the table has no room for: the ids of what did not succeed, and who could not be told."""
    lines = []
    for result in results:
        receipt, id_ = result.receipt, result.receipt.get("instance_id")
        if id_ and not result.is_fine:
            lines.append(f"{id_}  {result.item.label}: {text.verdict(receipt)}  (./simpi show {id_[:SHORT_ID]})")
        for name, who in TOLD.items():
            told = (receipt.get("deliveries") or {}).get(name) or {}
            if told.get("delivery") in ("refused", "failed"):
                again = f"./simpi redeliver {id_[:SHORT_ID]}" if id_ else ""
                lines.append(f"{id_}  {result.item.label}: not told to {who}: {told.get('detail')}  ({again})")
    return lines


def of_receipt(receipt: dict[str, Any]) -> Table:
    """One receipt in full: a line per key, nested ones with dots."""
    from rich.text import Text

    table = plain_table("key", "value")
    for key, value in _flat(receipt):
        table.add_row(key, Text(value))
    return table


def _flat(value: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, dict) and inner:
            lines += _flat(inner, f"{name}.")
        elif isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner):
            for number, one in enumerate(inner):
                lines += _flat(one, f"{name}[{number}].")
        else:
            lines.append((name, _shown(key, inner)))
    return lines


def _shown(key: str, value: Any) -> str:
    if value is None or value in ([], {}):
        return "–"
    if isinstance(value, int) and not isinstance(value, bool) and (key.endswith(("size", "bytes"))):
        return f"{value} ({text.size(value)})"
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    return str(value)


def of_jobs(jobs: Sequence[dict[str, Any]], width: int) -> Table:
    """A line per job, the newest first: each one line, whose id can be copied, on any terminal."""
    rows = [_job_row(job, FULL_ID) for job in jobs]
    columns = fitting(rows, "upload", 20, ("before", "after", "when"), width)
    if len(columns) < len(JOB_COLUMNS):  # the beginning of an id does as well
        rows = [_job_row(job, SHORT_ID) for job in jobs]
        columns = fitting(rows, "upload", 16, ("before", "after", "when", "saved"), width)
    table = plain_table(*columns, right=("before", "after", "saved"), one_line=("id", "status", "when"))
    for row in rows:
        table.add_row(*(row[name] for name in columns))
    return table


def _job_row(job: dict[str, Any], id_chars: int) -> dict[str, Text]:
    from rich.text import Text

    state = str(job["status"])
    told = _going(job) if state == "running" else text.verdict(job)
    original, compressed = job.get("original_size"), job.get("compressed_size")
    when = str(job.get("completed_at") or job.get("started_at") or "–")[:16].replace("T", " ")
    cells = (
        Text(str(job["instance_id"])[:id_chars]),
        Text(text.name(job.get("blob_name")), no_wrap=True, overflow="ellipsis"),
        Text(told, style=STYLES.get(state, "")),
        Text(text.size(original)),
        Text(text.size(compressed)),
        Text(text.saved(original, compressed)),
        Text(when),
    )
    return dict(zip(JOB_COLUMNS, cells, strict=True))


def _going(job: dict[str, Any]) -> str:
    """How far a running job is, or that it waits: `waiting_for` says what for."""
    stage = str(job.get("stage"))
    return "waiting" if _is_held(job) and stage != "deferred" else f"{stage} {job.get('percent')} %"


def _is_held(job: dict[str, Any]) -> bool:
    return is_waiting(job.get("message")) and job.get("stage") != "queued"


def waiting_for(jobs: Sequence[dict[str, Any]]) -> list[str]:
    """What jobs that have begun wait for, each reason once, with how many they are: the table has no room for it."""
    reasons = Counter(str(job["message"]) for job in jobs if _is_held(job))
    return [f"{text.plural(count, 'job')}: {reason}" for reason, count in reasons.items()]


def of_checks(checks: Sequence[Check]) -> Table:
    """A line per check, and what helps under those that are not fine."""
    from rich.text import Text

    table = plain_table("check", "state", "found")
    colours = {"ok": "green", "warning": "yellow", "failed": "red"}
    for check in checks:
        table.add_row(check.name, Text(check.state, style=colours[check.state]), Text(check.found))
        if check.fix:
            table.add_row("", "", Text(f"→ {check.fix}"))
    return table
