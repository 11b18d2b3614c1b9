"""What the page's API does, asked over HTTP, on a real stack."""

from __future__ import annotations

import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import quote

import pytest
import requests
from azure.storage.blob import BlobServiceClient

from adapters.sas import Signer
from core import naming
from core.owner import owner_of
from devhost.testing import eventually
from tests.stack.media import photo
from tests.stack.running import Stack
from tests.web.person import Person, put


def test_a_photo_goes_the_whole_way_and_comes_back_with_its_own_name(anna: Person) -> None:
    blob = anna.upload("Grüße vom Meer.jpg", photo())
    status = anna.ended(blob)
    assert status["receipt"]["status"] == "success"
    answer = anna.get("/api/download", blobName=blob, fileName="Grüße vom Meer.jpg")
    assert answer.status_code == 302
    file = requests.get(answer.headers["location"], timeout=20)
    assert file.content.startswith(b"RIFF")
    assert file.headers["content-type"] == "image/webp"
    assert "filename*=UTF-8''Gr%C3%BC%C3%9Fe%20vom%20Meer.webp" in file.headers["content-disposition"]
    listed = anna.get("/api/uploads").json()["uploads"]
    assert [(one["blobName"], one["status"]) for one in listed] == [(blob, "success")]


def test_the_name_is_new_each_time_and_says_only_whose_it_is(anna: Person, ben: Person) -> None:
    names = [anna.begin("IMG 1.jpg")["blobName"] for _ in range(3)]
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"u/[0-9a-f]{16}/\d{13}-[a-z][0-9a-f]+-IMG_1\.jpg", name) for name in names)
    assert len({owner_of(name) for name in names}) == 1
    assert owner_of(ben.begin()["blobName"]) != owner_of(names[0])
    assert re.fullmatch(r"u/[0-9a-f]{16}/step-42-b-\d{13}-\w+\.jpg", anna.begin(stepId="42-b")["blobName"])


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"fileName": "a.exe"}, "unsupported_type"),
        ({"fileName": "jpg"}, "unsupported_type"),
        ({"fileName": "a.svg", "fileType": "image/svg+xml"}, "unsupported_type"),
        ({"fileName": "a.jpg", "fileType": "text/html"}, "unsupported_type"),
        ({"fileSize": 0}, "empty"),
        ({"fileSize": 101_000_000}, "too_large"),
        ({"fileSize": -1}, "empty"),
        ({"fileSize": "10"}, "bad_request"),
        ({"fileSize": True}, "bad_request"),
        ({"fileName": None}, "bad_request"),
        ({"stepId": "../x"}, "bad_step_id"),
        ({"stepId": 7}, "bad_request"),
    ],
)
def test_what_cannot_be_uploaded_is_refused_with_the_reason(anna: Person, wish: dict[str, object], code: str) -> None:
    answer = anna.post("/api/upload", {"fileName": "a.jpg", "fileSize": 10, "fileType": "", **wish})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_body_that_is_no_json_object_is_refused(anna: Person) -> None:
    nested = b"[" * 50_000
    padded = b'{"fileName": "a.jpg", "fileSize": 1' + b" " * 64 * 1024 + b"}"
    for body in (b"", b"[]", b"{", b"\xff", nested, padded, b'{"fileSize": ' + b"9" * 5000 + b"}"):
        answer = anna.http.post(f"{anna.url}/api/upload", data=body, timeout=20)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "tail",
    [
        "..",
        ".",
        "../..",
        "..%2F..",
        "..\\..",
        "a\r\nb.jpg",
        "a\0b.jpg",
        "%",
        "x" * 2000,
        "\ud800.jpg",
        "ü.jpg",
        "evil.html",
        "0000000000001-a1-old.jpg",
        "step-victim-1700000000000-a0.jpg",
        "<img>.jpg",
    ],
)
def test_a_name_that_no_upload_can_have_is_a_404_and_nothing_breaks(anna: Person, tail: str) -> None:
    name = anna.begin()["blobName"].rpartition("/")[0] + "/" + tail
    for path in ("/api/upload/resume", "/api/upload/cancel"):
        assert anna.post(path, {"blobName": name}).status_code == 404
    asked = quote(name, safe="", errors="surrogatepass")
    for path in ("/api/status", "/api/download", "/api/download?role=original"):
        url = f"{anna.url}{path}{'&' if '?' in path else '?'}blobName={asked}"
        assert anna.http.get(url, timeout=20, allow_redirects=False).status_code == 404
    for body in ({"blob_name": name}, {"blob_name": tail}):
        assert anna.post("/api/media", body).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "1e1", "x", "", "367000", "9" * 5000, "²", "٣"])
