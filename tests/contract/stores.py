"""Three places where a log may be kept, each opened, closed and tampered with in the same words."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from dispatch.adapters.log_chain import link
from dispatch.adapters.log_memory import MemoryLog
from dispatch.adapters.log_open import Reader, SqliteReader
from dispatch.adapters.log_postgres import Address, PostgresLog, PostgresReader
from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.service.ports import Log
from tests.postgres_server import Postgres

COLUMNS = ("seq", "at_ms", "key", "digest", "kind", "body", "hash")
Row = tuple[Any, ...]


class Store(Protocol):
    """Where a log is kept."""

    target: str

    def open(self) -> Log: ...

    def reader(self) -> Reader: ...

    def take(self) -> list[Row]:
        """Every row as it is kept, with the body as text."""
        ...

    def put(self, rows: Sequence[Row], head: tuple[int, bytes] | None = None) -> None:
        """Keep these rows instead, behind the log's back; ``head`` is what it notes from now on."""
        ...


class Memory:
    target = ""

    def __init__(self) -> None:
        self.log = MemoryLog()

    def open(self) -> MemoryLog:
        return self.log

    def reader(self) -> Reader:
        return self.log

    def take(self) -> list[Row]:
        return [(*row[:5], row[5].decode(), row[6]) for row in self.log._rows]

    def put(self, rows: Sequence[Row], head: tuple[int, bytes] | None = None) -> None:
        kept = [(*row[:5], row[5].encode(), row[6]) for row in rows]
        noted = head or (self.log.checkpoint().seq, self.log.checkpoint().hash)
        mark = type(self.log.checkpoint())(*noted)
        self.log._rows = kept
        self.log.checkpoint = lambda: mark  # type: ignore[method-assign]


class Sqlite:
    def __init__(self, file: Path) -> None:
        self.file, self.target = file, str(file)

    def open(self) -> SqliteLog:
        return SqliteLog(self.file)

    def reader(self) -> Reader:
        return SqliteReader(self.file)

    def take(self) -> list[Row]:
        with contextlib.closing(sqlite3.connect(self.file)) as db:
            return db.execute(f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY seq").fetchall()

    def put(self, rows: Sequence[Row], head: tuple[int, bytes] | None = None) -> None:
        with contextlib.closing(sqlite3.connect(self.file)) as db, db:
            db.execute("DROP TRIGGER IF EXISTS events_stay")
            db.execute("DROP TRIGGER IF EXISTS events_last")
            db.execute("DELETE FROM events")
            db.execute("PRAGMA ignore_check_constraints = ON")
            db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            if head is not None:
                db.execute("UPDATE about SET head = ?, hash = ?", head)


class Database:
    def __init__(self, url: str) -> None:
        self.target = url

    def open(self) -> PostgresLog:
        return PostgresLog(self.target)

    def reader(self) -> Reader:
        return PostgresReader(self.target)

    def connect(self) -> psycopg.Connection[Row]:
        return Address(self.target).connect()

    def take(self) -> list[Row]:
        with contextlib.closing(self.connect()) as db:
            return db.execute(f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY seq").fetchall()

    def put(self, rows: Sequence[Row], head: tuple[int, bytes] | None = None) -> None:
        with contextlib.closing(self.connect()) as db, db.transaction():
            db.execute("ALTER TABLE events DISABLE TRIGGER USER")
            db.execute("ALTER TABLE events DROP CONSTRAINT IF EXISTS events_seq_check")
            db.execute("DELETE FROM events")
            with db.cursor() as cursor:
                cursor.executemany("INSERT INTO events VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)
            if head is not None:
                db.execute("UPDATE about SET head = %s, hash = %s", head)


def rechained(rows: Sequence[Row]) -> list[Row]:
    """The rows with hashes that follow: what somebody does who knows the chain."""
    before, made = bytes(32), []
    for row in rows:
        before = link(before, row[0], row[1], (row[2], row[3], row[4]), row[5].encode())
        made.append((*row[:6], before))
    return made


KINDS = ("memory", "sqlite", "postgres")
DURABLE = ("sqlite", "postgres")


def store_of(kind: str, request: pytest.FixtureRequest, folder: Path) -> Store:
    """A new place of this kind; the database is started for the session at its first use."""
    if kind == "memory":
        return Memory()
    if kind == "sqlite":
        return Sqlite(folder / "desk.sqlite")
    server: Postgres = request.getfixturevalue("postgres")
    return Database(server.url)


@contextlib.contextmanager
def opened(store: Store) -> Iterator[Log]:
    log = store.open()
    try:
        yield log
    finally:
        log.close()
