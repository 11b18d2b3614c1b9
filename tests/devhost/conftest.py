"""One host for all tests of a pytest worker, on free ports, with an Azurite of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from devhost.testing import Host

APP = Path(__file__).parent / "app"


@pytest.fixture(scope="session")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app's functions leave their marks."""
    return tmp_path_factory.mktemp("proof")


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory, proof: Path) -> Iterator[Host]:
    """A host with two workers."""
    with clean_host(tmp_path_factory.mktemp("data"), proof) as running:
        yield running


class clean_host:
    """A host that is stopped, whatever happens."""

    def __init__(self, data: Path, proof: Path, workers: int = 2) -> None:
        self.host = Host.start(APP, data, workers, {"PROOF_DIR": str(proof), "AzureWebJobsStorage": ""})

    def __enter__(self) -> Host:
        return self.host

    def __exit__(self, *_: object) -> None:
        self.host.stop()


@pytest.fixture(scope="session")
def storage(host: Host) -> BlobServiceClient:
    """The host's blob storage."""
    return BlobServiceClient.from_connection_string(host.stack["storage"], retry_total=0)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """An instance id or blob name that no other test has."""
    return f"{request.node.name.replace('[', '-').rstrip(']')}-{os.getpid()}".replace("_", "-")[-80:]
