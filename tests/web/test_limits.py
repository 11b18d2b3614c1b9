"""Pace and quota: a fair share for each user."""

from __future__ import annotations

from adapters.uploads import Upload
from core.upload_name import upload_name
from triggers.limits import Pace, Quota

NOW_MS = 1_795_000_000_000
DAY_MS = 24 * 3600 * 1000


def named(at_ms: int, token: str = "a1") -> str:
    return upload_name("0" * 16, "a.jpg", "jpg", None, at_ms, token)


def upload(at_ms: int, size_bytes: int, token: str = "a1") -> Upload:
    return Upload(named(at_ms, token), "0x1", size_bytes, at_ms)


def test_a_pace_counts_each_user_by_themselves_and_says_how_long_to_wait() -> None:
    pace = Pace()
    assert [pace.wait_s("anna", 2, now) for now in (0, 10, 20)] == [0, 0, 40]
    assert pace.wait_s("ben", 2, 20) == 0
    assert pace.wait_s("anna", 2, 60) == 0, "the first one is a minute ago"


def test_a_quota_counts_the_last_day_of_the_storage_and_what_was_promised() -> None:
    quota = Quota()
    uploads = [upload(NOW_MS - 1000, 5), upload(NOW_MS - DAY_MS - 1, 100)]
    assert quota.known("anna", now=0) is None
    assert quota.counted("anna", uploads, NOW_MS, now=0) == 5
    quota.promise("anna", named(NOW_MS, "b2"), 7)
    assert quota.known("anna", now=1) == 12
    assert quota.known("anna", now=100) is None, "counted too long ago"
    assert quota.counted("anna", uploads, NOW_MS, now=100) == 12, "a promise stays until its upload is there"
    assert quota.counted("anna", [*uploads, upload(NOW_MS, 7, "b2")], NOW_MS, now=200) == 12, "and then counts once"
    assert quota.counted("anna", uploads, NOW_MS + 2 * 3600 * 1000, now=300) == 5, "or until it never came"


def test_a_quota_goes_by_when_an_upload_came_and_not_by_what_its_name_says() -> None:
    old_name = Upload(named(NOW_MS - 2 * DAY_MS), "0x1", 5, NOW_MS)
    assert Quota().counted("anna", [old_name], NOW_MS, now=0) == 5


def test_a_newcomer_is_counted_again_until_the_first_upload_is_there() -> None:
    quota = Quota()
    assert quota.counted("anna", [], NOW_MS, now=0) == 0
    assert quota.is_newcomer("anna")
    assert quota.known("anna", now=1) is None
    quota.counted("anna", [upload(NOW_MS - 2 * DAY_MS, 5)], NOW_MS, now=1)
    assert not quota.is_newcomer("anna"), "an old upload will do"
    assert quota.known("anna", now=2) == 0
