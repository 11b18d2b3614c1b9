"""What SIMPI does with what it is told: rows of steps and jobs, each effect once however often it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from sandbox import migrations
from sandbox.tables import JOBS, KEYS, STEPS, WEBHOOKS

PROCESSING = "processing"
TRIES = 3
MOST_ROWS = 1000
STATUSES = (PROCESSING, "success", "rejected", "cancelled", "failed")
Body = dict[str, Any]


class NoSuchStep(LookupError):
    """There is no such step, and none is to be made."""


class Database:
    """SIMPI's database: PostgreSQL or SQLite, by URL. Safe to share between threads."""

    def __init__(self, url: str, *, strict: bool = False) -> None:
        self.engine = _engine(url)
        self._strict = strict
        migrations.prepare(self.engine)
        migrations.up(self.engine)

    def put_media(self, step_id: str, key: str, body: Body) -> bool:
        """Set the state of a step's media; False where this key has had its effect already.

        Raises: NoSuchStep.
        """
        return self._once(lambda connection: self._put_media(connection, step_id, key, body))

    def _put_media(self, connection: Connection, step_id: str, key: str, body: Body) -> bool:
        if connection.execute(select(KEYS.c.key).where(KEYS.c.key == key)).first():
            return False
        self._have_step(connection, step_id)
        connection.execute(insert(KEYS).values(key=key, at=_now()))
        _set_state(connection, step_id, key.partition(".")[0], body)
        return True

    def take_event(self, event_id: str, told: Body) -> bool:
        """Keep a webhook, and what it says of the job; False where it has come before."""
        return self._once(lambda connection: self._take_event(connection, event_id, told))

    def _take_event(self, connection: Connection, event_id: str, told: Body) -> bool:
        seen = connection.execute(select(WEBHOOKS.c.times).where(WEBHOOKS.c.id == event_id).with_for_update()).scalar()
        if seen is not None:
            connection.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == event_id).values(times=seen + 1))
            return False
        values = {"type": told["type"], "body": json.dumps(told), "received_at": _now(), "times": 1}
        connection.execute(insert(WEBHOOKS).values(id=event_id, **values))
        if (step_id := told["data"].get("step_id")) is not None:
            self._have_step(connection, step_id)
        _set_job(connection, told["data"]["instance_id"], step_id, _of_event(told["data"]))
        return True

    def _once(self, work: Callable[[Connection], bool]) -> bool:
        """Do it in one transaction; again, where somebody else has made the same row at the same moment."""
        for _ in range(TRIES):
            with suppress(IntegrityError), self.engine.begin() as connection:
                return work(connection)
        with self.engine.begin() as connection:
            return work(connection)

    def _have_step(self, connection: Connection, step_id: str) -> None:
        found = connection.execute(select(STEPS.c.id).where(STEPS.c.id == step_id).with_for_update()).first()
        if found is None and self._strict:
            raise NoSuchStep(step_id)
        if found is None:
            connection.execute(insert(STEPS).values(id=step_id, title=f"Step {step_id}"))

    def rows(self, table: Table) -> list[Body]:
        """The rows of a table, as JSON has them; of very many only some."""
        with self.engine.connect() as connection:
            return [_plain(dict(row)) for row in connection.execute(select(table).limit(MOST_ROWS)).mappings()]

    def step(self, step_id: str) -> Body | None:
        """One step's row."""
        with self.engine.connect() as connection:
            row = connection.execute(select(STEPS).where(STEPS.c.id == step_id)).mappings().first()
        return _plain(dict(row)) if row else None

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), pool_pre_ping=True)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _: Any) -> None:
            connection.isolation_level = None  # transactions are ours to begin
            for pragma in ("journal_mode=WAL", "busy_timeout=10000", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _set_state(connection: Connection, step_id: str, job_id: str, body: Body) -> None:
    status, now = body["processing_status"], _now()
    if status == PROCESSING:
        known = connection.execute(select(JOBS.c.status).where(JOBS.c.id == job_id)).scalar()
        if known not in (None, PROCESSING):  # it came late: the job has ended
            return
        values: Body = {"processing_status": status, "processing_started_at": now, "processing_completed_at": None}
        values |= {"original_file_size": body["original_size"]}
    else:
        values = {
            "processing_status": status,
            "compressed_url": body["compressed_url"],
            "original_file_size": body["original_size"],
            "compressed_file_size": body["compressed_size"],
            "compression_ratio": body["compression_ratio"],
            "processing_completed_at": now,
        }
    connection.execute(update(STEPS).where(STEPS.c.id == step_id).values(**values))
    times = {"started_at": now} if status == PROCESSING else {"completed_at": now}
    _set_job(connection, job_id, step_id, {"status": status, "file_size": body["original_size"], **times})


def _set_job(connection: Connection, job_id: str, step_id: str | None, facts: Body) -> None:
    """Add what is known of a job to its row. What came late does not put a job back to `processing`."""
    row = connection.execute(select(JOBS).where(JOBS.c.id == job_id).with_for_update()).mappings().first()
    if row is None:
        fresh = {"status": PROCESSING, **facts}
        connection.execute(
            insert(JOBS).values(id=job_id, step_id=step_id, created_at=_now(), updated_at=_now(), **fresh)
        )
        return
    if facts.get("status") == PROCESSING:
        facts = {key: value for key, value in facts.items() if key != "status"}
    connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(updated_at=_now(), **facts))


def _of_event(data: Body) -> Body:
    facts: Body = {
        "blob_name": data["blob_name"],
        "file_size": data["original_size"],
        "started_at": _time(data["started_at"]),
    }
    if "status" in data:
        facts |= {"status": data["status"], "file_type": data["kind"], "error_message": data["error"]}
        facts |= {"retry_count": data["attempts"] - 1, "completed_at": _time(data["completed_at"])}
    return facts


def _now() -> datetime:
    return datetime.now(UTC)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _plain(row: Body) -> Body:
    return {key: _stamp(value) if isinstance(value, datetime) else value for key, value in row.items()}


def _stamp(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
