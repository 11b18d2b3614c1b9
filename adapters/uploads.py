"""What the page's users have uploaded: their blocks, their list, and which other sites may upload from a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, CorsRule

from adapters.blobs import open_service
from config.settings import Settings
from core import naming

MOST_LISTED = 20_000
CORS_METHODS = ["GET", "HEAD", "PUT"]
CORS_MAX_AGE_S = 3600


@dataclass(frozen=True)
class Upload:
    """One finished upload of a user. `changed_ms` is when it arrived, by the storage's clock, in ms since 1970."""

    name: str
    etag: str
    size_bytes: int
    changed_ms: int


class Uploads:
    """The uploads container, as the page's users see it. Safe to share between threads."""

    def __init__(self, service: BlobServiceClient) -> None:
        self._service = service
        self._container = service.get_container_client(naming.UPLOADS)

    def staged(self, name: str) -> dict[str, int]:
        """The blocks of an upload that has not been finished, with their sizes."""
        try:
            _, waiting = self._container.get_blob_client(name).get_block_list("uncommitted")
        except ResourceNotFoundError:
            return {}
        return {str(block.id): int(block.size or 0) for block in waiting}

    def of(self, owner: str) -> Iterator[Upload]:
        """A user's uploads, in no useful order; at most 20,000."""
        found = self._container.list_blobs(name_starts_with=f"u/{owner}/")
        for blob in islice(found, MOST_LISTED):
            changed_ms = int(blob.last_modified.timestamp() * 1000)
            yield Upload(blob.name, naming.bare_etag(blob.etag), blob.size, changed_ms)

    def let_in(self, origins: list[str]) -> bool:
        """Let pages of these origins, and no others, upload and download. False where it was so already."""
        rules = self._service.get_service_properties()["cors"]
        if len(rules) == 1 and set(rules[0].allowed_origins) == set(origins):
            return False
        ours = CorsRule(
            origins,
            CORS_METHODS,
            allowed_headers=["x-ms-*", "content-type", "if-none-match", "range"],
            exposed_headers=["x-ms-error-code", "etag", "content-length"],
            max_age_in_seconds=CORS_MAX_AGE_S,
        )
        self._service.set_service_properties(cors=[ours])
        return True


@cache
def open_uploads(settings: Settings) -> Uploads:
    """The uploads of the configured account."""
    return Uploads(open_service(settings))
