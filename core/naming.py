"""Names: what a job, its blobs and its step are called. One upload version has one name for everything."""

from __future__ import annotations

import hashlib
import re

UPLOADS, PROCESSED, TEMP, RECEIPTS = "uploads", "processed", "temp", "receipts"
BY_ID = "by-instance/"
"""In `receipts`: the folder with one receipt per job, by its id."""

JOB_QUEUE, POISON_QUEUE = "media-processing-queue", "media-processing-poison-queue"

HOST_POISON_QUEUES = (f"{JOB_QUEUE}-poison", "webjobs-blobtrigger-poison")
"""Where the host puts a message or an upload's event whose trigger failed time after time."""
QUEUES = (JOB_QUEUE, POISON_QUEUE, *HOST_POISON_QUEUES)

MAX_BLOB_NAME = 1024
"""Characters that a blob name may have: learn.microsoft.com, "Naming and referencing containers, blobs, and metadata"."""

INSTANCE_ID = re.compile(r"media-[0-9a-f]{32}")

_UUID = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F])")
_STEP = re.compile(
    r"step-(?P<id>[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?)-\d{10,17}(?:-[A-Za-z0-9]+)?\.[A-Za-z0-9]+"
)


def is_text(text: str) -> bool:
    """Whether a text can be written anywhere, in a blob's name too: JSON may carry half of a character, and none (NUL)."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def bare_etag(etag: str) -> str:
    """An etag without its quotes and weakness mark: services and SDKs differ in whether they keep them."""
    return etag.strip().removeprefix("W/").strip('"')


def instance_id(container: str, blob_name: str, etag: str) -> str:
    """The id of the job of one version of one upload: `media-` and 32 hex digits, the same however often it is announced."""
    key = "\n".join((container, blob_name, bare_etag(etag)))
    return "media-" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_instance_id(text: str) -> bool:
    """Whether this is the id of a job of ours: only such ids may reach the durable client, which does not URL-encode."""
    return INSTANCE_ID.fullmatch(text) is not None


def processed_name(blob_name: str, instance: str, role: str, extension: str) -> str:
    """Where an output is published: `{upload name}/{version}/{role}.{ext}`, the version being 12 hex digits of the job's id.

    A name that would become longer than a blob name may be loses its tail; the version keeps it unique.
    """
    tail = f"/{instance.removeprefix('media-')[:12]}/{role}.{extension}"
    return blob_name[: MAX_BLOB_NAME - len(tail)].rstrip("/.") + tail


def temp_prefix(instance: str) -> str:
    """The folder in `temp` that is all of one job's: removed when the job is done."""
    return f"{instance}/"


def temp_name(instance: str, role: str, extension: str) -> str:
    """Where a rendition waits between being made and being published."""
    return f"{temp_prefix(instance)}{role}.{extension}"


def note_name(instance: str, role: str) -> str:
    """Where it is noted what a staged rendition was made from: with it, a job that was cut off goes on where it was."""
    return temp_name(instance, role, "json")


def cancel_name(instance: str) -> str:
    """The mark that a job is to be cancelled: its steps look for it on whichever worker they run."""
    return f"{temp_prefix(instance)}cancel"


def receipt_by_day(instance: str, completed_at: str) -> str:
    """Where a receipt lies by day: `{yyyy}/{mm}/{dd}/{instance_id}.json`; `completed_at` is ISO 8601 in UTC."""
    return f"{completed_at[:10].replace('-', '/')}/{instance}.json"


def receipt_by_id(instance: str) -> str:
    """Where a receipt is found by its job's id. Its existence says that the job is done."""
    return f"{BY_ID}{instance}.json"


def newest_of_step(step: str) -> str:
    """Where it is noted which upload of a SIMPI step is the newest. Hashed: a step's id may be any text."""
    return f"by-step/{hashlib.sha256(step.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"


def earlier_receipt(instance: str, completed_at: str) -> str:
    """Where the receipt of an earlier run is kept when a job is driven again."""
    return f"earlier/{instance}/{completed_at}.json"


def step_id(blob_name: str) -> str | None:
    """The SIMPI step that an upload belongs to: a UUID in its name, or `step-{id}-{timestamp}.{ext}`; else none.

    The id in the second form may hold hyphens. Only letters, digits and hyphens are taken: it becomes part of a URL.
    """
    name = blob_name.rsplit("/", 1)[-1]
    if found := _UUID.search(name) or _UUID.search(blob_name):
        return found.group().lower()
    if match := _STEP.fullmatch(name):
        return match["id"]
    return None