def test_a_number_that_is_none_or_too_large_is_a_bad_request(anna: Person, number: str) -> None:
    for path, key in (("/api/savings", "days"), ("/api/jobs", "limit")):
        answer = anna.get(path, **{key: number})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_query_for_jobs_that_cannot_be_read_is_a_bad_request(anna: Person) -> None:
    nested = base64.urlsafe_b64encode(b"[" * 20_000).decode()
    assert anna.get("/api/jobs", cursor=nested).status_code == 400
    assert anna.get("/api/jobs", since="20260131T12").status_code == 200


def test_another_user_gets_404_for_everything(anna: Person, ben: Person) -> None:
    blob = anna.upload("mine.jpg", photo())
    instance = anna.ended(blob)["instanceId"]
    missing = ben.get("/api/status", blobName="u/0000000000000000/1-a-x.jpg")
    for answer in (
        ben.get("/api/status", blobName=blob),
        ben.get(f"/api/status/{instance}"),
        ben.get("/api/download", blobName=blob),
        ben.get("/api/download", blobName=blob, role="original"),
        ben.post("/api/upload/resume", {"blobName": blob}),
        ben.post("/api/upload/cancel", {"blobName": blob}),
    ):
        assert answer.status_code == 404
    assert ben.get("/api/status", blobName=blob).json() == missing.json(), "not even that it exists"
    assert ben.get("/api/uploads").json() == {"uploads": []}
    assert anna.get(f"/api/status/{instance}").status_code == 200


@pytest.mark.parametrize("taken", [(), ("blob_name",), ("blob_name", "etag", "instance_id")])
def test_a_receipt_that_is_not_the_jobs_own_hands_out_nothing(
    stack: Stack, anna: Person, ben: Person, taken: tuple[str, ...]
) -> None:
    """`taken` is what a forger has taken over from the receipt of their own job into the one of another."""
    mine, other = ben.upload("a.jpg", photo()), anna.upload("b.jpg", photo(seed=2))
    own, wanted = ben.ended(mine)["instanceId"], anna.ended(other)["instanceId"]
    receipts = stack.blobs.get_container_client(naming.RECEIPTS)
    kept, forged = (json.loads(receipts.download_blob(naming.receipt_by_id(one)).readall()) for one in (own, wanted))
    assert ben.get("/api/download", blobName=mine).status_code == 302
    forged |= {key: kept[key] for key in taken}
    receipts.upload_blob(naming.receipt_by_id(own), json.dumps(forged), overwrite=True)
    for answer in (
        ben.get("/api/download", blobName=mine),
        ben.get("/api/status", blobName=mine),
        ben.get(f"/api/status/{own}"),
    ):
        assert answer.status_code == 404
        assert other not in answer.text


def test_what_a_tool_uploaded_is_seen_by_everybody_where_nobody_signs_in(stack: Stack, anna: Person) -> None:
    stack.upload("from a tool.jpg", photo())
    assert anna.ended("from a tool.jpg")["receipt"]["status"] == "success"


