"""SIMPI's database and the migrations, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError

from core import events
from core.job import job_for
from core.receipt import Outcome, make_receipt
from sandbox import migrations
from sandbox.database import Database, NoSuchStep
from sandbox.tables import JOBS, STEPS, WEBHOOKS

JOB = job_for("step-a-b-1716200000000.jpg", "0x1", 5 * 1024**4)
NOON = datetime.fromisoformat("2026-01-01T12:00:00Z")
DONE = {
    "processing_status": "success",
    "compressed_url": "https://x/" + "y" * 3000,
    "original_size": 5 * 1024**4,
    "compressed_size": 100,
    "compression_ratio": 54_975_581_388.8,
}
ADDED = {
    "processing_status", "compressed_url", "original_file_size", "compressed_file_size", "compression_ratio",
    "processing_started_at", "processing_completed_at",
}  # fmt: skip


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def ended(**more: Any) -> dict[str, Any]:
    receipt = {**make_receipt(JOB, Outcome(kind="image", attempts=3), NOON, NOON), **more}
    return events.ended(receipt).payload()


def test_the_migration_goes_up_and_down_and_up_again_and_keeps_what_was_there(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("INSERT INTO steps (id, title) VALUES ('1', 'theirs')"))
    for step in (lambda: migrations.down(database.engine), lambda: migrations.up(database.engine)):
        assert step() == ["0001_media_processing"]
        assert step() == []
        columns = {column["name"] for column in inspect(database.engine).get_columns("steps")}
        assert columns - {"id", "title"} in (ADDED, set())
    assert columns >= ADDED
    row = database.step("1")
    assert row is not None
    assert row["title"] == "theirs"


def test_the_schema_is_what_the_tables_say(database: Database) -> None:
    for table in (STEPS, JOBS):
        columns = {column["name"] for column in inspect(database.engine).get_columns(table.name)}
        assert columns == {column.name for column in table.columns}


def test_sizes_and_ratios_of_any_magnitude_fit(database: Database) -> None:
    assert database.put_media("9", JOB.instance_id, DONE)
    row = database.step("9")
    assert row is not None
    assert (row["original_file_size"], row["compression_ratio"]) == (5 * 1024**4, pytest.approx(54_975_581_388.8))


def test_a_beginning_and_an_end_leave_both_times_and_the_same_key_changes_nothing(database: Database) -> None:
    started = {**dict.fromkeys(DONE), "processing_status": "processing", "original_size": 9}
    assert database.put_media("9", f"{JOB.instance_id}.processing", started)
    assert database.put_media("9", JOB.instance_id, DONE)
    first = database.step("9")
    assert first is not None
    assert first["processing_started_at"] <= first["processing_completed_at"]
    assert not database.put_media("9", JOB.instance_id, {**DONE, "compressed_size": 1})
    assert database.step("9") == first


def test_a_beginning_that_comes_late_does_not_undo_the_end(database: Database) -> None:
    database.put_media("9", JOB.instance_id, DONE)
    database.put_media("9", f"{JOB.instance_id}.processing", {**DONE, "processing_status": "processing"})
    row = database.step("9")
    assert row is not None
    assert row["processing_status"] == "success"


def test_updates_and_events_in_any_order_make_one_row_per_job(database: Database) -> None:
    assert database.take_event("e2", ended(status="failed", error="it broke"))
    assert database.take_event("e1", events.started(JOB, "2026-01-01T12:00:00.000Z").payload())
    database.put_media("a-b", JOB.instance_id, {**DONE, "processing_status": "failed"})
    (row,) = database.rows(JOBS)
    assert (row["id"], row["step_id"], row["status"]) == (JOB.instance_id, "a-b", "failed")
    assert (row["blob_name"], row["file_type"], row["error_message"]) == (JOB.blob_name, "image", "it broke")
    assert (row["retry_count"], row["started_at"]) == (2, "2026-01-01T12:00:00.000Z")


def test_an_event_that_comes_again_is_counted_and_has_no_second_effect(database: Database) -> None:
    assert database.take_event("e", ended())
    assert not database.take_event("e", ended(status="failed"))
    assert [row["times"] for row in database.rows(WEBHOOKS)] == [2]
    assert [row["status"] for row in database.rows(JOBS)] == ["success"]


def test_many_at_the_same_moment_are_each_applied_once(database: Database) -> None:
    keys = [f"media-{number:032x}" for number in range(8)] * 4
    with ThreadPoolExecutor(8) as pool:
        applied = list(pool.map(lambda key: database.put_media("new", key, DONE), keys))
    assert sum(applied) == 8
    assert len(database.rows(JOBS)) == 8
    assert len(database.rows(STEPS)) == 1


def test_a_strict_one_knows_only_the_steps_that_are_there(url: str) -> None:
    database = Database(url, strict=True)
    with pytest.raises(NoSuchStep):
        database.put_media("9", JOB.instance_id, DONE)
    assert database.rows(JOBS) == []
    database.close()


def test_nonsense_does_not_get_past_the_database(database: Database) -> None:
    columns, values = "id, status, created_at, updated_at", "'x', 'odd', '2026-01-01', '2026-01-01'"
    with pytest.raises(DatabaseError), database.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO media_processing_jobs ({columns}) VALUES ({values})"))
