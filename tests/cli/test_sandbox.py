"""`./simpi sandbox`: SIMPI's stand-in by itself, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from devhost.ports import free_ports, listener
from tests.cli.calling import Caller

DONE = {
    "processing_status": "success",
    "compressed_url": "https://example.org/small.webp",
    "original_size": 1000,
    "compressed_size": 200,
    "compression_ratio": 5.0,
}


@contextmanager
def sandbox(simpi: Caller, *options: str) -> Iterator[str]:
    """The address that it says it has, on a port of its own; it is ended by Ctrl-C, and must end well."""
    (port,) = free_ports(1)
    process = simpi.begin("sandbox", "--database", "sqlite:///simpi.db", "--port", str(port), *options, stderr=None)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url == f"http://127.0.0.1:{port}"
        yield url
    finally:
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, "")


def told(url: str, step: str) -> requests.Response:
    return requests.put(
        f"{url}/api/v1/steps/{step}/media", json=DONE, headers={"idempotency-key": "media-1"}, timeout=20
    )


def test_it_keeps_what_it_is_told_in_the_users_own_file_from_one_call_to_the_next(simpi: Caller) -> None:
    with sandbox(simpi) as url:
        assert told(url, "9").json()["step"]["compressed_file_size"] == 200
    assert (simpi.folder / "simpi.db").is_file()
    with sandbox(simpi) as url:
        (step,) = requests.get(f"{url}/sandbox/state", timeout=20).json()["steps"]
        assert (step["id"], step["processing_status"]) == ("9", "success")
        assert "https://example.org/small.webp" in requests.get(url, timeout=20).text


def test_a_strict_one_knows_no_step_that_is_not_there(simpi: Caller) -> None:
    with sandbox(simpi, "--strict") as url:
        assert told(url, "9").status_code == 404


def test_a_database_of_another_kind_is_wrong_use(simpi: Caller) -> None:
    said = simpi("sandbox", "--database", "foo://x")
    assert (said.code, said.out) == (2, "")
    assert "postgresql://USER@HOST/NAME, not 'foo://x'" in said.err


def test_a_port_that_is_in_use_is_wrong_use(simpi: Caller) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = simpi("sandbox", "--database", "sqlite:///simpi.db", "--port", str(taken.getsockname()[1]))
    assert (said.code, said.out) == (2, "")
    assert "is in use" in said.err


def test_two_that_start_at_the_same_moment_get_ports_of_their_own() -> None:
    """Found free is not enough: neither of them serves yet."""
    wanted = free_ports(1)[0]
    with listener(wanted, wanted) as first, listener(wanted, wanted) as second:
        assert first.getsockname()[1] == wanted
        assert second.getsockname()[1] > wanted
