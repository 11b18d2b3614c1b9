"""A real HTTP server on loopback that remembers what came in and answers as told."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQ="


@dataclass(frozen=True)
class Request:
    """One request that came in; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, parsed."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    def verified(self, secret: str = SECRET) -> dict[str, Any]:
        """The event in it, checked by the library's own verifier. Raises: WebhookVerificationError."""
        event: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return event


@dataclass(frozen=True)
class Answer:
    """What to answer. `hang` means: take the request, then say nothing until the server is closed."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False


class Receiver:
    """`answers` are given in turn, the last one for ever; `accepted` are the requests that were answered with 2xx."""

    def __init__(self, port: int = 0) -> None:
        self.answers: list[Answer] = [Answer()]
        self.requests: list[Request] = []
        self.accepted: list[Request] = []
        self._lock, self._closing = threading.Lock(), threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {key.lower(): value for key, value in self.headers.items()}
                answer = receiver._take(Request(self.command, self.path, headers, body))
                if answer.hang:
                    receiver._closing.wait()
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for key, value in {"content-length": "0", **answer.headers}.items():
                    self.send_header(key, value)
                self.end_headers()

            do_PUT = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def _take(self, request: Request) -> Answer:
        with self._lock:
            answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
            self.requests.append(request)
            if answer.hang or 200 <= answer.status < 300:
                self.accepted.append(request)
            return answer

    def close(self) -> None:
        """End it; what hangs is let go."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
