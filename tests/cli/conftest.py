"""Users, storage and a stand-in for the host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from cli.target import Target
from core import naming
from tests.azurite import running_azurite
from tests.cli.calling import Caller
from tests.cli.standin import StandIn


@pytest.fixture
def simpi(tmp_path: Path) -> Caller:
    """A user without a stack."""
    return Caller(tmp_path / "user")


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The connection string of a running Azurite with our containers."""
    with running_azurite(tmp_path_factory.mktemp("azurite")) as connection:
        with BlobServiceClient.from_connection_string(connection) as service:
            for name in (naming.UPLOADS, naming.PROCESSED, naming.RECEIPTS):
                service.create_container(name)
        yield connection


@pytest.fixture
def host() -> Iterator[StandIn]:
    """A host that says what the test wants."""
    with StandIn() as host:
        yield host


@pytest.fixture
def target(host: StandIn, storage: str) -> Iterator[Target]:
    """The stand-in with real storage."""
    made = Target(host.url, storage, "the-key")
    with made.blobs:
        yield made
