"""Blob storage: streamed in, streamed out, copied on the service. No method holds a whole blob in memory, but for JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import IO, Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobServiceClient, ContentSettings, ExponentialRetry, PublicAccess

from config.settings import Settings
from core.errors import source_gone, superseded
from core.naming import bare_etag

BLOCK_BYTES = 16 * 1024**2
CONCURRENCY = 4
COPY_TIME_LIMIT_S = 600.0


@dataclass(frozen=True)
class BlobFacts:
    """What the service says about a blob. `etag` has no quotes; `content_type` is what the uploader claims.

    `blob_type` is `BlockBlob`, `PageBlob` or `AppendBlob`; `tier` is `Hot`, `Archive` and the like, where there is one.
    `changed_at` is aware, in UTC, to the second.
    """

    name: str
    etag: str
    size_bytes: int
    content_type: str | None
    blob_type: str
    tier: str | None
    changed_at: datetime


@dataclass(frozen=True)
class ListedBlob:
    """What a listing says about a blob. `changed_at` is aware, in UTC."""

    name: str
    etag: str
    size_bytes: int
    changed_at: datetime


class Blobs:
    """One storage account's blobs. Safe to share between threads."""

    def __init__(self, service: BlobServiceClient) -> None:
        self._service = service

    def _blob(self, container: str, name: str) -> BlobClient:
        return self._service.get_blob_client(container, name)

    def url(self, container: str, name: str) -> str:
        """The blob's plain URL: no SAS, so it opens only where access is public or signed elsewhere."""
        return str(self._blob(container, name).url.partition("?")[0])

    def facts(self, container: str, name: str) -> BlobFacts | None:
        """What the service says about a blob, or None where there is none."""
        try:
            props = self._blob(container, name).get_blob_properties()
        except ResourceNotFoundError:
            return None
        kind, tier = str(props.blob_type.value), props.blob_tier and str(props.blob_tier)
        claimed = props.content_settings.content_type
        return BlobFacts(name, bare_etag(props.etag), props.size, claimed, kind, tier, props.last_modified)

    def download(self, container: str, name: str, etag: str, target: IO[bytes]) -> None:
        """Stream exactly this version of a blob into an open file.

        Raises: Unprocessable `superseded` where it was overwritten since, `source_gone` where it was deleted.
        """
        try:
            stream = self._blob(container, name).download_blob(
                etag=f'"{etag}"', match_condition=MatchConditions.IfNotModified, max_concurrency=CONCURRENCY
            )
            stream.readinto(target)
        except ResourceNotFoundError:
            raise source_gone() from None
        except ResourceModifiedError:  # the condition is checked first: it also fails where nothing is left
            raise (superseded() if self.exists(container, name) else source_gone()) from None

    def upload(
        self,
        source: Path,
        container: str,
        name: str,
        *,
        content_type: str,
        cache_control: str,
        metadata: dict[str, str],
    ) -> None:
        """Stream a file into a blob, in place of whatever is there, with headers of our choice."""
        settings = ContentSettings(content_type=content_type, cache_control=cache_control)
        with source.open("rb") as data:
            self._blob(container, name).upload_blob(
                data,
                length=source.stat().st_size,
                overwrite=True,
                max_concurrency=CONCURRENCY,
                content_settings=settings,
                metadata=metadata,
            )

    def copy(self, source: tuple[str, str], target: tuple[str, str]) -> None:
        """Copy a blob within the account, headers and metadata included, without its bytes passing through here.

        Raises: ResourceNotFoundError where the source is gone; TimeoutError where the service does not finish.
        """
        blob = self._blob(*target)
        state = str(blob.start_copy_from_url(self._blob(*source).url)["copy_status"])
        deadline = time.monotonic() + COPY_TIME_LIMIT_S
        while state == "pending":
            if time.monotonic() > deadline:
                raise TimeoutError(f"the service did not finish copying to {target[1]} in {COPY_TIME_LIMIT_S:.0f} s")
            time.sleep(0.05)
            state = str(blob.get_blob_properties().copy.status)
        if state != "success":
            raise HttpResponseError(f"copying to {target[1]} ended as {state}")

    def put_json(self, container: str, name: str, value: dict[str, Any]) -> None:
        """Write a small JSON document, in place of whatever is there."""
        settings = ContentSettings(content_type="application/json")
        self._blob(container, name).upload_blob(_encoded(value), overwrite=True, content_settings=settings)

    def get_json(self, container: str, name: str) -> dict[str, Any] | None:
        """A small JSON document, or None where there is none."""
        try:
            document: dict[str, Any] = json.loads(self._blob(container, name).download_blob().readall())
        except ResourceNotFoundError:
            return None
        return document

    def settle_json(
        self, container: str, name: str, choose: Callable[[dict[str, Any] | None], dict[str, Any]]
    ) -> dict[str, Any]:
        """Write what `choose` makes of a small JSON document, or of None where there is none; what stands there then.

        Where somebody else was quicker, it chooses again. Nothing is written where it chooses what is there already.
        """
        blob, headers = self._blob(container, name), ContentSettings(content_type="application/json")
        while True:
            noted: dict[str, Any] | None = None
            only: dict[str, Any] = {"match_condition": MatchConditions.IfMissing}
            with suppress(ResourceNotFoundError):
                stream = blob.download_blob()
                noted = json.loads(stream.readall())
                only = {"match_condition": MatchConditions.IfNotModified, "etag": stream.properties.etag}
            chosen = choose(noted)
            if chosen != noted:
                try:
                    blob.upload_blob(_encoded(chosen), overwrite=True, content_settings=headers, **only)
                except (ResourceExistsError, ResourceModifiedError):
                    continue
            return chosen

    def delete_json(self, container: str, name: str, value: dict[str, Any]) -> bool:
        """Delete a small JSON document if it still says `value`; whether it did. A newer one is never lost."""
        blob = self._blob(container, name)
        try:
            stream = blob.download_blob()
            if json.loads(stream.readall()) != value:
                return False
            blob.delete_blob(etag=stream.properties.etag, match_condition=MatchConditions.IfNotModified)
        except (ResourceNotFoundError, ResourceModifiedError):
            return False
        return True

    def exists(self, container: str, name: str) -> bool:
        """Whether there is a blob of this name."""
        return bool(self._blob(container, name).exists())

    def names(self, container: str, prefix: str) -> Iterator[str]:
        """The names below a prefix, fetched page by page."""
        return iter(self._service.get_container_client(container).list_blob_names(name_starts_with=prefix))

    def listed(self, container: str, prefix: str = "") -> Iterator[ListedBlob]:
        """What a listing says about the blobs below a prefix, fetched page by page; none where there is no container."""
        try:
            for props in self._service.get_container_client(container).list_blobs(name_starts_with=prefix or None):
                yield ListedBlob(props.name, bare_etag(props.etag), props.size, props.last_modified)
        except ResourceNotFoundError:
            return

    def delete(self, container: str, prefix: str) -> int:
        """Delete all blobs below a prefix; how many there were. Those already gone do not matter."""
        count = 0
        for name in self.names(container, prefix):
            try:
                self._blob(container, name).delete_blob()
                count += 1
            except ResourceNotFoundError:
                continue
        return count

    def make_container(self, name: str, *, public: bool = False) -> bool:
        """Create a container; False where it exists already."""
        try:
            self._service.create_container(name, public_access=PublicAccess.BLOB if public else None)
        except ResourceExistsError:
            return False
        return True

    def ping(self) -> None:
        """One cheap request, to see that the service answers."""
        self._service.get_service_properties(timeout=3)


def _encoded(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@cache
def open_service(settings: Settings) -> BlobServiceClient:
    """The configured account, one client per process."""
    limits: dict[str, Any] = {
        "max_single_get_size": BLOCK_BYTES,
        "max_chunk_get_size": BLOCK_BYTES,
        "max_block_size": BLOCK_BYTES,
        "retry_policy": ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=2, random_jitter_range=0),
    }
    if settings.storage_connection:
        return BlobServiceClient.from_connection_string(settings.storage_connection, **limits)
    from azure.identity import DefaultAzureCredential

    url = f"https://{settings.storage_account}.blob.core.windows.net"
    return BlobServiceClient(url, credential=DefaultAzureCredential(), **limits)


@cache
def open_blobs(settings: Settings) -> Blobs:
    """The blobs of the configured account."""
    return Blobs(open_service(settings))
