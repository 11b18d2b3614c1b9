"""One HTTP request on a connection of its own, with an end to it: an answer that drips in does not hold a worker."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPException

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError


@dataclass(frozen=True)
class Patience:
    """Seconds to connect, and from then on until the status and all headers of the answer are there."""

    connect_s: float
    answer_s: float


class TooSlow(Exception):
    """Somebody took the request, or may have, and has not answered in time."""


class Unreachable(Exception):
    """There was no answer; the text is the name of the error only: its own text may hold the URL."""


def connection(scheme: str, host: str, port: int, *, address: str | None = None) -> HTTPConnection:
    """A connection to a host, or to this address of it; its certificate must be the host's."""
    if scheme == "http":
        return HTTPConnection(address or host, port)
    return HTTPSConnection(
        address or host, port, server_hostname=host, assert_hostname=host, cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
    )  # fmt: skip


def send_once(
    to: HTTPConnection, method: str, target: str, body: bytes, headers: dict[str, str], patience: Patience
) -> tuple[int, str | None]:
    """Send one request; the status of the answer and its Retry-After. No redirect is followed, and no body read.

    Raises: TooSlow, Unreachable.
    """
    over = threading.Event()
    with closing(to):
        try:
            to.timeout = patience.connect_s
            to.connect()
            to.sock.settimeout(patience.answer_s)
            # The timeout of a socket begins anew with every byte that arrives; this one does not.
            watchdog = threading.Timer(patience.answer_s, _hang_up, (to.sock, over))
            watchdog.daemon = True
            watchdog.start()
        except (HTTPError, CertificateError, OSError) as error:
            raise Unreachable(type(error).__name__) from None
        try:
            to.request(method, target, body=body, headers=headers, preload_content=False)
            with closing(to.getresponse()) as answer:
                # Where we hung up in the middle of the headers they just end: what came is no answer.
                if over.is_set():
                    raise TooSlow
                return answer.status, answer.headers.get("retry-after")
        except TimeoutError:
            raise TooSlow from None
        except (HTTPError, HTTPException, OSError) as error:
            if over.is_set():
                raise TooSlow from None
            raise Unreachable(type(error).__name__) from None
        finally:
            watchdog.cancel()


def _hang_up(sock: socket.socket, over: threading.Event) -> None:
    over.set()
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # of the TCP connection: a TLS farewell could wait, too
