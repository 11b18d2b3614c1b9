"""Asking how jobs stand: `status`, `list`, `show`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from cli import finding, http
from cli.errors import CliError, Unreachable, UsageError
from cli.follow import receipt_of
from cli.text import first_line
from core.naming import RECEIPTS, is_instance_id
from core.receipt import TERMINAL

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

    from cli.target import Target

RUNNING = "running"


def status_of(target: Target, given: str) -> dict[str, Any]:
    """How one job stands. Raises UsageError if there is none."""
    job = finding.job(target, given)
    if job.blob_name is None:
        answer = http.get(target.url, f"/api/status/{job.instance_id}")
    else:  # one that has not begun yet is known by its upload only
        answer = http.get(target.url, "/api/status", {"blobName": job.blob_name})
    if answer.status == 404:
        raise UsageError(f"there is no job {given}", "./simpi list")
    if answer.status in (401, 403):
        raise Unreachable(f"{target.url} wants a signed-in user for its status page", "Use ./simpi show ID instead.")
    if answer.status != 200 or not isinstance(answer.body, dict):
        raise CliError(f"{target.url} answered {answer.status}: {_detail(answer.body)}")
    return answer.body


def show(target: Target, given: str) -> dict[str, Any]:
    """The receipt of a job that has ended. Raises UsageError if it has none."""
    instance = finding.job(target, given).instance_id
    receipt = receipt_of(target, instance)
    if receipt is None:
        raise UsageError(f"{instance} has no receipt (yet)", f"./simpi status {instance}")
    return receipt


def jobs(target: Target, limit: int, status: str | None = None, code: str | None = None) -> list[dict[str, Any]]:
    """The newest jobs: those that the host still runs, then those that have a receipt; each once, by its last run.

    `status` keeps `running`, or one of the receipt's statuses; `code` keeps one error code.
    """
    open_ones = {job["instance_id"]: job for job in _open(target)}
    if status == RUNNING:
        return [] if code else list(open_ones.values())[:limit]
    found = [] if status or code else list(open_ones.values())
    seen = set(open_ones)  # a job that is driven again still has the receipt of its run before
    for receipt in _receipts(target):
        if len(found) >= limit:
            break
        takes = status in (None, receipt["status"]) and code in (None, receipt.get("error_code"))
        if receipt["instance_id"] not in seen and takes:
            found.append(receipt)
        seen.add(receipt["instance_id"])
    return found[:limit]


def checked_status(status: str | None) -> str | None:
    """A status that jobs can have. Raises UsageError."""
    if status not in (None, RUNNING, *TERMINAL):
        allowed = ", ".join((RUNNING, *TERMINAL))
        raise UsageError(f"--status is one of {allowed}, not {status!r}", f"Is it an error code? --code {status}")
    return status


def none_found(status: str | None, code: str | None) -> str:
    """What to say where no job is listed."""
    if code:
        return f"no job {f'is {status} and ' if status else ''}has the code {code}"
    return f"no job is {status}" if status else "no jobs yet"


def _open(target: Target) -> Iterator[dict[str, Any]]:
    """The jobs that have not ended, from the durable list API."""
    for job in target.running():
        if not is_instance_id(str(job.get("instanceId"))):
            continue
        custom = job.get("customStatus")
        custom = custom if isinstance(custom, dict) else {}
        yield {
            "instance_id": job["instanceId"],
            "status": RUNNING,
            "blob_name": custom.get("blob_name"),
            "kind": custom.get("kind"),
            "stage": custom.get("stage", "queued"),
            "percent": custom.get("percent", 0),
            "message": custom.get("message"),
            "started_at": job.get("createdTime"),
        }


def _receipts(target: Target) -> Iterator[dict[str, Any]]:
    """Every receipt, the newest first: the folders are years, months and days."""
    from azure.core.exceptions import AzureError

    container = target.blobs.get_container_client(RECEIPTS)
    try:
        with ThreadPoolExecutor(8) as pool:
            for day in _days(container):
                blobs = sorted(
                    container.list_blobs(name_starts_with=day), key=lambda blob: blob.last_modified, reverse=True
                )
                names = [blob.name for blob in blobs]
                for begin in range(0, len(names), 32):
                    read = pool.map(lambda name: _read(container, name), names[begin : begin + 32])
                    receipts = [receipt for receipt in read if receipt is not None]
                    # The storage knows whole seconds only.
                    yield from sorted(receipts, key=lambda receipt: str(receipt.get("completed_at")), reverse=True)
    except AzureError as problem:
        raise Unreachable(f"the storage does not answer: {first_line(problem)}") from None


def _days(container: ContainerClient) -> Iterator[str]:
    for year in _folders(container, ""):
        for month in _folders(container, year):
            yield from _folders(container, month)


def _folders(container: ContainerClient, prefix: str) -> list[str]:
    from azure.storage.blob import BlobPrefix

    walked = container.walk_blobs(name_starts_with=prefix, delimiter="/")
    names = [entry.name for entry in walked if isinstance(entry, BlobPrefix)]
    return sorted((name for name in names if name[0].isdigit()), reverse=True)


def _read(container: ContainerClient, name: str) -> dict[str, Any] | None:
    try:
        receipt = json.loads(container.download_blob(name).readall())
    except ValueError:
        return None
    return receipt if isinstance(receipt, dict) and "instance_id" in receipt else None


def _detail(body: Any) -> str:
    return str(body.get("detail") or body.get("title") or body)[:300] if isinstance(body, dict) else str(body)[:300]
