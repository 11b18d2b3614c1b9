"""This machine's loopback: its names, and its ports."""

from __future__ import annotations

import socket
from contextlib import ExitStack

FIRST_PORT = 7071
"""Where a host listens that was not told where; the next free one, if this is taken."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_free(port: int) -> bool:
    """Whether a server could listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def next_free(first: int) -> int:
    """The first port from here on that nobody listens on."""
    return next(port for port in range(first, 2**16) if is_free(port))


def free_ports(count: int) -> tuple[int, ...]:
    """So many different ports that nobody listens on, anywhere."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return tuple(one.getsockname()[1] for one in sockets)
