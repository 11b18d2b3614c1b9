"""A real Azurite for the adapters of storage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure.storage.blob import BlobServiceClient

from adapters.blobs import Blobs, open_blobs
from config.settings import Settings
from core import naming
from tests.azurite import running_azurite


@pytest.fixture(scope="session")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The connection string of a running Azurite."""
    with running_azurite(tmp_path_factory.mktemp("azurite")) as connection:
        yield connection


@pytest.fixture(scope="session")
def service(connection: str) -> Iterator[BlobServiceClient]:
    """The SDK's own client, for what a user would do."""
    with BlobServiceClient.from_connection_string(connection) as service:
        for name in (naming.UPLOADS, naming.PROCESSED, naming.TEMP, naming.RECEIPTS):
            service.create_container(name)
        yield service


@pytest.fixture(scope="session")
def blobs(connection: str, service: BlobServiceClient) -> Blobs:
    """Our adapter."""
    return open_blobs(Settings.load({"AzureWebJobsStorage": connection}))
