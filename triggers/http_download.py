"""`GET /api/download`: to a short-lived link to one's own result, or original, with a good file name."""

import asyncio
import mimetypes
import re

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from adapters.sas import CannotSign, open_signer
from config.settings import settings
from core import naming
from core.own_receipt import is_own_receipt
from triggers.http_upload import too_many
from triggers.limits import Pace
from triggers.principal import asker, sign_in
from triggers.problems import problem

bp = df.Blueprint()

ORIGINAL = "original"
DOWNLOADS_PER_MINUTE = 1200
MAX_FILE_NAME = 150

_pace = Pace()


@bp.route(route="api/download", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def get_download(req: func.HttpRequest) -> func.HttpResponse:
    """302 to the output of a role: `main` unless asked otherwise, `original` for the upload; 404 for another user's."""
    who = asker(req)
    if who is None:
        return sign_in()
    name, role = req.params.get("blobName", ""), req.params.get("role", "main")
    if not name or not who.may_see(name):
        return problem(404, "not_found", "There is no upload of this name.")
    if wait_s := _pace.wait_s(who.owner, DOWNLOADS_PER_MINUTE):
        return too_many(wait_s)
    found = await asyncio.to_thread(_find, name, role)
    if found is None:
        return problem(404, "not_found", "There is nothing to download: not compressed yet, or no such role.")
    container, blob, content_type = found
    wanted = file_name(req.params.get("fileName") or name, blob, role)
    config = settings()
    try:
        signed = await asyncio.to_thread(
            lambda: open_signer(config).download_url(
                container, blob, config.upload_url_s, file_name=wanted, content_type=content_type
            )
        )
    except CannotSign:
        return problem(503, "cannot_sign", "The storage is configured without a key to sign downloads with.")
    headers = {"location": signed.url, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return func.HttpResponse(status_code=302, headers=headers)


def _find(name: str, role: str) -> tuple[str, str, str] | None:
    """Container, blob and content type of what is asked for."""
    blobs = tools.blobs()
    facts = blobs.facts(naming.UPLOADS, name)
    if facts is None:
        return None
    if role == ORIGINAL:
        # What the uploader claims is not believed: only an image's or a video's type is ever sent.
        guessed = mimetypes.guess_type(name)[0] or ""
        safe = guessed if re.fullmatch(r"(image|video)/(?!svg)[\w.+-]+", guessed) else "application/octet-stream"
        return naming.UPLOADS, name, safe
    instance = naming.instance_id(naming.UPLOADS, name, facts.etag)
    receipt = tools.receipts().of(instance)
    if receipt is None or not is_own_receipt(receipt, instance):
        return None
    output = next((output for output in receipt["outputs"] if output["role"] == role), None)
    return (naming.PROCESSED, output["blob"], output["content_type"]) if output else None


def file_name(wanted: str, blob: str, role: str) -> str:
    """What the file is called on the user's disk: their own name for it, with the result's extension."""
    stem = re.split(r"[/\\]", wanted)[-1]
    stem = stem.rpartition(".")[0] or stem
    if made := re.fullmatch(r"(?:(step-.+)-)?\d{13}-[a-z][0-9a-z]*(?:-(\w+))?", stem):
        stem = made[1] or made[2] or stem  # our own name for it: only what a person gave is kept
    stem = "".join(char for char in stem if char.isprintable() and char not in '<>:"/\\|?*').strip(" .")
    suffix = "" if role in ("main", ORIGINAL) else f"-{role}"
    return f"{stem[:MAX_FILE_NAME] or 'file'}{suffix}.{blob.rpartition('.')[2]}"
