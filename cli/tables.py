"""The tables of results that people read, on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cli import text
from cli.run import Result, totals

if TYPE_CHECKING:
    from rich.table import Table

    from cli.doctor import Check

ACTIONS = {"compressed": "compressed", "remuxed": "repacked, picture untouched", "kept_original": "original kept"}
STYLES = {"success": "green", "rejected": "yellow", "failed": "red", "cancelled": "yellow", "superseded": "yellow"}


def plain_table(*columns: str, right: Sequence[str] = ()) -> Table:
    """A table without a frame, that stays readable in a file."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    for column in columns:
        number = column in right
        table.add_column(column, justify="right" if number else "left", no_wrap=number, overflow="fold")
    return table


def of_results(results: Sequence[Result]) -> Table:
    """Each file with its sizes and what was done, and the sum."""
    from rich.text import Text

    numbers = ("before", "after", "saved", "time")
    table = plain_table("file", "kind", "before", "after", "saved", "result", "time", right=numbers)
    for result in results:
        receipt = result.receipt
        original, compressed = receipt.get("original_size") or result.item.size_bytes, receipt.get("compressed_size")
        table.add_row(
            Text(result.item.label),
            str(receipt.get("kind") or "–"),
            text.size(original),
            text.size(compressed),
            text.saved(original, compressed),
            Text(result.problem or what(receipt), style=_style(result)),
            text.seconds(result.seconds),
        )
    if len(results) > 1:
        sums = totals(results)
        before, after = sums["original_size"], sums["compressed_size"]
        states = ", ".join(f"{count} {status}" for status, count in sums["by_status"].items())
        table.add_section()
        saved = text.saved(before, after)
        table.add_row("all", "", text.size(before), text.size(after), saved, states, "", style="bold")
    return table


def _style(result: Result) -> str:
    return "red" if result.problem else STYLES.get(str(result.receipt.get("status")), "")


def what(receipt: dict[str, Any]) -> str:
    """What was done with a file and why, or why not."""
    if receipt.get("status") == "success":
        action = str(receipt.get("action") or "done")
        reason = receipt.get("reason")
        return ACTIONS.get(action, action) + (f": {reason}" if reason else "")
    code, sentence = receipt.get("error_code"), receipt.get("error")
    return f"{receipt.get('status')}, {code}" + (f": {sentence}" if sentence else "")


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


def of_jobs(jobs: Sequence[dict[str, Any]]) -> Table:
    """A line per job, the newest first."""
    from rich.text import Text

    table = plain_table(
        "id", "upload", "status", "before", "after", "saved", "when", right=("before", "after", "saved")
    )
    for job in jobs:
        state = str(job["status"])
        told = (
            f"{job.get('stage')} {job.get('percent')} %" if state == "running" else str(job.get("error_code") or state)
        )
        original, compressed = job.get("original_size"), job.get("compressed_size")
        table.add_row(
            Text(str(job["instance_id"])),
            Text(str(job.get("blob_name") or "–")),
            Text(told, style=STYLES.get(state, "")),
            text.size(original),
            text.size(compressed),
            text.saved(original, compressed),
            str(job.get("completed_at") or job.get("started_at") or "–")[:19].replace("T", " "),
        )
    return table


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
