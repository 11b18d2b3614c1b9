"""Asking how jobs stand: `status`, `list`, `show`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from cli import http
from cli.errors import CliError, Unreachable, UsageError
from cli.follow import ENDED, receipt_of
from cli.text import first_line
from core.naming import RECEIPTS, is_instance_id

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

    from cli.target import Target


def status_of(target: Target, name: str) -> dict[str, Any]:
    """How one job stands, by its id or by the name of its upload. Raises UsageError if there is none."""
    name = name.removeprefix("uploads/")
    if is_instance_id(name):
        answer = http.get(target.url, f"/api/status/{name}")
    else:
        answer = http.get(target.url, "/api/status", {"blobName": name})
    if answer.status == 404:
        raise UsageError(
            f"there is no job {name}" if is_instance_id(name) else f"there is no upload {name}", "./simpi list"
        )
    if answer.status in (401, 403):
        raise Unreachable(f"{target.url} wants a signed-in user for its status page", "Use ./simpi show ID instead.")
    if answer.status != 200 or not isinstance(answer.body, dict):
        raise CliError(f"{target.url} answered {answer.status}: {_detail(answer.body)}")
    return answer.body


def show(target: Target, instance: str) -> dict[str, Any]:
    """The receipt of a job that has ended. Raises UsageError if it has none."""
    if not is_instance_id(instance):
        instance = str(status_of(target, instance)["instanceId"])
    receipt = receipt_of(target, instance)
    if receipt is None:
        raise UsageError(f"{instance} has no receipt (yet)", f"./simpi status {instance}")
    return receipt


def jobs(target: Target, limit: int, wanted: str | None) -> list[dict[str, Any]]:
    """The newest jobs: those that the host still runs, then those that have a receipt.

    `wanted` keeps one status (`running`, or one of the receipt's).
    """
    found = {job["instance_id"]: job for job in _open(target)} if wanted in (None, "running") else {}
    if wanted != "running":
        for receipt in _receipts(target):
            if wanted in (None, receipt["status"]):
                found[receipt["instance_id"]] = receipt
            if len(found) >= limit:
                break
    return list(found.values())[:limit]


def _open(target: Target) -> Iterator[dict[str, Any]]:
    """The jobs that have not ended, from the durable list API."""
    answer = target.durable("GET", showInput="false", top="100")
    if answer.status != 200 or not isinstance(answer.body, list):
        raise CliError(f"{target.url} answered {answer.status}: {_detail(answer.body)}")
    for job in answer.body:
        if not is_instance_id(str(job.get("instanceId"))) or job.get("runtimeStatus") in ENDED:
            continue
        custom = job.get("customStatus")
        custom = custom if isinstance(custom, dict) else {}
        yield {
            "instance_id": job["instanceId"],
            "status": "running",
            "blob_name": custom.get("blob_name"),
            "kind": custom.get("kind"),
            "stage": custom.get("stage", "queued"),
            "percent": custom.get("percent", 0),
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
