"""Applies the SQL files of `infra/sql`: each once, each in a transaction, forwards and backwards."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from sandbox.tables import KEYS, META, STEPS, WEBHOOKS

FOLDER = Path(__file__).resolve().parent.parent / "infra" / "sql"


def prepare(engine: Engine) -> None:
    """What SIMPI's database has of its own, before any migration of ours; and the sandbox's own tables."""
    with engine.begin() as connection:
        if not inspect(connection).has_table(STEPS.name):
            connection.execute(text("CREATE TABLE steps (id VARCHAR(200) NOT NULL PRIMARY KEY, title TEXT)"))
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS schema_migrations (version VARCHAR(100) NOT NULL PRIMARY KEY)")
        )
        META.create_all(connection, tables=[KEYS, WEBHOOKS])


def up(engine: Engine) -> list[str]:
    """Apply what is missing; its versions, in order."""
    done = []
    for path in sorted(FOLDER.glob("*.up.sql")):
        version = path.name.removesuffix(".up.sql")
        with engine.begin() as connection:
            if version in _applied(connection):
                continue
            _run(connection, path)
            connection.execute(text("INSERT INTO schema_migrations VALUES (:version)"), {"version": version})
            done.append(version)
    return done


def down(engine: Engine) -> list[str]:
    """Take everything back, the newest first; its versions."""
    done = []
    with engine.begin() as connection:
        for version in sorted(_applied(connection), reverse=True):
            _run(connection, FOLDER / f"{version}.down.sql")
            connection.execute(text("DELETE FROM schema_migrations WHERE version = :version"), {"version": version})
            done.append(version)
    return done


def _applied(connection: Connection) -> set[str]:
    return set(connection.execute(text("SELECT version FROM schema_migrations")).scalars())


def _run(connection: Connection, path: Path) -> None:
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("--"))
    for statement in filter(str.strip, "\n".join(lines).split(";")):
        connection.execute(text(statement))
