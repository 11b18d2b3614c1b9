"""The hub's server: clients negotiate and connect, the app sends to users by REST, as with Azure SignalR Service."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import defaultdict
from typing import Any

from aiohttp import WSMsgType, web

from devhost.ports import is_local
from devhost.signalr.protocol import CLOSE, INVOCATION, PING, BadRecord, check_handshake, invocation, record, records

log = logging.getLogger(__name__)

PING_S, SILENCE_S, HANDSHAKE_S = 15.0, 60.0, 15.0


class Hub:
    """A running hub: `async with Hub() as hub: hub.connection_string`.

    With the same port and key as before, clients and tokens of an earlier run go on working.
    """

    def __init__(self, port: int = 0, key: str | None = None) -> None:
        self.port, self.key = port, key or secrets.token_urlsafe(32)
        self._users: defaultdict[str, set[web.WebSocketResponse]] = defaultdict(set)
        app = web.Application(middlewares=[_cors])
        app.router.add_post("/client/negotiate", self._negotiate)
        app.router.add_get("/client/", self._connect)
        app.router.add_post("/api/v1/hubs/{hub}/users/{user}", self._send)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def __aenter__(self) -> Hub:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for sockets in list(self._users.values()):
            for socket in list(sockets):
                await socket.close()
        await self._runner.cleanup()

    @property
    def endpoint(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def connection_string(self) -> str:
        """How the app reaches it."""
        return f"Endpoint={self.endpoint};AccessKey={self.key};Version=1.0;"

    async def _negotiate(self, request: web.Request) -> web.Response:
        self._user(request)
        token = secrets.token_urlsafe(16)
        transports = [{"transport": "WebSockets", "transferFormats": ["Text"]}]
        return web.json_response(
            {"negotiateVersion": 1, "connectionId": token, "connectionToken": token, "availableTransports": transports}
        )

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        user = self._user(request)
        socket = web.WebSocketResponse(max_msg_size=64 * 1024, timeout=1.0)
        await socket.prepare(request)
        with contextlib.suppress(BadRecord, TimeoutError, ConnectionError):
            check_handshake(await socket.receive_str(timeout=HANDSHAKE_S))
            self._users[user].add(socket)
            pinging = asyncio.create_task(_ping(socket))
            try:
                await socket.send_str(record({}))
                await _listen(socket)
            finally:
                pinging.cancel()
                self._users[user].discard(socket)
        await socket.close()
        return socket

    async def _send(self, request: web.Request) -> web.Response:
        self._claims(request, str(request.url.with_query(None)))
        message = await request.json()
        text = invocation(message["target"], message["arguments"])
        for socket in list(self._users.get(request.match_info["user"], ())):
            with contextlib.suppress(ConnectionError):
                await socket.send_str(text)
        return web.Response(status=202)

    def _user(self, request: web.Request) -> str:
        claims = self._claims(request, f"{self.endpoint}/client/?hub={request.query.get('hub', '')}")
        return str(claims.get("nameid", ""))

    def _claims(self, request: web.Request, audience: str) -> dict[str, Any]:
        """What the token says that came with a request: in the header, or in the query where a browser cannot set one."""
        import jwt

        token = request.headers.get("authorization", "").removeprefix("Bearer ") or request.query.get(
            "access_token", ""
        )
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self.key, algorithms=["HS256"], audience=audience, options={"require": ["exp", "aud"]}
            )
        except jwt.InvalidTokenError as error:
            log.warning("a token was refused: %s", type(error).__name__)
            raise web.HTTPUnauthorized() from None
        return claims


async def _listen(socket: web.WebSocketResponse) -> None:
    """Until the client goes. It may say that it is alive, or goodbye; anything else ends it: there is nobody to call."""
    while True:
        message = await socket.receive(timeout=SILENCE_S)
        if message.type is not WSMsgType.TEXT:
            return
        for said in records(message.data):
            if said.get("type") == INVOCATION:
                await socket.send_str(record({"type": CLOSE, "error": "clients cannot invoke anything here"}))
            if said.get("type") != PING:
                return


async def _ping(socket: web.WebSocketResponse) -> None:
    with contextlib.suppress(ConnectionError):
        while not socket.closed:
            await asyncio.sleep(PING_S)
            await socket.send_str(record({"type": PING}))


@web.middleware
async def _cors(request: web.Request, handler: Any) -> web.StreamResponse:
    """Let pages on loopback in, whatever their port; no other site."""
    origin = request.headers.get("origin")
    if origin is not None and not is_local(origin):
        raise web.HTTPForbidden
    answer: web.StreamResponse = web.Response(status=204) if request.method == "OPTIONS" else await handler(request)
    if origin is not None and not answer.prepared:
        answer.headers["access-control-allow-origin"] = origin
        answer.headers["access-control-allow-credentials"] = "true"
        answer.headers["access-control-allow-headers"] = (
            "authorization, content-type, x-requested-with, x-signalr-user-agent"
        )
        answer.headers["vary"] = "origin"
    return answer
