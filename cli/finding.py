"""Which job is meant: an id, its beginning, or the name of an upload."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from cli.errors import Unreachable, UsageError
from cli.inputs import safe_name
from cli.text import first_line
from core.naming import BY_ID, RECEIPTS, UPLOADS, instance_id, is_instance_id

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties

    from cli.target import Target

T = TypeVar("T")

BEGINNING = re.compile(r"(?:media-)?([0-9a-f]{3,31})")
MOST_SHOWN = 5


@dataclass(frozen=True)
class Job:
    """A job that somebody meant; `blob_name` is known where it was found by its upload."""

    instance_id: str
    blob_name: str | None = None


def job(target: Target, given: str) -> Job:
    """The job of an id, of the beginning of one id only, or of an upload's name, whole or without its folders.

    Raises: UsageError, where there is none or more than one; Unreachable.
    """
    if is_instance_id(given):
        return Job(given)
    found = _by_beginning(target, given) or _by_upload(target, given.removeprefix(f"{UPLOADS}/"))
    if not found:
        raise UsageError(f"there is no job {given}", "./simpi list")
    if len(found) > 1:
        shown = [f"  {one.instance_id}  {one.blob_name or ''}".rstrip() for one in found[:MOST_SHOWN]]
        more = [f"  and {len(found) - MOST_SHOWN} more"] if len(found) > MOST_SHOWN else []
        raise UsageError(f"{given} may be any of {len(found)} jobs; name one:\n" + "\n".join([*shown, *more]))
    return found[0]


def _by_beginning(target: Target, given: str) -> list[Job]:
    """Those that have ended, by their receipts, and those that run."""
    if (match := BEGINNING.fullmatch(given)) is None:
        return []
    begins = f"media-{match[1]}"
    receipts = _stored(lambda: list(target.blobs.get_container_client(RECEIPTS).list_blobs(f"{BY_ID}{begins}")))
    ended = {str(blob.name).removeprefix(BY_ID).removesuffix(".json") for blob in receipts}
    under_way = {str(one.get("instanceId")) for one in target.running(instanceIdPrefix=begins)}
    # Not every host keeps to the prefix.
    return [Job(id_) for id_ in sorted(ended | under_way) if is_instance_id(id_) and id_.startswith(begins)]


def _by_upload(target: Target, name: str) -> list[Job]:
    """The upload of this very name, else all whose names end with it, the newest first."""
    container = target.blobs.get_container_client(UPLOADS)
    first = _stored(lambda: list(islice(container.list_blobs(name), 1)))  # no longer name comes before it
    exact = [blob for blob in first if blob.name == name]
    return [_of(blob) for blob in exact or _stored(lambda: _ending(list(container.list_blobs()), name))]


def _ending(blobs: Sequence[BlobProperties], name: str) -> list[BlobProperties]:
    endings = tuple({f"/{name}", f"/{safe_name(name)}"})
    found = [blob for blob in blobs if f"/{blob.name}".endswith(endings)]
    return sorted(found, key=lambda blob: blob.last_modified, reverse=True)


def _of(blob: BlobProperties) -> Job:
    return Job(instance_id(UPLOADS, str(blob.name), str(blob.etag)), str(blob.name))


def _stored(ask: Callable[[], list[T]]) -> list[T]:
    """What the storage lists; nothing, where the container is not there yet."""
    from azure.core.exceptions import AzureError, ResourceNotFoundError

    try:
        return ask()
    except ResourceNotFoundError:
        return []
    except AzureError as problem:
        raise Unreachable(f"the storage does not answer: {first_line(problem)}") from None
