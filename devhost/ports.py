"""This machine's loopback: its names, and its ports."""

from __future__ import annotations

import socket
from itertools import islice
from random import SystemRandom
from urllib.parse import urlsplit

FIRST_PORT = 7071
"""Where a host listens that was not told where; the next free one, if this is taken."""

ANYWHERE = range(20_000, 32_000)

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_local(url: str) -> bool:
    """Whether a URL, or an origin, is this machine's; one that cannot be read is nobody's."""
    try:
        parts = urlsplit(url)
        return parts.hostname in LOOPBACK and parts.port != 0
    except ValueError:
        return False


def is_free(port: int) -> bool:
    """Whether a server could listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listener(wanted: int, first: int) -> socket.socket:
    """A socket that listens on the wanted port, or on the next one from `first` on that nobody has.

    Whoever asks at the same moment gets another one: a port that was only found free may be gone when it is needed.
    """
    for port in (wanted, *range(first, 2**16)):
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
            server.listen()
        except OSError:
            server.close()
        else:
            return server
    raise OSError(f"no port from {first} on is free")


def next_free(first: int) -> int:
    """The first port from here on that nobody listens on."""
    return next(port for port in range(first, 2**16) if is_free(port))


def free_ports(count: int) -> tuple[int, ...]:
    """So many different ports that nobody listens on.

    None of those that systems give to outgoing connections (from 32768 on, at the earliest): one of these may be gone when a
    server that was restarted wants it again.
    """
    return tuple(islice(filter(is_free, SystemRandom().sample(ANYWHERE, len(ANYWHERE))), count))
