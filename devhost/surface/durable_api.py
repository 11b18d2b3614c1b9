"""The durable extension's HTTP API: the webhooks for people and servers, and the RPC calls of the Python client."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from devhost.engine.instances import AlreadyExists, Instances, NotThere, Query, Status
from devhost.surface.history_view import shown_history
from devhost.surface.urls import Urls

CONTINUATION = "x-ms-continuation-token"
PAGE, LARGEST_PAGE = 100, 1000
"""How many instances are listed at once: the extension's default, and as many rows as a table gives for one request."""


class DurableApi:
    """All routes of the API. They are the same for both callers; the webhooks want a key besides."""

    def __init__(self, instances: Instances, orchestrators: frozenset[str], urls: Urls, version: str | None) -> None:
        self._instances, self._orchestrators, self._urls, self._version = instances, orchestrators, urls, version

    def routes(self, base: str) -> list[web.RouteDef]:
        """The routes, below `base`."""
        one = f"{base}/instances/{{id}}"
        return [
            web.post(f"{base}/orchestrators/{{name}}", self.start),
            web.post(f"{base}/orchestrators/{{name}}/{{id}}", self.start),
            web.get(f"{base}/instances", self.find),
            web.get(f"{base}/instances/", self.find),
            web.delete(f"{base}/instances", self.purge_many),
            web.delete(f"{base}/instances/", self.purge_many),
            web.get(one, self.status),
            web.delete(one, self.purge),
            web.post(f"{one}/raiseEvent/{{event}}", self.raise_event),
            web.post(f"{one}/restart", self.restart),
            *(web.post(f"{one}/{verb}", self.steer) for verb in ("terminate", "suspend", "resume")),
            web.post(f"{one}/rewind", self.rewind),
            web.route("*", f"{base}/entities{{rest:.*}}", self.entities),
        ]

    async def start(self, request: web.Request) -> web.Response:
        """Start an orchestration."""
        name, instance_id = request.match_info["name"], request.match_info.get("id")
        if name not in self._orchestrators:
            names = ", ".join(f"'{other}'" for other in sorted(self._orchestrators))
            return _error(
                400,
                f"The function '{name}' doesn't exist, is disabled, or is not an orchestrator function. "
                f"Additional info: The following are the known orchestrator functions: {names}.",
            )
        if instance_id and (instance_id.startswith("@") or set(instance_id) & set("/\\#?") or len(instance_id) > 256):
            return _error(400, "An instance id must not start with @, contain / \\ # ?, or exceed 256 characters.")
        given = await request.text()
        if given and not _is_json(given):
            return _error(400, "Invalid JSON content")
        version = request.query.get("version") or self._version
        try:
            started = self._instances.start(name, instance_id, given or None, version)
        except AlreadyExists as error:
            return _error(409, str(error))
        return await self._started(request, started)

    async def _started(self, request: web.Request, instance_id: str) -> web.Response:
        """The check-status response; or the end of the instance, if the caller waits for it and it comes in time."""
        timeout_s, interval_s = (_number(request, key) for key in ("timeout", "pollingInterval"))
        if timeout_s is not None and interval_s is not None:
            end = time.monotonic() + timeout_s
            while time.monotonic() < end:
                status = self._instances.get(instance_id)
                if status is not None and status.is_over:
                    ok = status.runtime_status == "Completed"
                    body = _parsed(status.output) if ok else shown(status)
                    return web.json_response(body, status=500 if status.runtime_status == "Failed" else 200)
                await asyncio.sleep(min(interval_s, 0.05))
        urls = self._urls.management(instance_id)
        headers = {"Location": urls["statusQueryGetUri"], "Retry-After": "10"}
        return web.json_response(urls, status=202, headers=headers)

    async def status(self, request: web.Request) -> web.Response:
        """The status of one instance: 202 while it runs, 200 when it has ended."""
        history = _flag(request, "showHistory", False)
        status = self._instances.get(request.match_info["id"], history=history)
        if status is None:
            return web.Response(status=404)
        body = shown(status, show_input=_flag(request, "showInput", True))
        if history:
            body["historyEvents"] = shown_history(status, _flag(request, "showHistoryOutput", False))
        if not status.is_over:
            return web.json_response(body, status=202, headers={"Location": str(request.url), "Retry-After": "5"})
        failed = status.runtime_status == "Failed" and _flag(request, "returnInternalServerErrorOnFailure", False)
        return web.json_response(body, status=500 if failed else 200)

    async def find(self, request: web.Request) -> web.Response:
        """Many instances, the oldest first, page by page: `top` is how many at once."""
        try:
            found = self._instances.find(_query(request))
            after = _read_token(request.headers.get(CONTINUATION))
        except ValueError as error:
            return _error(400, str(error))
        found = [status for status in found if (status.created.isoformat(), status.instance_id) > after]
        top = min(int(request.query.get("top", "0") or 0) or PAGE, LARGEST_PAGE)
        page = found[:top]
        headers = {CONTINUATION: _token(page[-1])} if len(found) > top else {}
        show_input = _flag(request, "showInput", True)
        return web.json_response([shown(status, show_input) for status in page], headers=headers)

    async def purge(self, request: web.Request) -> web.Response:
        """Forget one instance that has ended."""
        status = self._instances.get(request.match_info["id"])
        if status is None:
            return web.Response(status=404)
        if not status.is_over:
            text = f"Only orchestrations in a terminal state can be purged, this one has status {status.runtime_status}"
            return web.json_response(text, status=412)
        return web.json_response({"instancesDeleted": self._instances.purge([status.instance_id])})

    async def purge_many(self, request: web.Request) -> web.Response:
        """Forget the instances that match and have ended."""
        try:
            query = _query(request)
        except ValueError as error:
            return _error(400, str(error))
        if query.created_from is None:
            return _error(400, "Please provide value for 'createdTimeFrom' parameter.")
        purged = self._instances.purge(s.instance_id for s in self._instances.find(query) if s.is_over)
        return web.json_response({"instancesDeleted": purged}) if purged else web.Response(status=404)

    async def raise_event(self, request: web.Request) -> web.Response:
        """Give an instance an event."""
        if (gone := self._gone(request)) is not None:
            return gone
        if request.content_type != "application/json":
            return _error(400, "Only application/json request content is supported")
        data = await request.text() or "null"
        if not _is_json(data):
            return _error(400, "Invalid JSON content")
        self._instances.raise_event(request.match_info["id"], request.match_info["event"], data)
        return web.Response(status=202)

    async def steer(self, request: web.Request) -> web.Response:
        """Terminate, suspend or resume an instance."""
        if (gone := self._gone(request)) is not None:
            return gone
        verb = request.path.rpartition("/")[2]
        getattr(self._instances, verb)(request.match_info["id"], request.query.get("reason"))
        return web.Response(status=202)

    async def restart(self, request: web.Request) -> web.Response:
        """Run an instance again with its input, under a new id unless told otherwise."""
        new_id = _flag(request, "restartWithNewInstanceId", True)
        try:
            return await self._started(request, self._instances.restart(request.match_info["id"], new_id))
        except NotThere:
            return _error(400, "InstanceId does not match a valid orchestration instance.")
        except AlreadyExists:
            return _error(409, "A non-terminal instance with this instance ID already exists.")

    async def rewind(self, request: web.Request) -> web.Response:
        """Not on this engine."""
        status = self._instances.get(request.match_info["id"])
        if status is None:
            return web.Response(status=404)
        return web.json_response("Rewind is not supported by devhost's engine: restart the instance.", status=501)

    async def entities(self, request: web.Request) -> web.Response:
        """Not on this host."""
        return web.json_response("Durable entities are not supported by devhost.", status=501)

    def _gone(self, request: web.Request) -> web.Response | None:
        status = self._instances.get(request.match_info["id"])
        if status is None:
            return web.Response(status=404)
        return web.Response(status=410) if status.is_over else None


