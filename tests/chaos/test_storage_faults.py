"""Storage that fails at the nth operation of a job, for n = 0, 1, 2, …: the job ends once, whatever n was."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.azurite import running_azurite
from tests.chaos.checks import once, orphans
from tests.chaos.conftest import Tally
from tests.chaos.proxy import APPLIED, WAYS, FaultProxy
from tests.stack.media import photo
from tests.stack.running import Stack

LAST_OPERATION = 40
"""A photo's job takes fewer operations than this, from the upload's announcement to the emptied `temp`."""

SHORT = (2, 9, 16)
FAULTS = 12
"""More in a row than the storage client's own retries stand, so that the durable retry has to help."""


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, FaultProxy]]:
    """A stack whose every word with storage goes through the proxy; the test itself goes around it."""
    folder = tmp_path_factory.mktemp("chaos")
    with running_azurite(folder / "storage") as connection:
        ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)/", connection)]
        proxy = FaultProxy(ports)
        through = connection
        for port, ours in zip(ports, proxy.ports, strict=True):
            through = through.replace(f":{port}/", f":{ours}/")
        stack = Stack(folder / "data", env={"AzureWebJobsStorage": through}, storage=connection)
        try:
            yield stack.start(), proxy
        finally:
            proxy.disarm()
            stack.stop()
            proxy.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every operation with `--chaos`, a few otherwise."""
    full = metafunc.config.getoption("--chaos")
    if "operation" in metafunc.fixturenames:
        metafunc.parametrize("operation", range(LAST_OPERATION) if full else SHORT)
    if "way" in metafunc.fixturenames:
        metafunc.parametrize("way", WAYS if full else (APPLIED,))


def test_a_job_survives_storage_that_fails_after_the_nth_operation(
    proxied: tuple[Stack, FaultProxy], operation: int, way: str, tally: Tally
) -> None:
    stack, proxy = proxied
    name = f"fault-{WAYS.index(way)}-{operation}.jpg"
    proxy.arm(operation, way, FAULTS)
    id_ = stack.upload(name, photo(640, 480, seed=operation))
    counts = once(stack, id_)
    proxy.disarm()
    tally.add(f"storage: {way}", faults=proxy.faults, orphans=orphans(stack.data / "work" / "1" / "jobs"), **counts)
    assert counts["once"] == 1, f"{counts}; the log ends:\n{stack.host.log[-3000:]}"
    assert counts["temp"] == 0
