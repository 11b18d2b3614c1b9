"""The sandbox's server: SIMPI's route, a receiver of webhooks, a page that shows what came in, and faults on demand."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from sandbox.database import STATUSES, Database, NoSuchStep
from sandbox.page import page
from sandbox.tables import JOBS, STEPS, WEBHOOKS

KEYS = {"processing_status", "compressed_url", "original_size", "compressed_size", "compression_ratio"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@web.middleware
async def only_local_callers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep web pages out that reach us through a name of theirs, or send to us from elsewhere."""
    urls = (f"//{request.host}", request.headers.get("origin", "//localhost"))
    try:
        is_here = all(urlsplit(url).hostname in LOOPBACK for url in urls)
    except ValueError:
        is_here = False
    if not is_here:
        return _error(403, "this sandbox is for this machine only")
    return await handler(request)


@dataclass
class Sandbox:
    """What the handlers share. `faults` are, by step, what is to go wrong with its next updates, one by one."""

    database: Database
    token: str | None = None
    secret: str | None = None
    faults: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def app(self) -> web.Application:
        """The application."""
        app = web.Application(middlewares=[only_local_callers])
        app.router.add_put("/api/v1/steps/{step}/media", self.put_media)
        app.router.add_get("/api/v1/steps/{step}/media", self.get_media)
        app.router.add_post("/webhooks", self.take_webhook)
        app.router.add_put("/sandbox/faults", self.set_faults)
        app.router.add_get("/sandbox/state", self.state)
        app.router.add_get("/", self.page)
        return app

    async def put_media(self, request: web.Request) -> web.Response:
        """Take the state of a step's media, after whatever fault is due."""
        step, due = request.match_info["step"], self.faults.get(request.match_info["step"])
        fault = due.pop(0) if due else {}
        if "status" in fault:
            after = fault.get("retry_after")
            return web.json_response(
                fault, status=fault["status"], headers={"retry-after": str(after)} if after else {}
            )
        if self.token is not None and not compare_digest(
            request.headers.get("authorization", ""), f"Bearer {self.token}"
        ):
            return _error(401, "the token is wrong")
        try:
            body = _checked(await request.json())
        except ValueError as error:
            return _error(400, str(error))
        key = request.headers.get("idempotency-key") or ""
        try:
            new = await asyncio.to_thread(self.database.put_media, step, key, body)
        except NoSuchStep:
            return _error(404, f"there is no step {step}")
        if "hang_s" in fault:  # applied, but the answer never arrives
            await asyncio.sleep(fault["hang_s"])
        return web.json_response({"step": await asyncio.to_thread(self.database.step, step), "repeated": not new})

    async def get_media(self, request: web.Request) -> web.Response:
        """A step's row."""
        row = await asyncio.to_thread(self.database.step, request.match_info["step"])
        return web.json_response(row) if row else _error(404, "there is no such step")

    async def take_webhook(self, request: web.Request) -> web.Response:
        """Take an event whose signature is right; the same one again is welcome and changes nothing."""
        body = await request.read()
        try:
            told = Webhook(self.secret).verify(body, dict(request.headers)) if self.secret else json.loads(body)
        except WebhookVerificationError:
            return _error(401, "the signature is wrong")
        new = await asyncio.to_thread(self.database.take_event, request.headers["webhook-id"], told)
        return web.json_response({"repeated": not new})

    async def set_faults(self, request: web.Request) -> web.Response:
        """By step, what its next updates meet: `{"status", "retry_after"?}`, `{"hang_s"}` after the effect, `{}`: none."""
        self.faults = await request.json()
        return web.json_response({"faults": self.faults})

    async def state(self, request: web.Request) -> web.Response:
        """All rows."""
        return web.json_response(await self._state())

    async def page(self, request: web.Request) -> web.Response:
        """All rows, for people."""
        return web.Response(text=page(await self._state()), content_type="text/html")

    async def _state(self) -> dict[str, Any]:
        tables = {"steps": STEPS, "jobs": JOBS, "webhooks": WEBHOOKS}
        return {name: await asyncio.to_thread(self.database.rows, table) for name, table in tables.items()}


def _checked(body: Any) -> dict[str, Any]:
    """Raises: ValueError, where this is not what the contract says."""
    if not isinstance(body, dict) or set(body) != KEYS:
        raise ValueError(f"the body needs exactly {', '.join(sorted(KEYS))}")
    if body["processing_status"] not in STATUSES:
        raise ValueError(f"processing_status is one of {', '.join(STATUSES)}")
    return body


def _error(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
