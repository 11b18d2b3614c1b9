"""The emulator's key is known to everybody: so it answers this machine's own programs and pages only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import AccountSasPermissions, BlobServiceClient, ResourceTypes, generate_account_sas


@pytest.fixture
def forged(storage: BlobServiceClient) -> str:
    """The URL of the list of containers, signed as any web page could."""
    sas = generate_account_sas(
        str(storage.account_name),
        storage.credential.account_key,
        ResourceTypes(service=True),
        AccountSasPermissions(read=True, list=True),
        datetime.now(UTC) + timedelta(minutes=5),
    )
    return f"http://{storage.primary_hostname}?comp=list&{sas}"


def test_a_page_that_points_its_own_name_here_reads_nothing(forged: str) -> None:
    assert requests.get(forged, timeout=20).ok
    by_name = forged.replace("/devstoreaccount1?", "/?")
    for url, name in ((by_name, "devstoreaccount1.elsewhere.example"), (forged, "elsewhere.example")):
        assert requests.get(url, headers={"host": name}, timeout=20).status_code == 421, name


def test_a_page_from_elsewhere_changes_nothing(forged: str) -> None:
    for origin in ("https://elsewhere.example", "null"):
        assert requests.post(forged, headers={"origin": origin}, timeout=20).status_code == 421, origin
    assert requests.post(forged, headers={"origin": "http://localhost:3000"}, timeout=20).status_code != 421


def test_a_name_that_no_list_can_hold_is_refused_and_the_others_can_be_listed(storage: BlobServiceClient) -> None:
    container = storage.create_container("listed")
    for name in ("a\x1b.jpg", "a\x01.jpg", "a\ufffe.jpg"):
        with pytest.raises(HttpResponseError, match="InvalidUri"):
            container.upload_blob(name, b"x")
    for name in ("a\nb.jpg", "%1b.jpg", "ü 日.jpg"):
        container.upload_blob(name, b"x")
    assert set(container.list_blob_names()) == {"a\nb.jpg", "%1b.jpg", "ü 日.jpg"}
