"""HTTP triggers: which function a request is for, the request as the app sees it, its answer."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from azure.functions.meta import Datum

from devhost.app_index import App, Function
from devhost.invoke import Runner, decode, encode
from devhost.outputs import Outputs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Route:
    """A function's route: the pattern of its paths and its methods (none means all)."""

    function: Function
    pattern: re.Pattern[str]
    methods: frozenset[str]
    rank: tuple[int, int]

    @classmethod
    def of(cls, function: Function, prefix: str) -> Route:
        """From the binding's `route` (the function's name if it has none) and `methods`."""
        settings = function.trigger.settings
        template = settings.get("route")
        path = "/".join(part for part in (prefix, function.name if template is None else template.strip("/")) if part)
        methods = frozenset(str(getattr(m, "value", m)).upper() for m in settings.get("methods") or ())
        pattern = re.compile(_regex(path), re.IGNORECASE)
        return cls(function, pattern, methods, (path.count("{*"), path.count("{")))


def _regex(template: str) -> str:
    """An ASP.NET route template as a regular expression: `{name}`, `{name?}`, `{name:int}`, `{*rest}`."""
    regex = ""
    for part in filter(None, template.split("/")):
        if match := re.fullmatch(r"\{\*+(\w+)\}", part):
            regex += rf"(?:/(?P<{match[1]}>.*))?"
        elif match := re.fullmatch(r"\{(\w+)(?::[^}]*)?\?\}", part):
            regex += rf"(?:/(?P<{match[1]}>[^/]+))?"
        else:
            pieces = re.split(r"\{(\w+)(?::[^}]*)?\}", part)
            named = [rf"(?P<{p}>[^/]+)" if i % 2 else re.escape(p) for i, p in enumerate(pieces)]
            regex += "/" + "".join(named)
    return f"{regex}/?"


class HttpFunctions:
    """All HTTP functions of the app."""

    def __init__(self, app: App, prefix: str, runner: Runner, outputs: Outputs) -> None:
        self._routes = sorted((Route.of(f, prefix) for f in app.of("httpTrigger")), key=lambda route: route.rank)
        self._runner, self._outputs = runner, outputs

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request with the function that it is for."""
        for route in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match is not None and (not route.methods or request.method in route.methods):
                parameters = {name: value for name, value in match.groupdict().items() if value is not None}
                return await self._call(route.function, request, parameters)
        if request.path == "/":
            return web.Response(text="This function app is up and running on devhost.\n")
        return web.Response(status=404)

    async def _call(self, function: Function, request: web.Request, parameters: dict[str, str]) -> web.Response:
        given = decode(function.trigger, await _datum(request, parameters), {})
        try:
            returned, outs = await asyncio.wrap_future(self._runner.call(function, given))
            if isinstance(returned, web.Response | bytes):
                raise TypeError(f"an HTTP function returns an HttpResponse or a str, not {type(returned).__name__}")
            await self._outputs.send(function, outs)
            return _response(function, returned)
        except Exception:
            log.exception("HTTP function '%s' failed", function.name)
            return web.Response(status=500)


async def _datum(request: web.Request, parameters: dict[str, str]) -> Datum:
    def strings(values: Any) -> dict[str, Datum]:
        return {name: Datum(value, "string") for name, value in values.items()}

    query = {name: ",".join(request.query.getall(name)) for name in request.query}
    headers = {name.lower(): ",".join(request.headers.getall(name)) for name in request.headers}
    return Datum(
        {
            "method": Datum(request.method, "string"),
            "url": Datum(str(request.url), "string"),
            "headers": strings(headers),
            "query": strings(query),
            "params": strings(parameters),
            "body": Datum(await request.read(), "bytes"),
        },
        "http",
    )


def _response(function: Function, returned: Any) -> web.Response:
    if returned is None:
        return web.Response(status=204)
    returns = next((b for b in function.outputs if b.name == "$return"), function.outputs[0])
    datum = encode(returns, returned)
    if datum.type == "string":
        return web.Response(text=datum.value)
    answer = datum.value
    headers = {name: header.value for name, header in answer["headers"].items()}
    response = web.Response(status=int(answer["status_code"].value), body=answer["body"].value, headers=headers)
    for cookies in answer["cookies"] or ():
        for cookie in cookies.values():
            response.headers.add("Set-Cookie", cookie.OutputString())
    return response
