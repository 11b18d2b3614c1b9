"""`smoke` sees what is wrong: against an app that is right, and against apps that are wrong in one way each."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.deploy_smoke import Check, Deployed, smoke

FUNCTION_KEY, DURABLE_KEY, ETAG = "function-key", "durable-key", '"0x8DC"'


class App:
    """An app that answers as the deployed one does; `faults` are what it gets wrong."""

    def __init__(self) -> None:
        self.faults: set[str] = set()
        self.uploads: dict[str, bytes] = {}
        self.polls = 0
        self.asked_for = False
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._tell(*app.get(self.path, dict(self.headers)))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                self._tell(*app.post(self.path, dict(self.headers), json.loads(body or b"{}")))

            def _tell(self, status: int, body: Any) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def get(self, path: str, headers: dict[str, str]) -> tuple[int, Any]:
        if path == "/api/health":
            return 200, {
                "status": "ok",
                "checks": {"storage": "ok" if "storage" not in self.faults else "Forbidden"},
            } | ({"status": "degraded"} if "storage" in self.faults else {})
        if path.startswith("/runtime/webhooks/durabletask/instances/media-") and f"code={DURABLE_KEY}" in path:
            return self._status()
        if path.startswith("/runtime"):
            return (200, []) if "open durable" in self.faults else (401, {})
        return (200, []) if "open jobs" in self.faults and path == "/api/jobs" else (401, {})

    def _status(self) -> tuple[int, Any]:
        self.polls += 1
        if "events" in self.faults and not self.asked_for:
            return 404, {}
        if self.polls < 3:
            return 202, {"runtimeStatus": "Running"}
        status = "rejected" if "job" in self.faults else "success"
        receipt = {"status": status, "original_size": 1000, "compressed_size": 400, "saved_bytes": 600}
        return 200, {"runtimeStatus": "Completed", "output": receipt}

    def post(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        given = {key.lower(): value for key, value in headers.items()}
        if path == "/api/media" and given.get("x-functions-key") == FUNCTION_KEY and body["blob_name"] in self.uploads:
            self.asked_for = True
            return 202, {
                "statusQueryGetUri": f"{self.url}/runtime/webhooks/durabletask/instances/media-1?code={DURABLE_KEY}"
            }
        if path == "/api/upload" and "forged" in self.faults and "x-ms-client-principal" in given:
            return 201, {}
        return 401, {}

    def put(self, file: Path, blob: str) -> str:
        self.uploads[blob] = file.read_bytes()
        return ETAG


@pytest.fixture
def app() -> Iterator[App]:
    made = App()
    yield made
    made.server.shutdown()
    made.server.server_close()


def tried(app: App, *, key: str = FUNCTION_KEY, event_wait_s: float = 20) -> dict[str, Check]:
    deployed = Deployed(app.url, key, DURABLE_KEY, app.put)
    return {check.name: check for check in smoke(deployed, timeout_s=20, event_wait_s=event_wait_s)}


def failed(checks: dict[str, Check]) -> list[str]:
    return [name for name, check in checks.items() if not check.passed]


def test_an_app_that_is_right_passes_everything(app: App) -> None:
    checks = tried(app)
    assert failed(checks) == []
    assert len(checks) == 11
    (photo,) = app.uploads.values()
    assert photo.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("storage", "the app answers, and its dependencies are fine"),
        ("job", "and well: it is smaller now"),
        ("open jobs", "jobs are not listed without a key"),
        ("open durable", "the durable API is shut without its key"),
        ("forged", "nobody is signed in by saying so"),
    ],
)
def test_what_is_wrong_is_seen(app: App, fault: str, check: str) -> None:
    app.faults.add(fault)
    assert failed(tried(app)) == [check]


def test_uploads_that_nobody_notices_are_seen(app: App) -> None:
    app.faults.add("events")
    assert failed(tried(app, event_wait_s=1)) == ["an upload is noticed by itself"]


def test_a_wrong_key_is_said_and_the_doors_are_tried_all_the_same(app: App) -> None:
    checks = tried(app, key="old-key")
    assert failed(checks) == ["its job can be asked for"]
    assert "jobs are not listed without a key" in checks


def test_no_key_shows_in_what_is_printed(app: App) -> None:
    told = json.dumps([asdict(check) for check in tried(app).values()]) + repr(
        Deployed(app.url, FUNCTION_KEY, DURABLE_KEY, app.put)
    )
    assert FUNCTION_KEY not in told
    assert DURABLE_KEY not in told
