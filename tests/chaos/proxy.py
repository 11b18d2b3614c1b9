"""A proxy in front of storage that lets so many operations through and then fails, in one of the ways of networks."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

import aiohttp
import yarl
from aiohttp import web

REFUSED, BROKEN, APPLIED = "503", "reset", "applied, then reset"
WAYS = (REFUSED, BROKEN, APPLIED)
"""The service says no; the connection breaks before it heard; the connection breaks after it did what was asked."""

HOP = {"host", "connection", "transfer-encoding", "content-length"}


class FaultProxy:
    """One listening port per upstream port. Counts operations from `arm` on."""

    def __init__(self, ports: list[int]) -> None:
        self._upstreams = ports
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._left, self._way, self._faults_left = -1, REFUSED, 0
        self.seen = self.faults = 0
        started: Future[list[int]] = Future()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        self.ports = started.result(20)

    def arm(self, after: int, way: str, faults: int) -> None:
        """Let `after` operations through, fail the next `faults` ones, then be well again."""
        with self._lock:
            self._left, self._way, self._faults_left = after, way, faults
            self.seen = self.faults = 0

    def disarm(self) -> None:
        """Be well again."""
        with self._lock:
            self._left = -1

    def close(self) -> None:
        """Stop listening."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _verdict(self) -> str | None:
        with self._lock:
            self.seen += 1
            if self._left < 0:
                return None
            if self._left > 0:
                self._left -= 1
                return None
            if self._faults_left == 0:
                self._left = -1
                return None
            self._faults_left -= 1
            self.faults += 1
            return self._way

    def _run(self, started: Future[list[int]]) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen(started))
        self._loop.run_forever()
        self._loop.run_until_complete(self._hang_up())
        self._loop.close()

    async def _listen(self, started: Future[list[int]]) -> None:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        self._runners, ports = [], []
        for upstream in self._upstreams:
            app = web.Application(client_max_size=1024**3)
            app.router.add_route("*", "/{path:.*}", self._handler(upstream))
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self._runners.append(runner)
            ports.append(runner.addresses[0][1])
        started.set_result(ports)

    async def _hang_up(self) -> None:
        for runner in self._runners:
            await runner.cleanup()
        await self._session.close()

    def _handler(self, upstream: int) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            verdict = self._verdict()
            if verdict == REFUSED:
                return web.Response(status=503, headers={"x-ms-error-code": "ServerBusy"})
            if verdict == BROKEN:
                return _cut(request)
            body = await request.read()
            url = f"http://127.0.0.1:{upstream}{request.raw_path}"
            headers = {key: value for key, value in request.headers.items() if key.lower() not in HOP}
            try:
                answer = await self._session.request(
                    request.method,
                    yarl.URL(url, encoded=True),
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    skip_auto_headers=("content-type", "accept", "accept-encoding", "user-agent"),  # they are signed
                )
            except aiohttp.ClientError:
                return _cut(request)
            async with answer:
                content = await answer.read()
                if verdict == APPLIED:
                    return _cut(request)
                kept = {key: value for key, value in answer.headers.items() if key.lower() not in HOP}
                if request.method == "HEAD":
                    kept["content-length"] = answer.headers.get("content-length", "0")
                return web.Response(
                    status=answer.status, headers=kept, body=None if request.method == "HEAD" else content
                )

        return handle


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
