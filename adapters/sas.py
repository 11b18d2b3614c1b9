"""Signed URLs: for a short time, for one blob, for one thing. Without them nobody outside reaches the storage.

With an account key (a connection string, Azurite) the key signs. With a managed identity there is no key: the service hands
out a user-delegation key, which signs what the identity itself may do.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from azure.storage.blob import BlobSasPermissions, BlobServiceClient, UserDelegationKey, generate_blob_sas

from adapters.blobs import open_service
from config.settings import Settings
from core import naming

KEY_LIFE = timedelta(hours=6)
CLOCK_SKEW = timedelta(minutes=5)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Signed:
    """A URL and the moment after which it is refused."""

    url: str
    expires_at: datetime


class CannotSign(RuntimeError):
    """The storage is configured in a way that lets nobody sign, such as a connection string that holds a SAS itself."""


class Signer:
    """Signs URLs for one storage account. Safe to share between threads."""

    def __init__(self, service: BlobServiceClient, *, delegated: bool) -> None:
        self._service, self._delegated = service, delegated
        self._lock = threading.Lock()
        self._key: UserDelegationKey | None = None
        self._key_ends = datetime.min.replace(tzinfo=UTC)

    @property
    def origin(self) -> str:
        """Where the storage answers: what a page that uploads to it may connect to."""
        parts = urlsplit(str(self._service.url))
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def on_loopback(self) -> bool:
        """Whether the storage is an emulator on this machine."""
        return urlsplit(self.origin).hostname in LOOPBACK

    def upload_url(self, name: str, seconds: int) -> Signed:
        """A URL that can create and write this one upload, and neither read, list nor delete it.

        Raises: CannotSign.
        """
        # Chunked uploads need both: create to begin, write for the blocks.
        return self._signed(naming.UPLOADS, name, BlobSasPermissions(create=True, write=True), seconds)

    def download_url(self, container: str, name: str, seconds: int, *, file_name: str, content_type: str) -> Signed:
        """A URL that can read this one blob, which then comes as a file of this name and type, whatever the blob claims.

        Raises: CannotSign.
        """
        disposition = f"attachment; filename=\"{_plain(file_name)}\"; filename*=UTF-8''{quote(file_name, safe='')}"
        headers = {
            "content_disposition": disposition,
            "content_type": content_type,
            "cache_control": "private, max-age=600",
        }
        return self._signed(container, name, BlobSasPermissions(read=True), seconds, **headers)

    def _signed(
        self, container: str, name: str, permission: BlobSasPermissions, seconds: int, **headers: Any
    ) -> Signed:
        now = datetime.now(UTC)
        expires = now + timedelta(seconds=seconds)
        sas = generate_blob_sas(
            account_name=str(self._service.account_name),
            container_name=container,
            blob_name=name,
            permission=permission,
            expiry=expires,
            protocol="https" if self.origin.startswith("https:") else "https,http",
            **self._signing_key(now),
            **headers,
        )
        url = str(self._service.get_blob_client(container, name).url).partition("?")[0]
        return Signed(f"{url}?{sas}", expires)

    def _signing_key(self, now: datetime) -> dict[str, Any]:
        if self._delegated:
            return {"user_delegation_key": self._delegation_key(now)}
        account_key = getattr(self._service.credential, "account_key", None)
        if not account_key:
            raise CannotSign("the connection string holds no account key")
        return {"account_key": account_key}

    def _delegation_key(self, now: datetime) -> UserDelegationKey:
        with self._lock:
            if self._key is None or now + timedelta(hours=1) > self._key_ends:
                self._key_ends = now + KEY_LIFE
                self._key = self._service.get_user_delegation_key(now - CLOCK_SKEW, self._key_ends)
            return self._key


def _plain(file_name: str) -> str:
    """The name for clients that know only ASCII, with nothing that could end the quotes."""
    kept = file_name.encode("ascii", "replace").decode()
    return "".join("_" if char in '"\\?' or ord(char) < 32 else char for char in kept)


@cache
def open_signer(settings: Settings) -> Signer:
    """The signer of the configured account."""
    return Signer(open_service(settings), delegated=settings.storage_connection is None)