def test_the_upload_url_can_do_one_thing_only(stack: Stack, anna: Person) -> None:
    first, second = anna.begin("one.jpg"), anna.begin("two.jpg")
    url, token = first["uploadUrl"].split("?")
    container = url.split("/u/")[0]
    assert put(f"{second['uploadUrl'].split('?')[0]}?{token}", b"x").status_code == 403
    assert put(f"{container.replace('/uploads', '/processed')}/x?{token}", b"x").status_code == 403
    assert put(first["uploadUrl"], b"x" * 10).status_code == 201
    assert requests.get(first["uploadUrl"], timeout=20).status_code == 403
    assert requests.delete(first["uploadUrl"], timeout=20).status_code == 403
    assert requests.get(f"{first['uploadUrl']}&comp=blocklist", timeout=20).status_code == 403
    assert requests.get(f"{container}?restype=container&comp=list&{token}", timeout=20).status_code == 403
    assert put(first["uploadUrl"], b"y" * 10).status_code == 409, "there is something already: it stays"
    life = datetime.fromisoformat(first["expiresAt"]).timestamp() - stack_time(first["blobName"])
    assert 0 < life <= 15 * 60 + 1


def stack_time(blob_name: str) -> float:
    """When the server made this name, in seconds since 1970."""
    return int(blob_name.split("/")[2].split("-")[0]) / 1000


def test_an_expired_url_is_refused(stack: Stack) -> None:
    signer = Signer(BlobServiceClient.from_connection_string(stack.storage), delegated=False)
    signed = signer.upload_url("u/0000000000000000/1-a-x.jpg", 1)

    def refused() -> bool:
        """the URL has expired"""
        return put(signed.url, b"").status_code == 403

    eventually(refused, 10)


def test_an_interrupted_upload_goes_on_with_what_has_arrived(anna: Person) -> None:
    room = anna.begin("big.jpg", len(photo()))
    half = photo()[: len(photo()) // 2], photo()[len(photo()) // 2 :]
    ids = [base64.b64encode(f"{n:06d}".encode()).decode() for n in range(2)]
    block = {"comp": "block", "blockid": ids[0]}
    assert requests.put(room["uploadUrl"], params=block, data=half[0], timeout=20).status_code == 201
    again = anna.post("/api/upload/resume", {"blobName": room["blobName"]}).json()
    assert again["blocks"] == {"000000": len(half[0])}
    assert again["complete"] is False
    block["blockid"] = ids[1]
    assert requests.put(again["uploadUrl"], params=block, data=half[1], timeout=20).status_code == 201
    listed = "".join(f"<Latest>{one}</Latest>" for one in ids)
    body = f"<?xml version='1.0' encoding='utf-8'?><BlockList>{listed}</BlockList>"
    done = requests.put(again["uploadUrl"], params={"comp": "blocklist"}, data=body, timeout=20)
    assert done.status_code == 201
    finished = anna.post("/api/upload/resume", {"blobName": room["blobName"]}).json()
    assert finished == {"blobName": room["blobName"], "complete": True, "blocks": {}}
    assert anna.ended(room["blobName"])["receipt"]["status"] == "success"


def test_an_upload_that_has_not_begun_can_be_resumed_from_nothing(anna: Person) -> None:
    room = anna.begin()
    again = anna.post("/api/upload/resume", {"blobName": room["blobName"]}).json()
    assert (again["blocks"], again["complete"]) == ({}, False)


def test_a_page_that_lies_about_its_type_is_downloaded_as_a_picture_or_as_bytes(anna: Person) -> None:
    room = anna.begin("page.jpg", 30)
    html = b"<script>alert(1)</script>" + b" " * 5
    assert put(room["uploadUrl"], html, **{"content-type": "text/html"}).status_code == 201
    assert anna.ended(room["blobName"])["receipt"]["status"] == "rejected"
    assert anna.get("/api/download", blobName=room["blobName"]).status_code == 404
    original = anna.get("/api/download", blobName=room["blobName"], role="original").headers["location"]
    file = requests.get(original, timeout=20)
    assert file.headers["content-type"] == "image/jpeg"
    assert file.headers["content-disposition"].startswith("attachment;")


def test_a_quota_is_a_clear_429(anna: Person) -> None:
    for _ in range(3):
        anna.begin("film.mp4", 99_000_000)
    answer = anna.post("/api/upload", {"fileName": "film.mp4", "fileSize": 99_000_000, "fileType": ""})
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, "quota_used_up", "3600")
    assert "300 MB" in answer.json()["detail"]
    assert anna.begin("small.jpg", 1000), "what still fits is taken"


