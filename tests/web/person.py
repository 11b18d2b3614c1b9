"""Somebody at the page, with a cookie jar of their own: speaks HTTP as the page does, and nothing else."""

from __future__ import annotations

from typing import Any

import requests

from core.owner import owner_id
from devhost.testing import eventually

JOB_S = 90.0


class Person:
    """One visitor. `headers` are what the platform's sign-in would add."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url, self.http = url, requests.Session()
        self.http.headers.update(headers or {})
        self.http.get(f"{url}/api/session", timeout=20)

    @property
    def owner(self) -> str:
        """Whose uploads theirs are, by their cookie."""
        return owner_id(f"cookie:{self.http.cookies['simpi-owner']}")

    def get(self, path: str, **query: str) -> requests.Response:
        """A GET that follows no redirect."""
        return self.http.get(self.url + path, params=query, timeout=20, allow_redirects=False)

    def post(self, path: str, body: Any) -> requests.Response:
        """A POST of JSON."""
        return self.http.post(self.url + path, json=body, timeout=20)

    def begin(self, name: str = "photo.jpg", size: int = 10, **more: Any) -> dict[str, Any]:
        """Room for an upload."""
        answer = self.post("/api/upload", {"fileName": name, "fileSize": size, "fileType": "", **more})
        assert answer.status_code == 201, answer.text
        room: dict[str, Any] = answer.json()
        return room

    def upload(self, name: str, data: bytes, **more: Any) -> str:
        """Upload as the page does; the blob's name."""
        room = self.begin(name, len(data), **more)
        assert put(room["uploadUrl"], data).status_code == 201
        return str(room["blobName"])

    def ended(self, blob_name: str) -> dict[str, Any]:
        """The status of a job that has ended."""

        def ask() -> dict[str, Any] | None:
            """the job has ended"""
            answer = self.get("/api/status", blobName=blob_name)
            assert answer.status_code == 200, answer.text
            status: dict[str, Any] = answer.json()
            return status if status["receipt"] else None

        return eventually(ask, JOB_S)  # type: ignore[return-value]


def put(url: str, data: bytes, **headers: str) -> requests.Response:
    """Put a whole blob, never over another one."""
    sent = {"x-ms-blob-type": "BlockBlob", "if-none-match": "*", **headers}
    return requests.put(url, data=data, headers=sent, timeout=20)
