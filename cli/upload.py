"""Uploading one file into the container `uploads`: streamed, in blocks, several at once."""

from __future__ import annotations

import contextlib
import mimetypes
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from cli.errors import CliError, Stopped, Unreachable
from cli.inputs import Item, blob_name
from cli.text import first_line
from core.naming import UPLOADS, instance_id

if TYPE_CHECKING:
    from cli.target import Target

BLOCKS_AT_ONCE = 4


def upload(target: Target, item: Item, stop: threading.Event, sent: Callable[[int], None]) -> tuple[str, str]:
    """Upload a file; answers its blob name and the id of the job that this upload starts.

    `sent` is told the bytes sent so far. Raises Unreachable if the storage does not answer.
    """
    from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError, ServiceRequestError

    def progress(current: int, total: int | None) -> None:
        if stop.is_set():
            raise Stopped
        sent(current)

    name = blob_name(item.path)
    try:
        try:
            etag = _send(target, item, name, progress)
        except ResourceNotFoundError:
            if target.local is None:
                raise
            _make_container(target)
            etag = _send(target, item, name, progress)
    except ServiceRequestError as problem:
        raise Unreachable(f"the storage does not answer: {first_line(problem)}") from None
    except HttpResponseError as problem:
        raise CliError(f"{item.label} could not be uploaded: {first_line(problem)}") from None
    except AzureError as problem:
        raise Unreachable(f"{item.label} could not be uploaded: {first_line(problem)}") from None
    except OSError as problem:
        raise CliError(f"{item.label} could not be read: {problem}") from None
    return name, instance_id(UPLOADS, name, etag)


def _send(target: Target, item: Item, name: str, progress: Callable[[int, int | None], None]) -> str:
    from azure.storage.blob import ContentSettings

    content_type = mimetypes.guess_type(item.path.name)[0] or "application/octet-stream"
    with item.path.open("rb") as file:
        answer = target.blobs.get_blob_client(UPLOADS, name).upload_blob(
            file,
            length=item.size_bytes,
            max_concurrency=BLOCKS_AT_ONCE,
            content_settings=ContentSettings(content_type=content_type),
            progress_hook=progress,
        )
    return str(answer["etag"])


def _make_container(target: Target) -> None:
    """A new storage on this machine has no containers yet; on any other host that is for its operators to make."""
    from azure.core.exceptions import ResourceExistsError

    with contextlib.suppress(ResourceExistsError):
        target.blobs.create_container(UPLOADS)
