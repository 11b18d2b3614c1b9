"""The index of the receipts on a real Azurite: right whatever became of the index, and fast."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from adapters.blobs import Blobs
from adapters.receipt_index import INDEX, ReceiptIndex
from core import naming
from core.job import job_for
from core.jobs import Wanted, latest_runs, newest_first, row_of
from core.receipt import Outcome, make_receipt
from core.savings import savings

DAY = date(2026, 1, 31)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def receipt(number: int, **more: Any) -> dict[str, Any]:
    job = job_for(f"p/{number}.jpg", f"0x{number}", 1000 + number)
    outcome = Outcome(kind="image", timings_s={"probe": number / 1000})
    outcome.made = [{"role": "main", "action": "compressed", "reason": "smaller", "format": "webp", "argv": []}]
    outcome.outputs = [{"role": "main", "size": 500, "url": "u"}]
    ended = NOON + timedelta(seconds=number % 7000)
    return {**make_receipt(job, outcome, ended - timedelta(seconds=1), ended), **more}


@pytest.fixture
def keep(blobs: Blobs, service: BlobServiceClient) -> Iterator[Any]:
    """Write a receipt as `record` does, with or without its line in the index. All is gone afterwards."""
    book = ReceiptIndex(service)

    def put(one: dict[str, Any], *, indexed: bool = True) -> None:
        blobs.put_json(naming.RECEIPTS, naming.receipt_by_day(one["instance_id"], one["completed_at"]), one)
        if indexed:
            book.add(one)

    yield put
    for prefix in ("2026/", INDEX):
        blobs.delete(naming.RECEIPTS, prefix)


def test_what_jobs_wrote_and_what_they_could_not_write_is_all_there(
    keep: Any, blobs: Blobs, service: BlobServiceClient
) -> None:
    for number in range(6):
        keep(receipt(number), indexed=number % 2 == 0)
    assert sorted(row.blob_name for row in ReceiptIndex(service).rows(DAY)) == [f"p/{n}.jpg" for n in range(6)]
    blobs.delete(naming.RECEIPTS, INDEX)
    assert len(ReceiptIndex(service).rows(DAY)) == 6  # type: ignore[arg-type]


def test_a_line_without_a_receipt_does_not_count_and_a_later_line_replaces_an_earlier(
    keep: Any, service: BlobServiceClient
) -> None:
    book = ReceiptIndex(service)
    book.add(receipt(1))
    keep(receipt(2, status="failed"))
    keep(receipt(2, status="success"))
    assert [(row.blob_name, row.status) for row in ReceiptIndex(service).rows(DAY)] == [("p/2.jpg", "success")]


def test_a_line_of_another_version_is_read_from_its_receipt_instead(keep: Any, service: BlobServiceClient) -> None:
    keep(receipt(3), indexed=False)
    name = f"{INDEX}2026/01/31/12.jsonl"
    service.get_blob_client(naming.RECEIPTS, name).upload_blob(
        b'["media-x", "of the past"]\nnot json\n', blob_type="AppendBlob"
    )
    assert [row.blob_name for row in ReceiptIndex(service).rows(DAY)] == ["p/3.jpg"]


def test_a_line_of_before_deliveries_were_in_it_is_still_read(keep: Any, service: BlobServiceClient) -> None:
    one = receipt(4)
    keep(one, indexed=False)
    line = json.dumps(row_of(one)[:-1]).encode() + b"\n"
    service.get_blob_client(naming.RECEIPTS, f"{INDEX}2026/01/31/12.jsonl").upload_blob(line, blob_type="AppendBlob")
    (row,) = ReceiptIndex(service).rows(DAY)
    assert (row.blob_name, row.undelivered) == ("p/4.jpg", None)
    assert not Wanted(deliveries=frozenset({"refused"})).takes(row)


def test_a_delivery_that_changes_after_the_end_changes_the_line(keep: Any, service: BlobServiceClient) -> None:
    book, refused = ReceiptIndex(service), Wanted(deliveries=frozenset({"refused", "failed"}))
    for state in ("pending", "refused", "delivered"):
        keep(receipt(5, deliveries={"update_simpi": {"delivery": state}, "notify": {"delivery": "delivered"}}))
        (row,) = ReceiptIndex(service).rows(DAY)
        assert refused.takes(row) is (state == "refused")
    assert row.undelivered == {}
    assert len(list(book.rows(DAY))) == 1


def test_the_days_are_found_newest_first_and_nothing_else_is_taken_for_one(
    keep: Any, blobs: Blobs, service: BlobServiceClient
) -> None:
    keep(receipt(1))
    keep(receipt(2, completed_at="2026-02-01T00:00:00.000Z"))
    blobs.put_json(naming.RECEIPTS, "by-instance/x.json", {})
    assert ReceiptIndex(service).days() == [date(2026, 2, 1), DAY]


def test_many_at_once_are_all_counted_and_the_totals_are_those_of_the_receipts(
    keep: Any, service: BlobServiceClient
) -> None:
    receipts = [receipt(number, status="rejected" if number % 10 == 0 else "success") for number in range(300)]
    random.Random(1).shuffle(receipts)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, receipts))
    totals = savings(latest_runs(newest_first(ReceiptIndex(service).rows(DAY))))["totals"]
    done = [one for one in receipts if one["status"] == "success"]
    assert totals["by_status"] == {"rejected": 30, "success": 270}
    assert totals["saved_bytes"] == sum(one["original_size"] - one["compressed_size"] for one in done)