def shown(status: Status, show_input: bool = True) -> dict[str, Any]:
    """An instance's status as the API shows it."""
    return {
        "name": status.name,
        "instanceId": status.instance_id,
        "runtimeStatus": status.runtime_status,
        "input": _parsed(status.input) if show_input else None,
        "customStatus": _parsed(status.custom_status),
        "output": _parsed(status.output),
        "createdTime": f"{status.created:%Y-%m-%dT%H:%M:%SZ}",
        "lastUpdatedTime": f"{status.updated:%Y-%m-%dT%H:%M:%SZ}",
    }


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"Message": text, "ExceptionMessage": text}, status=status)


def _flag(request: web.Request, name: str, default: bool) -> bool:
    return request.query.get(name, str(default)).lower() == "true"


def _number(request: web.Request, name: str) -> float | None:
    try:
        return float(request.query[name])
    except (KeyError, ValueError):
        return None


def _query(request: web.Request) -> Query:
    values = request.query.getall("runtimeStatus", [])
    return Query(
        statuses=frozenset(status for value in values for status in value.split(",") if status),
        created_from=_time(request.query.get("createdTimeFrom")),
        created_to=_time(request.query.get("createdTimeTo")),
        id_prefix=request.query.get("instanceIdPrefix", ""),
    )


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    year, _, rest = text.partition("-")  # Python's strftime writes the year 1 as "1"
    moment = datetime.fromisoformat(f"{year:0>4}-{rest}")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _token(last: Status) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.created.isoformat(), last.instance_id]).encode()).decode()


def _read_token(token: str | None) -> tuple[str, str]:
    if not token:
        return "", ""
    created, instance_id = json.loads(base64.urlsafe_b64decode(token))
    return str(created), str(instance_id)
