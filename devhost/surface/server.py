"""The HTTP servers: the public one on the host's port, and one that only the durable clients of the app know."""

from __future__ import annotations

import contextlib
import hmac
import socket
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from aiohttp.typedefs import Middleware

from devhost import VERSION
from devhost.app_index import App
from devhost.engine.engine import Engine
from devhost.host_json import ConfigError
from devhost.ports import FIRST_PORT, is_local
from devhost.surface.durable_api import DurableApi
from devhost.surface.functions import HttpFunctions
from devhost.surface.urls import WEBHOOKS
from devhost.triggers.timer import TimerTrigger

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LARGEST_BODY_BYTES = 210 * 1024 * 1024  # the real host's limit
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@web.middleware
async def only_local_callers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep web pages out: those that reach us through a name they have rebound, and those that post from elsewhere."""
    if not is_local(f"//{request.host}"):
        return web.Response(status=421, text="This host answers on 127.0.0.1 and localhost only.")
    origin = request.headers.get("Origin")
    if origin is not None and request.method not in SAFE_METHODS and not is_local(origin):
        return web.Response(status=403, text="This host takes changes from pages on 127.0.0.1 and localhost only.")
    return await handler(request)


def key_wanted(key: str) -> Middleware:
    """Refuse webhook requests without the system key."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.query.get("code") or request.headers.get("x-functions-key") or ""
        wants_key = request.path.startswith(WEBHOOKS) or (
            request.method == "POST" and request.path.startswith("/admin/")
        )
        if wants_key and not hmac.compare_digest(given.encode(), key.encode()):
            return web.Response(status=401)
        return await handler(request)

    return check


def public_app(
    app: App,
    functions: HttpFunctions,
    durable: DurableApi,
    key: str,
    engine: Engine,
    timers: Mapping[str, TimerTrigger],
) -> web.Application:
    """Everything on the host's port."""
    site = web.Application(middlewares=[only_local_callers, key_wanted(key)], client_max_size=LARGEST_BODY_BYTES)
    listed = [
        {
            "name": f.name,
            "config": {"bindings": [{"name": f.trigger.name, "type": f.trigger.type}]},
            "isDisabled": False,
        }
        for f in app.functions
    ]

    async def ping(_: web.Request) -> web.Response:
        return web.Response()

    async def status(_: web.Request) -> web.Response:
        return web.json_response(
            {"id": "devhost", "state": "Running", "version": VERSION, "workers": engine.connected_workers}
        )

    async def names(_: web.Request) -> web.Response:
        return web.json_response(listed)

    async def run_by_hand(request: web.Request) -> web.Response:
        timer = timers.get(request.match_info["name"])
        if timer is None:
            return web.Response(status=404)
        await timer.fire()
        return web.Response(status=202)

    site.add_routes(
        [
            web.route("*", "/admin/host/ping", ping),
            web.get("/admin/host/status", status),
            web.get("/admin/functions", names),
            web.post("/admin/functions/{name}", run_by_hand),
            *durable.routes(WEBHOOKS),
            web.route("*", "/{path:.*}", functions.handle),
        ]
    )
    return site


def rpc_app(durable: DurableApi) -> web.Application:
    """What the durable clients of the app call."""
    site = web.Application(middlewares=[only_local_callers], client_max_size=LARGEST_BODY_BYTES)
    site.add_routes(durable.routes("/durabletask"))
    return site


def listen(port: int | None) -> socket.socket:
    """A socket on a loopback port; 0 takes any free one, None the first free one from 7071 on.

    Raises: ConfigError, if the port that was asked for is taken.
    """
    for one in range(FIRST_PORT, 2**16) if port is None else [port]:
        with contextlib.suppress(OSError):
            return _listening(one)
    raise ConfigError(f"port {port or FIRST_PORT} is taken by another program: stop it, or choose another --port")


def _listening(port: int) -> socket.socket:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        one.bind(("127.0.0.1", port))
        one.listen(256)  # two may bind the same port, only one may listen
    except OSError:
        one.close()
        raise
    return one


async def serve(site: web.Application, one: socket.socket) -> web.AppRunner:
    """Serve a site on a socket."""
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.SockSite(runner, one).start()
    return runner
