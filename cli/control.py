"""What an operator does to jobs: `redrive`, `redeliver`, `cancel`, `run-now`, `purge`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cli import finding, operations, text, undelivered
from cli.console import note, out, print_json
from cli.errors import JOB_FAILED, OK, CliError, UsageError
from cli.follow import receipt_of, stage_of
from core.receipt import FAILED, REJECTED

if TYPE_CHECKING:
    from cli.target import Target

AGE = re.compile(r"(\d{1,5})([dhm])")
UNITS = {"d": "days", "h": "hours", "m": "minutes"}
MOST, PAGE = 10_000, "1000"
RUN_AGAIN = ("runs again", "would run again")
TOLD_AGAIN = ("is told of again", "would be told of again", "nothing was refused")
NOT_BEGUN = ("queued", "deferred")
LONG_AGO = "2020-01-01T00:00:00Z"


def redrive(
    target: Target, instance: str | None, status: str | None, code: str | None, *, dry_run: bool, as_json: bool
) -> int:
    """Run one job again, or every one that ended with this status (and error code); the exit code."""
    if instance is not None:
        wanted, none = [finding.job(target, instance).instance_id], ""
    else:
        wanted = [str(job["instance_id"]) for job in operations.jobs(target, MOST, status, code)]
        none = operations.none_found(status, code)
    return _each(target, wanted, "redrive", (*RUN_AGAIN, none), dry_run=dry_run, as_json=as_json)


def which_again(instance: str | None, code: str | None, *, failed: bool, rejected: bool) -> str | None:
    """The status of the jobs that are to run again; None where one job is named. Raises: UsageError."""
    if [instance is not None, failed, rejected].count(True) != 1:
        raise UsageError("name one job, or all with --failed or --rejected", "./simpi list --status failed")
    if instance is not None and code is not None:
        raise UsageError("--code goes with --failed or --rejected", f"./simpi list --code {code}")
    return None if instance is not None else FAILED if failed else REJECTED


def redeliver(target: Target, instance: str | None, *, refused: bool, dry_run: bool, as_json: bool) -> int:
    """Tell of one job, or of all that were refused or given up, once more; the exit code."""
    if (instance is None) != refused:
        raise UsageError("name one job, or all with --refused", "./simpi list --undelivered")
    if refused:
        wanted = [str(job["instance_id"]) for job in undelivered.jobs(target, delivery=undelivered.FOR_GOOD)]
    else:
        wanted = [finding.job(target, str(instance)).instance_id]
    return _each(target, wanted, "redeliver", TOLD_AGAIN, dry_run=dry_run, as_json=as_json)


def _each(
    target: Target, wanted: list[str], verb: str, said: tuple[str, str, str], *, dry_run: bool, as_json: bool
) -> int:
    """Do something to each job and say what came of it: done, would be done, nothing to do; the exit code."""
    query = {"dryRun": "true"} if dry_run else {}
    results = [_told(target, id_, verb, query) for id_ in wanted]
    if as_json:
        print_json({"dry_run": dry_run, "jobs": results})
    else:
        for result in results:
            name, done = text.name(result["blob_name"]), said[1] if dry_run else said[0]
            out().print(f"{result['instance_id']}  {name}  {result['error'] or done}", markup=False, soft_wrap=True)
        if not results:
            out().print(said[2])
    return OK if all(result["error"] is None for result in results) else JOB_FAILED


def cancel(target: Target, given: str, *, as_json: bool) -> int:
    """Stop one job; the exit code."""
    return _one(target, given, "cancel", "is being cancelled: ./simpi status", as_json=as_json)


def run_now(target: Target, given: str, *, as_json: bool) -> int:
    """Start one waiting job; the exit code. One that is under way already does not mind."""
    instance = finding.job(target, given).instance_id
    stage = stage_of(target, instance)
    begun = stage not in (None, *NOT_BEGUN)
    done = f"is under way already ({stage}): ./simpi status" if begun else "starts now: ./simpi status"
    return _one(target, instance, "run-now", done, as_json=as_json)


def purge(target: Target, older_than: str, *, dry_run: bool, as_json: bool) -> int:
    """Forget old histories; the exit code."""
    if (age := AGE.fullmatch(older_than)) is None:
        raise UsageError(f"--older-than is a number with d, h or m, not {older_than!r}", "Such as 30d, 12h or 45m")
    until = datetime.now(UTC) - timedelta(**{UNITS[age[2]]: int(age[1])})
    query = {
        "createdTimeFrom": LONG_AGO,
        "createdTimeTo": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "runtimeStatus": "Completed,Failed,Terminated",
    }
    count = _counted(target, query) if dry_run else _purged(target, query)
    if as_json:
        print_json({"dry_run": dry_run, "instances": count, "older_than": query["createdTimeTo"]})
    else:
        done = "would be forgotten" if dry_run else "forgotten"
        out().print(f"histories {done}: {count}; receipts stay")
    return OK


def _counted(target: Target, query: dict[str, str]) -> int:
    """How many instances match, page by page: no host gives them all at once."""
    count, page, first = 0, "", True
    while page or first:
        answer = target.durable("GET", page=page, **query, top=PAGE, showInput="false")
        if answer.status != 200 or not isinstance(answer.body, list):
            raise CliError(f"{target.url} answered {answer.status}")
        count, page, first = count + len(answer.body), answer.more, False
    return count


def _purged(target: Target, query: dict[str, str]) -> int:
    answer = target.durable("DELETE", **query)
    if answer.status not in (200, 404):
        raise CliError(f"{target.url} answered {answer.status}")
    return int(answer.body.get("instancesDeleted", 0)) if isinstance(answer.body, dict) else 0


def _one(target: Target, given: str, verb: str, done: str, *, as_json: bool) -> int:
    instance = finding.job(target, given).instance_id
    result = _told(target, instance, verb, {})
    if as_json:
        print_json(result)
    elif result["error"]:
        note(result["error"])
    else:
        out().print(f"{instance} {done} {instance}", markup=False, soft_wrap=True)
    return OK if result["error"] is None else JOB_FAILED


def _told(target: Target, instance: str, verb: str, query: dict[str, str]) -> dict[str, Any]:
    """Ask the app to do something to a job: `{"instance_id", "blob_name", "error", "error_code"}`."""
    answer = target.operation("POST", f"/api/jobs/{instance}/{verb}", **query)
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.status >= 500:
        raise CliError(f"{target.url} answered {answer.status}", "Look at its log.")
    refused = answer.status >= 400
    code = body.get("code") if refused else None
    return {
        "instance_id": instance,
        "blob_name": body.get("blobName"),
        "error": _refusal(target, instance, body.get("detail", str(answer.status)), code) if refused else None,
        "error_code": code,
    }


def _refusal(target: Target, instance: str, detail: str, code: str | None) -> str:
    """Why the app did not do it; of a job that does not run any more, how it ended."""
    receipt = receipt_of(target, instance) if code == "not_running" else None
    if receipt is None:
        return detail
    ended = str(receipt.get("completed_at"))[:16].replace("T", " ")
    return f"{instance} has ended already, {ended} UTC: {text.verdict(receipt)}"