def test_too_many_at_once_is_a_clear_429_with_the_seconds_to_wait(anna: Person) -> None:
    anna.upload("first.jpg", photo())

    def begin(_: int) -> requests.Response:
        return anna.post("/api/upload", {"fileName": "a.jpg", "fileSize": 1, "fileType": ""})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(begin, range(125)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 6
    assert refused[0].json()["code"] == "too_many_requests"
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60


def test_the_cookie_is_the_users_alone(stack: Stack) -> None:
    fresh = requests.get(f"{stack.url}/api/session", timeout=20)
    cookie = fresh.headers["set-cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}
    token = fresh.cookies["simpi-owner"]
    assert token not in fresh.text
    again = requests.get(f"{stack.url}/api/session", cookies={"simpi-owner": token}, timeout=20)
    assert "set-cookie" not in again.headers
    forged = requests.get(f"{stack.url}/api/session", cookies={"simpi-owner": "x; y"}, timeout=20)
    assert forged.cookies["simpi-owner"] != "x"


def test_no_answer_about_a_user_is_kept_by_a_cache_not_even_a_refusal(stack: Stack, anna: Person) -> None:
    """A browser or a proxy may keep a 404, unless told otherwise."""
    for path in ("/api/session", "/api/uploads", "/api/status?blobName=nope", "/api/download?blobName=nope"):
        assert anna.http.get(stack.url + path, timeout=20).headers["cache-control"] == "no-store", path
    assert anna.post("/api/upload", {}).headers["cache-control"] == "no-store"
    assert "no-store" in requests.get(f"{stack.url}/api/session", timeout=20).headers["cache-control"], (
        "with a new cookie"
    )


def test_other_sites_get_no_cors_from_the_app_nor_from_the_storage(stack: Stack, anna: Person) -> None:
    evil = {"origin": "https://evil.example", "access-control-request-method": "PUT"}
    room = anna.begin()
    for url in (f"{stack.url}/api/session", f"{stack.url}/api/upload"):
        for ask in (requests.get, requests.options):
            assert "access-control-allow-origin" not in ask(url, headers=evil, timeout=20).headers
    assert requests.options(room["uploadUrl"], headers=evil, timeout=20).status_code == 403
    for ours in (stack.url, stack.url.replace("127.0.0.1", "localhost")):
        asked = {**evil, "origin": ours, "access-control-request-headers": "x-ms-version,if-none-match"}
        answer = requests.options(room["uploadUrl"], headers=asked, timeout=20)
        assert answer.headers["access-control-allow-origin"] == ours


def test_a_running_job_is_cancelled_by_its_owner_and_nobody_else(anna: Person, ben: Person) -> None:
    blob = anna.upload("big.jpg", photo(5000, 4000))
    assert ben.post("/api/upload/cancel", {"blobName": blob}).status_code == 404

    def stopped() -> bool:
        """the job is being cancelled, or was quicker"""
        answer = anna.post("/api/upload/cancel", {"blobName": blob})
        return answer.status_code == 202 or anna.get("/api/status", blobName=blob).json()["receipt"] is not None

    eventually(stopped, 20)
    assert anna.ended(blob)["receipt"]["status"] in ("cancelled", "success")


def test_nothing_that_a_browser_gets_holds_a_key(stack: Stack, anna: Person) -> None:
    blob = anna.upload("photo.jpg", photo())
    anna.ended(blob)
    secrets = [stack.host.stack["system_key"], re.search(r"AccountKey=([^;]+)", stack.storage)[1]]  # type: ignore[index]
    for path, query in (
        ("/", {}),
        ("/api/session", {}),
        ("/api/uploads", {}),
        ("/api/health", {}),
        ("/api/savings", {}),
        ("/api/status", {"blobName": blob}),
        ("/api/download", {"blobName": blob}),
    ):
        answer = anna.get(path, **query)
        text = answer.text + str(answer.headers)
        assert not [secret for secret in secrets if secret in text], path
        assert "runtime/webhooks" not in text, path
        if path != "/api/download":
            assert "sig=" not in text, path
