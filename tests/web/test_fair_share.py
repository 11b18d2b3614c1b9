"""Where nobody signs in, a cookie is had for the asking: inventing many of them gains nothing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import pytest
import requests

from core import naming
from core.owner import owner_id
from core.upload_name import upload_name
from tests.stack.running import Stack

MOST = 5
A_PHOTO = {"fileName": "a.jpg", "fileSize": 1, "fileType": ""}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One machine where a user may begin five uploads in a minute."""
    running = Stack(tmp_path_factory.mktemp("fair"), workers=1, env={"UPLOADS_PER_MINUTE": str(MOST)}).start()
    yield running
    running.stop()


def begun(stack: Stack, cookie: str, path: str = "/api/upload", **wish: str) -> requests.Response:
    cookies = {"simpi-owner": cookie}
    return requests.post(stack.url + path, json=wish or A_PHOTO, cookies=cookies, timeout=20)


def known(stack: Stack) -> str:
    """The cookie of somebody who has uploaded before."""
    cookie = secrets.token_hex(16)
    name = f"u/{owner_id(f'cookie:{cookie}')}/earlier.jpg"
    stack.blobs.get_blob_client(naming.UPLOADS, name).upload_blob(b"x")
    return cookie


def test_invented_cookies_share_one_pace_and_those_who_have_uploaded_go_on(stack: Stack) -> None:
    invented = [begun(stack, secrets.token_hex(16)) for _ in range(4 * MOST)]
    assert sum(answer.status_code == 201 for answer in invented) == MOST
    assert {answer.json()["code"] for answer in invented if answer.status_code != 201} == {"too_many_requests"}
    regular = known(stack)
    assert [begun(stack, regular).status_code for _ in range(MOST + 1)] == [201] * MOST + [429]
    crowd = [begun(stack, cookie) for cookie in [known(stack) for _ in range(10)] for _ in range(MOST)]
    assert sum(answer.status_code == 201 for answer in crowd) == 10 * MOST - 2 * MOST, "all together have a pace, too"


def test_invented_cookies_do_not_resume_more_either(stack: Stack) -> None:
    def resumed() -> int:
        cookie = secrets.token_hex(16)
        name = begun_name.replace(owner, owner_id(f"cookie:{cookie}"))
        return begun(stack, cookie, "/api/upload/resume", blobName=name).status_code

    regular = known(stack)
    owner = owner_id(f"cookie:{regular}")
    begun_name = upload_name(owner, "a.jpg", "jpg", None, time.time_ns() // 1_000_000, "a0123456789")
    answers = [resumed() for _ in range(6 * MOST)]
    assert answers == [200] * 4 * MOST + [429] * 2 * MOST
    assert begun(stack, regular, "/api/upload/resume", blobName=begun_name).status_code == 200
