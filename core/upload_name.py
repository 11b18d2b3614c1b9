"""What may be uploaded through the page, and what it is called then."""

from __future__ import annotations

import re
import unicodedata

from core import naming
from core.errors import Unprocessable

VIDEOS = ("mp4", "avi", "mov", "wmv", "flv", "webm")
IMAGES = ("jpg", "jpeg", "png", "gif", "bmp", "webp", "heic", "heif")
EXTENSIONS = (*IMAGES, *VIDEOS)

MAX_STEM_CHARS = 60
TOKEN_DIGITS = 10

BLOCKS_KEPT_MS = 7 * 24 * 3600 * 1000
"""How long the storage keeps blocks that belong to no blob yet: learn.microsoft.com, "Put Block"."""
CLOCK_SKEW_MS = 5 * 60 * 1000

_STEP_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?")
_MADE = re.compile(
    r"u/[0-9a-f]{16}/(?:step-(?P<step>[A-Za-z0-9-]+)-)?"
    rf"(?P<at>[0-9]{{13}})-[a-z][0-9a-f]{{{TOKEN_DIGITS}}}(?(step)|-[A-Za-z0-9_]{{1,{MAX_STEM_CHARS}}})"
    rf"\.(?:{'|'.join(EXTENSIONS)})"
)
_CLAIMED = re.compile(r"(?:image|video)/[\w.+-]+|application/(?:octet-stream|mp4|x-[\w.+-]+)", re.ASCII)


def may_resume(blob_name: str, now_ms: int) -> bool:
    """Whether the server may have made this name, lately enough for its blocks to be kept still. Times in ms since 1970."""
    made = _MADE.fullmatch(blob_name)
    if not made or not now_ms - BLOCKS_KEPT_MS <= int(made["at"]) <= now_ms + CLOCK_SKEW_MS:
        return False
    try:
        check_step_id(made["step"] or "none")
    except Unprocessable:
        return False
    return True


def is_blob_name(text: str) -> bool:
    """Whether a blob can have this name, and none of its segments would lead a URL elsewhere."""
    return (
        naming.is_text(text)
        and 0 < len(text) <= naming.MAX_BLOB_NAME
        and not {".", ".."} & set(re.split(r"[/\\]", text))
    )


def check_upload(file_name: str, size_bytes: int, claimed_type: str, max_bytes: int) -> str:
    """The extension of an upload that may begin. What it really is shows later, from its content.

    Raises: Unprocessable `unsupported_type`, `empty` or `too_large`.
    """
    extension = file_name.rpartition(".")[2].lower() if "." in file_name else ""
    if extension not in EXTENSIONS:
        listed = ", ".join(EXTENSIONS)
        raise Unprocessable("unsupported_type", f"This type of file is not taken. These are: {listed}.")
    claimed = claimed_type.strip().lower().partition(";")[0]
    if claimed and (not _CLAIMED.fullmatch(claimed) or claimed == "image/svg+xml"):
        raise Unprocessable("unsupported_type", "The browser says that this is neither a photo nor a video.")
    if size_bytes <= 0:
        raise Unprocessable("empty", "The file is empty.")
    if size_bytes > max_bytes:
        raise Unprocessable("too_large", f"The file is larger than {max_bytes / 1_000_000:g} MB.")
    return extension


def check_step_id(step_id: str) -> None:
    """Take only a step id that can be read back from the blob's name.

    Raises: Unprocessable `bad_step_id`.
    """
    name = f"u/{'0' * 16}/{_step_stem(step_id, 10**12, 'a0')}.jpg"
    if not _STEP_ID.fullmatch(step_id) or (naming.step_id(name) or "").lower() != step_id.lower():
        raise Unprocessable("bad_step_id", "A step id is 1 to 64 letters, digits and hyphens, or a UUID.")


def upload_name(owner: str, file_name: str, extension: str, step_id: str | None, at_ms: int, token: str) -> str:
    """A new upload's blob name. `at_ms` is the time in ms since 1970; `token` is random and begins with a letter.

    With a letter in it the token cannot be taken for the time, which would end the step's id too late.
    """
    rest = _step_stem(step_id, at_ms, token) if step_id else f"{at_ms}-{token}-{safe_stem(file_name)}"
    return f"u/{owner}/{rest}.{extension}"


def _step_stem(step_id: str, at_ms: int, token: str) -> str:
    return f"step-{step_id}-{at_ms}-{token}"


def safe_stem(file_name: str) -> str:
    """A file's name without folder, extension or anything that needs escaping.

    Hyphens go as well: a UUID in a photo's name must not be taken for a step's id.
    """
    stem = re.split(r"[/\\]", file_name)[-1].rpartition(".")[0]
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:MAX_STEM_CHARS].rstrip("_") or "file"


def uploaded_ms(blob_name: str) -> int | None:
    """When the server made this name, in ms since 1970; None where it did not."""
    found = re.search(r"/(?:step-.*-)?(\d{13})-[a-z][a-z0-9]*(?:-\w+)?\.\w+$", blob_name)
    return int(found.group(1)) if found else None
