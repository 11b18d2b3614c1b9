"""`./simpi poison`: what went wrong for good, and `poison drop`, once it was dealt with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli import text
from cli.console import note, out, print_json
from cli.errors import JOB_FAILED, OK, CliError, UsageError
from cli.tables import plain_table

if TYPE_CHECKING:
    from cli.http import Answer
    from cli.target import Target


def show(target: Target, *, as_json: bool) -> int:
    """List the messages, the oldest first; the exit code."""
    told = _listed(target)
    if as_json:
        print_json(told)
        return OK
    if not told["messages"]:
        out().print("the poison queues are empty")
        return OK
    from rich.text import Text

    table = plain_table("id", "since", "code", "upload or message", "reason")
    for message in told["messages"]:
        name = text.name(message["blob_name"] or message["message"] or message["instance_id"])
        cells = (message["id"], str(message["since"] or "–")[:19].replace("T", " "), message["code"] or "–", name)
        table.add_row(*(Text(str(cell)) for cell in cells), Text(str(message["reason"] or "–")))
    out().print(table)
    if told["total"] > len(told["messages"]):
        note(f"These are the oldest {len(told['messages'])} of {told['total']}.")
    return OK


def drop(target: Target, id_: str | None, *, every: bool, dry_run: bool, as_json: bool) -> int:
    """Take one message, or all, off the poison queues; the exit code."""
    if (id_ is None) != every:
        raise UsageError("name one message, or all with --all", "./simpi poison")
    told = _listed(target)
    ids = [str(message["id"]) for message in told["messages"] if every or message["id"] == id_]
    count = told["total"] if every else len(ids)
    if count and not dry_run:
        query = {"all": "true"} if every else {"id": ids[0]}
        count = int(_body(target.operation("DELETE", "/api/poison", **query))["dropped"])
    if as_json:
        print_json({"dry_run": dry_run, "dropped": count, "ids": ids})
    elif not count:
        out().print("the poison queues are empty") if every else note(f"there is no message {id_}: ./simpi poison")
    else:
        out().print(f"{count} {'would be' if dry_run else 'were'} dropped; receipts and uploads stay")
    return OK if count or every else JOB_FAILED


def _listed(target: Target) -> dict[str, Any]:
    return _body(target.operation("GET", "/api/poison"))


def _body(answer: Answer) -> dict[str, Any]:
    if answer.status != 200 or not isinstance(answer.body, dict):
        raise CliError(f"the app answered {answer.status} about its poison queues", "Look at its log.")
    return answer.body
