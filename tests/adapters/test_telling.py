"""SIMPI and webhooks, against a real HTTP server on loopback that answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from standardwebhooks.webhooks import Webhook

from adapters.simpi_api import Refused, put_media
from adapters.webhooks import send

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQ="


class Receiver:
    """Remembers what came in; `answers` are the status codes to give, the last one for ever."""

    def __init__(self) -> None:
        self.answers, self.requests = [200], []  # type: tuple[list[int], list[tuple[str, str, dict[str, str], bytes]]]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {key.lower(): value for key, value in self.headers.items()}
                receiver.requests.append((self.command, self.path, headers, body))
                code = receiver.answers[0] if len(receiver.answers) == 1 else receiver.answers.pop(0)
                self.send_response(code)
                self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            do_PUT = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_simpi_gets_the_step_the_token_and_a_key_that_makes_repeating_harmless(receiver: Receiver) -> None:
    assert put_media(receiver.url, "t0ken", "a-b/../c", "media-1", {"processing_status": "success"}) == 200
    method, path, headers, body = receiver.requests[0]
    assert (method, path) == ("PUT", "/api/v1/steps/a-b%2F..%2Fc/media")
    assert (headers["authorization"], headers["idempotency-key"]) == ("Bearer t0ken", "media-1")
    assert json.loads(body) == {"processing_status": "success"}


@pytest.mark.parametrize("code", [400, 401, 404, 302])
def test_what_simpi_will_never_take_is_not_sent_again(receiver: Receiver, code: int) -> None:
    receiver.answers = [code]
    with pytest.raises(Refused, match=str(code)):
        put_media(receiver.url, None, "9", "media-1", {})
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("code", [429, 500, 503])
def test_what_may_pass_is_left_to_the_durable_retry(receiver: Receiver, code: int) -> None:
    receiver.answers = [code]
    with pytest.raises(requests.RequestException, match=str(code)):
        put_media(receiver.url, None, "9", "media-1", {})


def test_a_webhook_is_signed_so_that_the_librarys_own_verifier_takes_it(receiver: Receiver) -> None:
    assert send(receiver.url, SECRET, "media-1.done", {"type": "media.processing.completed", "data": {"a": "ü"}}) == 200
    _, _, headers, body = receiver.requests[0]
    assert Webhook(SECRET).verify(body, headers)["data"] == {"a": "ü"}
    assert headers["webhook-id"] == "media-1.done"


@pytest.mark.parametrize("code", [301, 400, 500])
def test_a_webhook_that_nobody_took_is_an_error_and_no_redirect_is_followed(receiver: Receiver, code: int) -> None:
    receiver.answers = [code]
    with pytest.raises(requests.RequestException):
        send(receiver.url, SECRET, "media-1.done", {})
    assert [path for _, path, _, _ in receiver.requests] == ["/"]
