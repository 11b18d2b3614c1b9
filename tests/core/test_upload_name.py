"""What an upload is called says whose it is, when it began and which step it belongs to, and nothing that can be misread."""

import pytest

from core import naming
from core.errors import Unprocessable
from core.owner import owner_id, owner_of
from core.upload_name import (
    BLOCKS_KEPT_MS,
    CLOCK_SKEW_MS,
    check_step_id,
    check_upload,
    is_blob_name,
    may_resume,
    safe_stem,
    upload_name,
    uploaded_ms,
)

OWNER, AT_MS = owner_id("cookie:1"), 1_795_000_000_000


def test_the_owner_is_read_back_from_the_name_and_does_not_say_who_it_is() -> None:
    name = upload_name(OWNER, "photo.jpg", "jpg", None, AT_MS, "a1")
    assert owner_of(name) == OWNER
    assert "cookie" not in name


@pytest.mark.parametrize(
    "name", ["photo.jpg", "u/x/photo.jpg", f"u/{'0' * 16}/a/b.jpg", f"x/u/{'0' * 16}/b.jpg", "u//b.jpg"]
)
def test_other_names_have_no_owner(name: str) -> None:
    assert owner_of(name) is None


@pytest.mark.parametrize("step", ["7", "a-1", "12-1234567890123", "4F0c2D5e-1111-2222-3333-444455556666"])
def test_the_step_is_read_back_from_the_name(step: str) -> None:
    check_step_id(step)
    name = upload_name(OWNER, "photo.jpg", "jpg", step, AT_MS, "a1234567890")
    assert (naming.step_id(name) or "").lower() == step.lower()
    assert uploaded_ms(name) == AT_MS


@pytest.mark.parametrize("step", ["", "-1", "a/b", "a b", "ä", "x" * 65, "x-4f0c2d5e-1111-2222-3333-444455556666"])
def test_a_step_that_could_not_be_read_back_is_refused(step: str) -> None:
    with pytest.raises(Unprocessable, match="bad_step_id"):
        check_step_id(step)


@pytest.mark.parametrize(
    ("file_name", "stem"),
    [
        ("Grüße vom Meer.jpg", "Grue_vom_Meer"),
        ("4f0c2d5e-1111-2222-3333-444455556666.jpg", "4f0c2d5e_1111_2222_3333_444455556666"),
        ("../../etc/passwd.jpg", "passwd"),
        ("C:\\photos\\a.jpg", "a"),
        ("写真.jpg", "file"),
        ("x" * 200 + ".jpg", "x" * 60),
    ],
)
def test_a_files_name_loses_what_needs_escaping_and_never_becomes_a_step(file_name: str, stem: str) -> None:
    assert safe_stem(file_name) == stem
    name = upload_name(OWNER, file_name, "jpg", None, AT_MS, "a1")
    assert naming.step_id(name) is None
    assert uploaded_ms(name) == AT_MS


def test_a_name_that_the_server_did_not_make_has_no_time() -> None:
    assert uploaded_ms(f"u/{OWNER}/photo.jpg") is None


def test_what_a_browser_claims_is_taken_only_where_it_could_be_media() -> None:
    for claimed in ("", "image/jpeg", "video/x-flv", "application/octet-stream"):
        assert check_upload("a.JPG", 1, claimed, 10) == "jpg"
    for claimed in ("text/html", "image/svg+xml", "application/json"):
        with pytest.raises(Unprocessable, match="unsupported_type"):
            check_upload("a.jpg", 1, claimed, 10)


@pytest.mark.parametrize("name", ["photo.jpg", "a b/Grüße …(1).jpg", "a..b/.c", "100%.jpg", "a\nb.jpg", "x" * 1024])
def test_whatever_a_tool_may_call_an_upload_is_a_name(name: str) -> None:
    assert is_blob_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/..", "../a", "a/./b", "a\\..\\b", "\ud800.jpg", "x" * 1025])
def test_what_leads_elsewhere_or_cannot_be_written_down_is_no_name(name: str) -> None:
    assert not is_blob_name(name)


MADE = f"u/{OWNER}/{AT_MS}-a0123456789"


@pytest.mark.parametrize("step", [None, "7", "12-1234567890123", "4F0c2D5e-1111-2222-3333-444455556666"])
@pytest.mark.parametrize("extension", ["jpg", "webm"])
def test_an_upload_can_be_resumed_for_as_long_as_its_blocks_are_kept(step: str | None, extension: str) -> None:
    name = upload_name(OWNER, "Grüße vom Meer." + extension, extension, step, AT_MS, "a0123456789")
    assert may_resume(name, AT_MS)
    assert may_resume(name, AT_MS + BLOCKS_KEPT_MS)
    assert may_resume(name, AT_MS - CLOCK_SKEW_MS)
    assert not may_resume(name, AT_MS + BLOCKS_KEPT_MS + 1)
    assert not may_resume(name, AT_MS - CLOCK_SKEW_MS - 1)


@pytest.mark.parametrize(
    "name",
    [
        f"{MADE}-a.html", f"{MADE}-a.JPG", f"{MADE}-a.jpg\n", f"{MADE}-.jpg", f"{MADE}.jpg", f"{MADE}-<img>.jpg",
        f"{MADE}-a\\b.jpg", f"{MADE}-a-b.jpg", f"{MADE}-{'x' * 61}.jpg", f"{MADE}-ü.jpg", f"{MADE}0-a.jpg",
        f"u/{OWNER}/{AT_MS}-a0-a.jpg", f"u/{OWNER}/evil.jpg", f"u/{OWNER}/..", f"u/{OWNER}/\ud800.jpg",
        f"u/{OWNER}/step-7-{AT_MS}-a0.jpg", f"u/{OWNER}/step--{AT_MS}-a0123456789.jpg",
        f"u/{OWNER}/{'١' * 13}-a0123456789-a.jpg",
        f"u/{OWNER}/step-x-4f0c2d5e-1111-2222-3333-444455556666-{AT_MS}-a0123456789.jpg",
        f"u/{OWNER}/step-{'x' * 65}-{AT_MS}-a0123456789.jpg",
    ],
)  # fmt: skip
def test_a_name_that_the_server_would_not_make_cannot_be_resumed(name: str) -> None:
    assert not may_resume(name, AT_MS)
