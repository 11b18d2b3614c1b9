"""SIMPI and webhooks, against a real HTTP server on loopback that answers as told."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import certifi
import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from adapters import simpi_api, webhooks
from adapters.one_request import Patience
from adapters.simpi_api import put_media
from core.deliveries import SLOW_S, Delivery
from core.events import Event
from tests.outside.receiver import SECRET, Answer, Receiver
from tests.web.test_sas import certificate

EVENT = Event("media-1.done", "media.processing.completed", "2026-01-01T00:00:00.000Z", {"a": "ü\n"})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def post(url: str) -> Delivery:
    return webhooks.send(url, SECRET, EVENT, allow_private=True)


def test_simpi_gets_the_step_the_token_and_a_key_that_makes_repeating_harmless(receiver: Receiver) -> None:
    told = put_media(receiver.url, "t0ken", "a-b/../c", "media-1", {"processing_status": "success"})
    assert (told.delivery, told.detail) == ("delivered", "SIMPI answered 200")
    request = receiver.requests[0]
    assert (request.method, request.path) == ("PUT", "/api/v1/steps/a-b%2F..%2Fc/media")
    assert (request.headers["authorization"], request.headers["idempotency-key"]) == ("Bearer t0ken", "media-1")
    assert request.json == {"processing_status": "success"}


@pytest.mark.parametrize(
    "step_id", ["9", "a-b-c", "0b9f…", "6f1c1d3e-0000-4000-8000-000000000000", "x?y#z", "ü", "%2e%2e"]
)
def test_any_step_id_stays_one_segment_of_the_path(receiver: Receiver, step_id: str) -> None:
    put_media(receiver.url, None, step_id, "media-1", {})
    head, tail = "/api/v1/steps/", "/media"
    path = receiver.requests[0].path
    assert path.startswith(head)
    assert path.endswith(tail)
    assert not set(path[len(head) : -len(tail)]) & set("/?#")


def test_a_refused_token_is_named_and_never_said(receiver: Receiver) -> None:
    receiver.answers = [Answer(401)]
    told = put_media(receiver.url, "t0ken", "9", "media-1", {})
    assert (told.delivery, told.detail) == ("refused", "SIMPI, asked with SIMPI_API_TOKEN, answered 401")


@pytest.mark.parametrize("step_id", ["..", ".", "", "9" * 201])
def test_a_step_id_that_would_leave_its_place_in_the_path_is_never_sent(receiver: Receiver, step_id: str) -> None:
    assert put_media(receiver.url, None, step_id, "media-1", {}).delivery == "refused"
    assert receiver.requests == []


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 422, 302])
def test_what_simpi_will_never_take_is_refused(receiver: Receiver, code: int) -> None:
    receiver.answers = [Answer(code, {"location": "/elsewhere"})]
    told = put_media(receiver.url, None, "9", "media-1", {})
    assert told.delivery == "refused"
    assert str(code) in told.detail
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("code", "retry_after", "again_s"), [(429, "7", 7), (429, None, SLOW_S), (503, "2", 2), (500, None, None)]
)
def test_what_may_pass_stays_pending_for_as_long_as_simpi_asks(
    receiver: Receiver, code: int, retry_after: str | None, again_s: float | None
) -> None:
    receiver.answers = [Answer(code, {"retry-after": retry_after} if retry_after else {})]
    told = put_media(receiver.url, None, "9", "media-1", {})
    assert (told.delivery, told.again_s) == ("pending", again_s)


def test_simpi_that_does_not_answer_in_time_is_left_alone_for_a_while(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpi_api, "QUICK_S", (1.0, 0.1))
    receiver.answers = [Answer(hang=True)]
    told = put_media(receiver.url, None, "9", "media-1", {})
    assert (told.delivery, told.again_s) == ("pending", SLOW_S)


@pytest.fixture
def dripper() -> Iterator[str]:
    """A server that answers 200 at once, and then sends one byte of a header after another for 10 seconds."""
    drips, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip() -> None:
        client, _ = drips.accept()
        with client, suppress(OSError):
            client.sendall(b"HTTP/1.1 200 OK\r\nx-drip: ")
            for _ in range(500):
                if over.wait(0.02):
                    break
                client.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    yield f"http://127.0.0.1:{drips.getsockname()[1]}"
    over.set()
    thread.join()
    drips.close()


def test_an_answer_that_drips_in_is_cut_off_and_does_not_count(dripper: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "QUICK", Patience(1, 0.3))
    begun = time.monotonic()
    told = post(dripper)
    assert (told.delivery, told.again_s) == ("pending", SLOW_S)
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("who", ["simpi", "webhook"])
def test_nobody_there_is_pending_and_the_detail_holds_no_url(who: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/canary?token=canary"
        told = put_media(url, "canary", "9", "media-1", {}) if who == "simpi" else post(url)
    assert told.delivery == "pending"
    assert "canary" not in told.detail


@pytest.mark.parametrize(
    "where", ["https://hooks..example/", f"https://{'a' * 64}.example/", "https://hooks.example:99999/"]
)
def test_an_address_that_cannot_be_asked_for_is_pending_and_breaks_no_job(where: str) -> None:
    told = webhooks.send(where, SECRET, EVENT)
    assert told.delivery == "pending"
    assert "could not be resolved" in told.detail


def test_a_webhook_is_signed_so_that_the_librarys_own_verifier_takes_it(receiver: Receiver) -> None:
    assert post(f"{receiver.url}/hook?a=b").delivery == "delivered"
    request = receiver.requests[0]
    assert request.verified() == {"type": EVENT.type, "timestamp": EVENT.timestamp, "data": EVENT.data}
    assert (request.path, request.headers["webhook-id"]) == ("/hook?a=b", EVENT.id)
    assert request.headers["host"] == receiver.url.removeprefix("http://")
    with pytest.raises(WebhookVerificationError):
        request.verified("whsec_" + "b3RoZXItb3RoZXItb3RoZXI=")


@pytest.mark.parametrize(("code", "delivery"), [(301, "pending"), (400, "pending"), (500, "pending"), (410, "refused")])
def test_a_webhook_that_nobody_took_is_tried_again_and_no_redirect_is_followed(
    receiver: Receiver, code: int, delivery: str
) -> None:
    receiver.answers = [Answer(code, {"location": "/elsewhere"})]
    assert post(receiver.url).delivery == delivery
    assert [request.path for request in receiver.requests] == ["/"]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.8.9.1",
        "localhost",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f.1",
        "017700000001",
    ],
)
def test_a_webhook_to_this_machine_is_refused_without_a_connect_however_it_is_written(
    receiver: Receiver, host: str
) -> None:
    told = webhooks.send(f"http://{host}:{receiver.port}/", SECRET, EVENT)
    assert told.delivery in ("refused", "pending")
    assert "answered" not in told.detail
    assert receiver.requests == []


def test_a_name_that_changes_its_mind_between_check_and_connect_is_asked_once(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["127.0.0.1", "192.0.2.1"]  # the second lookup would lead elsewhere

    def rebinding(host: str, port: int, *_: object, **__: object) -> list[object]:
        address = answers.pop(0) if host == "rebinding.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert post(f"http://rebinding.example:{receiver.port}/").delivery == "delivered"
    assert answers == ["192.0.2.1"]


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of an HTTPS server on loopback, whose certificate is for 127.0.0.1 and is trusted."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    cert, key = certificate(tmp_path)
    monkeypatch.setattr(certifi, "where", lambda: str(cert))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_certificate_must_be_the_hosts_own(secure: int) -> None:
    own, other = f"https://127.0.0.1:{secure}", f"https://localhost:{secure}"
    assert post(own).delivery == "delivered"
    told = post(other)
    assert (told.delivery, "reached" in told.detail) == ("pending", True)
