"""A host that answers as a test wants, for states that a real stack cannot be brought into."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cli.http import CONTINUATION

INSTANCES = "/runtime/webhooks/durabletask/instances"
Reply = tuple[int, Any]


class StandIn:
    """Answers each request with the next of `replies`, the last one again and again; `asked` are the paths so far."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [(404, None)]
        self.asked: list[str] = []
        self.instances: list[dict[str, Any]] | None = None

    def __enter__(self) -> StandIn:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Be silent from now on."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def says(self, *replies: Reply) -> None:
        """What to answer from now on."""
        self.replies = list(replies)

    def has(self, *instances: dict[str, Any]) -> None:
        """Which orchestrations it knows of, the oldest first: listed from now on as the durable API does."""
        self.instances = list(instances)

    def _page(self, path: str, after: str) -> tuple[list[dict[str, Any]], str]:
        """The instances that the query wants, `top` at once, and the token of the next page."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        wanted = query.get("runtimeStatus", "").split(",")
        prefix = query.get("instanceIdPrefix", "")
        found = [one for one in self.instances or [] if one["instanceId"].startswith(prefix)]
        found = [one for one in found if wanted == [""] or one["runtimeStatus"] in wanted]
        begin, count = int(after or 0), min(int(query.get("top", 100)), 1000)  # a table gives no more rows at once
        more = str(begin + count) if len(found) > begin + count else ""
        return found[begin : begin + count], more

    def _next(self, path: str) -> Reply:
        if path.startswith("/admin/host/ping"):
            return 200, None
        self.asked.append(path)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                more = ""
                if stand_in.instances is not None and urlsplit(self.path).path == INSTANCES:
                    status = 200
                    body, more = stand_in._page(self.path, self.headers.get(CONTINUATION, ""))
                else:
                    status, body = stand_in._next(self.path)
                raw = json.dumps(body).encode() if body is not None else b""
                self.send_response(status)
                self.send_header("content-length", str(len(raw)))
                if more:
                    self.send_header(CONTINUATION, more)
                self.end_headers()
                self.wfile.write(raw)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def running(stage: str = "compressing", percent: float = 50) -> Reply:
    """The status of a job that runs."""
    return 202, {"runtimeStatus": "Running", "customStatus": {"stage": stage, "percent": percent, "message": "Working"}}


def ended(output: Any, status: str = "Completed") -> Reply:
    """The status of a job that has ended."""
    return 200, {"runtimeStatus": status, "output": output}
