"""`POST /api/upload`: room for an upload, whose bytes go straight to the storage; going on after a break; one's own list."""

import asyncio
import random
import secrets
import time
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from adapters.sas import CannotSign, Signed, open_signer
from adapters.uploads import open_uploads
from config.logging import log_event
from config.settings import settings
from core import naming
from core.errors import Unprocessable
from core.receipt import stamp
from core.upload_name import TOKEN_DIGITS, check_step_id, check_upload, may_resume, upload_name, uploaded_ms
from triggers.limits import Pace, Quota
from triggers.principal import Asker, asker, sign_in
from triggers.problems import answer, problem
from triggers.wishes import bad_request, json_object

bp = df.Blueprint()

MOST_SHOWN = 50
RESUMES, EVERYBODY = 4, 10
"""How much quicker than beginning an upload may be: going on with one; all users of this process together."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"

_pace, _quota = Pace(), Quota()


@bp.route(route="api/upload", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def post_upload(req: func.HttpRequest) -> func.HttpResponse:
    """201 with the new upload's name and the URL that its bytes go to; 400, 401 or 429 with the reason."""
    who = asker(req)
    if who is None:
        return sign_in()
    try:
        wish = json_object(req.get_body())
        size, step_id = wish.get("fileSize"), wish.get("stepId") or None
        name, claimed = wish.get("fileName"), wish.get("fileType") or ""
        if not isinstance(name, str) or not isinstance(claimed, str) or not isinstance(step_id, str | None):
            raise bad_request("fileName, fileType and stepId are texts.")
        if not isinstance(size, int) or isinstance(size, bool):
            raise bad_request("fileSize is a whole number of bytes.")
        extension = check_upload(name, size, claimed, settings().upload_max_bytes)
        if step_id:
            check_step_id(step_id)
    except Unprocessable as error:
        return who.remembered(req, problem(400, error.code, error.detail))
    refusal = await _too_quick(who, "begin", settings().uploads_per_minute) or await _over_quota(who, size)
    if refusal:
        return who.remembered(req, refusal)
    blob = upload_name(who.owner, name, extension, step_id, _now_ms(), _token())
    _quota.promise(who.owner, blob, size)
    log_event("upload_begun", blob_name=blob, size_bytes=size, step_id=step_id)
    return who.remembered(req, await _room(blob, 201))


@bp.route(route="api/upload/resume", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def post_upload_resume(req: func.HttpRequest) -> func.HttpResponse:
    """A new URL for an upload of one's own, and the blocks that have arrived, `{id: bytes}`; or `complete`."""
    who = asker(req)
    if who is None:
        return sign_in()
    try:
        blob = json_object(req.get_body()).get("blobName")
    except Unprocessable as error:
        return problem(400, error.code, error.detail)
    # Only such a name as `upload_name` makes: no other type, day or step gets past the checks of `post_upload` this way.
    if not isinstance(blob, str) or not who.owns(blob) or not may_resume(blob, _now_ms()):
        return problem(404, "not_found", "There is no upload of this name to go on with.")
    if refusal := await _too_quick(who, "resume", RESUMES * settings().uploads_per_minute):
        return refusal
    if await asyncio.to_thread(tools.blobs().exists, naming.UPLOADS, blob):
        return answer({"blobName": blob, "complete": True, "blocks": {}})
    if refusal := await _over_quota(who, 0):
        return refusal
    blocks = await asyncio.to_thread(open_uploads(settings()).staged, blob)
    return await _room(blob, 200, complete=False, blocks=blocks)


@bp.route(route="api/uploads", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def get_uploads(req: func.HttpRequest) -> func.HttpResponse:
    """One's own last uploads, newest first: name, size, when, and how each ended."""
    who = asker(req)
    if who is None:
        return sign_in()
    if who.token:
        return who.remembered(req, answer({"uploads": []}))
    found = await asyncio.to_thread(lambda: list(open_uploads(settings()).of(who.owner)))
    newest = sorted(found, key=lambda upload: uploaded_ms(upload.name) or 0, reverse=True)[:MOST_SHOWN]
    ids = [naming.instance_id(naming.UPLOADS, upload.name, upload.etag) for upload in newest]
    receipts = await asyncio.gather(*(asyncio.to_thread(tools.receipts().of, one) for one in ids))
    shown = [
        {
            "blobName": upload.name,
            "instanceId": one,
            "size": upload.size_bytes,
            "uploadedAt": uploaded_ms(upload.name),
            "status": receipt["status"] if receipt else "running",
            "compressedSize": receipt["compressed_size"] if receipt else None,
        }
        for upload, one, receipt in zip(newest, ids, receipts, strict=True)
    ]
    return answer({"uploads": shown})


def too_many(wait_s: float) -> func.HttpResponse:
    """The refusal for somebody who is too quick."""
    seconds = max(1, round(wait_s))
    response = problem(429, "too_many_requests", f"Too many at once: try again in {seconds} s.")
    response.headers["retry-after"] = str(seconds)
    return response


async def _too_quick(who: Asker, what: str, most: int) -> func.HttpResponse | None:
    """The refusal for somebody who does this more often in a minute than `most`.

    A cookie is had for the asking. So where nobody signs in, those who have not uploaded yet share one pace: dropping or
    inventing cookies gains nothing. All together have one, too.
    """
    wait_s = _pace.wait_s(f"{what}:{who.owner}", most)
    if not wait_s and settings().api_auth == "anonymous":
        await _used(who)
        if _quota.is_newcomer(who.owner):
            wait_s = _pace.wait_s(f"{what}:newcomers", most)
        wait_s = wait_s or _pace.wait_s(f"{what}:everybody", EVERYBODY * most)
    return too_many(wait_s) if wait_s else None


async def _over_quota(who: Asker, size_bytes: int) -> func.HttpResponse | None:
    config = settings()
    if await _used(who) + size_bytes <= config.upload_quota_bytes:
        return None
    most = f"{config.upload_quota_bytes / 1_000_000:g} MB"
    response = problem(429, "quota_used_up", f"You can upload {most} in 24 hours; this would be more. Try again later.")
    response.headers["retry-after"] = "3600"
    return response


async def _used(who: Asker) -> int:
    """The bytes that somebody has uploaded, or was promised, in the last 24 hours."""
    used = _quota.known(who.owner)
    if used is not None:
        return used
    found = [] if who.token else await asyncio.to_thread(lambda: list(open_uploads(settings()).of(who.owner)))
    return _quota.counted(who.owner, found, _now_ms())


async def _room(blob: str, status: int, **more: Any) -> func.HttpResponse:
    config = settings()
    try:
        signed: Signed = await asyncio.to_thread(open_signer(config).upload_url, blob, config.upload_url_s)
    except CannotSign as error:
        log_event("cannot_sign", reason=str(error))
        return problem(503, "cannot_sign", "The storage is configured without a key to sign uploads with.")
    expires = stamp(signed.expires_at)
    body = {"blobName": blob, "uploadUrl": signed.url, "expiresAt": expires, "maxBytes": config.upload_max_bytes}
    return answer({**body, **more}, status)


def _token() -> str:
    return random.SystemRandom().choice(LETTERS) + secrets.token_hex(TOKEN_DIGITS // 2)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
