"""The log in SQLite: WAL, ``synchronous=FULL``, one write connection, used from one writer thread.

Other connections may read the file at any time; only this one writes and checkpoints (SQLite before 3.51.3 can lose
a WAL reset to a second checkpointer). A lock file keeps a second service away from the same log, and a reserve file
beside it keeps room for the end of running work when the disk is full.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

from dispatch.adapters import log_codec
from dispatch.adapters.live_orders import Change, change_of, changes
from dispatch.adapters.log_chain import GENESIS, Checkpoint, chained, link
from dispatch.adapters.log_codec import LogOpenError, PlainRow, RowError, StoredRow, envelopes_of, event_of
from dispatch.domain.events import Envelope
from dispatch.service.ports import LogAwayError, LogConflictError, LogFullError, OutcomeUnknownError

FORMAT: Final = 2
RESERVE_BYTES: Final = 4 << 20
"""Some thousand facts: what ends the orders of a whole shift."""

SCHEMA: Final = (
    "CREATE TABLE about (epoch TEXT NOT NULL, format INTEGER NOT NULL, head INTEGER NOT NULL, hash BLOB NOT NULL,"
    " is_copy INTEGER NOT NULL) STRICT",
    "CREATE UNIQUE INDEX about_one ON about ((1))",
    "CREATE TABLE events (seq INTEGER PRIMARY KEY CHECK (seq > 0), at_ms INTEGER NOT NULL, key TEXT, digest TEXT,"
    " kind TEXT NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL) STRICT",
    "CREATE TABLE live_orders (team TEXT PRIMARY KEY, order_id TEXT NOT NULL UNIQUE) STRICT, WITHOUT ROWID",
    "CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'facts are never edited'); END",
    "CREATE TRIGGER events_last BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'facts are never deleted'); END",
)
ROWS: Final = (
    "SELECT seq, at_ms, key, digest, kind, CAST(body AS BLOB), hash FROM events WHERE seq > ? ORDER BY seq"
)
ALL_ROWS: Final = ROWS.replace(" WHERE seq > ?", "")
"""With what somebody planted before the first row."""

PLAIN_ROWS: Final = (
    "SELECT seq, at_ms, key, digest, kind, CAST(body AS BLOB) FROM events WHERE seq > ? ORDER BY seq"
)

INSERT: Final = "INSERT INTO events VALUES (?, ?, ?, ?, ?, CAST(? AS TEXT), ?)"
_READ_BATCH: Final = 1000


class SqliteLog:
    """One desk's log in one file; the table ``live_orders`` refuses a second live order for a team."""

    def __init__(self, path: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(path.with_name(path.name + ".lock"))
        except OSError as error:
            raise LogOpenError(
                f"{path.parent} cannot hold a log ({error.strerror}): name a --data folder that may be written"
            ) from error
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.DatabaseError as error:
            self._lock.close()
            raise LogOpenError(f"{path} cannot be opened ({error}): name another --data folder") from error
        self._reserve = Reserve(path.with_name(path.name + ".reserve"), reserve_bytes)
        try:
            self._epoch, self._mark = self._open()
        except sqlite3.DatabaseError as error:
            self.close()
            raise LogOpenError(
                f"{path} is not a log of this service ({error}): name another --data folder"
            ) from error
        self._reserve.regain()

    def _open(self) -> tuple[str, Checkpoint]:
        tables = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and "about" not in tables:
            raise sqlite3.DatabaseError("another program's tables are in it")
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "mmap_size=0", "busy_timeout=5000"):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        if not tables:
            self._db.execute("BEGIN IMMEDIATE")
            make_tables(self._db, secrets.token_hex(8), is_copy=False)
            self._db.execute("COMMIT")
        (version,) = the_one(self._db, "format")
        if version == 1:
            _upgrade(self._db)
        elif version != FORMAT:
            raise sqlite3.DatabaseError(f"its format is {version}, this service reads {FORMAT}")
        epoch, head, head_hash, is_copy = the_one(self._db, "epoch, head, hash, is_copy")
        (last,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        if last != head:
            raise sqlite3.DatabaseError(f"it notes {head} rows and ends after {last}; `verify` tells more")
        if is_copy:  # each copy that is put to work is a log of its own
            epoch = secrets.token_hex(8)
            self._db.execute("UPDATE about SET epoch = ?, is_copy = 0", (epoch,))
        return str(epoch), Checkpoint(int(head), bytes(head_hash))

    @property
    def epoch(self) -> str:
        """A random name made with the log, and anew when a backup of it is put to work."""
        return self._epoch

    def head(self) -> int:
        """The seq of the last event, 0 for an empty log."""
        return self._mark.seq

    def checkpoint(self) -> Checkpoint:
        """The head and its hash."""
        return self._mark

    @property
    def low(self) -> bool:
        """Whether the reserve had to be given up."""
        return self._reserve.low

    def regain(self) -> bool:
        """Take the reserve again where the disk has room for it; True where it is there."""
        return self._reserve.regain()

    def check(self, envelopes: Sequence[Envelope]) -> None:
        """Raise RowError where one of these could not be written."""
        log_codec.check(envelopes)

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of a row, or None where there is no such row."""
        found = self._db.execute("SELECT hash FROM events WHERE seq = ?", (seq,)).fetchone()
        return None if found is None else bytes(found[0])

    def read(self, after: int = 0) -> Iterator[Envelope]:
        """Every event with seq > ``after``, in order; raises RowError at one that cannot be read."""
        return envelopes_of(_batched(self._db.execute(PLAIN_ROWS, (after,))))

    def append(self, envelopes: Sequence[Envelope]) -> None:
        """Write all or nothing in one durable transaction; the first seq is head + 1.

        Raises LogConflictError, LogFullError or LogAwayError (nothing was written), or OutcomeUnknownError where
        the commit itself failed: then the rows may or may not be there, and only a restart can tell.
        """
        head = self._mark.seq
        if [row.seq for row in envelopes] != list(range(head + 1, head + 1 + len(envelopes))):
            raise LogConflictError(f"the log ends at {head}, these rows begin at {envelopes[0].seq}")
        self.append_stored(chained(envelopes, self._mark.hash), list(changes(envelopes)))

    def append_stored(self, rows: Sequence[StoredRow], moves: Sequence[Change]) -> None:
        """Write rows that another log has, and how they change the live orders; as ``append``."""
        if not rows:
            return
        try:
            self._write(rows, moves)
        except LogFullError:
            if not self._reserve.release():
                raise
            self._write(rows, moves)
        self._mark = Checkpoint(rows[-1][0], rows[-1][6])

    def _write(self, rows: Sequence[StoredRow], moves: Sequence[Change]) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            noted = self._db.execute(
                "UPDATE about SET head = ?, hash = ? WHERE head = ?", (rows[-1][0], rows[-1][6], rows[0][0] - 1)
            )
            if noted.rowcount != 1:
                self._db.execute("ROLLBACK")
                raise LogConflictError(f"the log no longer ends at {rows[0][0] - 1}: something else wrote to it")
            self._db.executemany(INSERT, rows)
            for order, team in moves:
                keep_live(self._db, order, team)
        except sqlite3.IntegrityError as error:
            self._db.execute("ROLLBACK")
            raise LogConflictError(str(error)) from error
        except sqlite3.Error as error:
            self._rollback(error)
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                self._rollback(error)
            raise OutcomeUnknownError(str(error)) from error

    def _rollback(self, error: sqlite3.Error) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise LogFullError(str(error)) from error
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise LogAwayError(f"another program holds the file ({error})") from error
        raise OutcomeUnknownError(str(error)) from error

    def call_a_copy(self) -> None:
        """From now on this file is a backup: it gets an epoch of its own when it is put to work."""
        self._db.execute("UPDATE about SET is_copy = 1")

    def close(self) -> None:
        """Checkpoint, close the file and let another service have it."""
        self._db.close()
        self._lock.close()


def make_tables(db: sqlite3.Connection, epoch: str, *, is_copy: bool) -> None:
    """An empty log in an empty database, inside the transaction that is open."""
    for statement in SCHEMA:
        db.execute(statement)
    db.execute("INSERT INTO about VALUES (?, ?, 0, ?, ?)", (epoch, FORMAT, GENESIS, int(is_copy)))


def keep_live(db: sqlite3.Connection, order: str, team: str | None) -> None:
    """Note that an order begins for ``team``, or ends (None); the table refuses a team's second one."""
    if team is None:
        db.execute("DELETE FROM live_orders WHERE order_id = ?", (order,))
    else:
        db.execute("INSERT INTO live_orders VALUES (?, ?)", (team, order))


def the_one(db: sqlite3.Connection, columns: str) -> tuple[Any, ...]:
    """Columns of the one row of the table ``about``; raises sqlite3.DatabaseError where it has none or more."""
    rows: list[tuple[Any, ...]] = db.execute(f"SELECT {columns} FROM about LIMIT 2").fetchall()
    if len(rows) != 1:
        told = "no row" if not rows else "more than one row"
        raise sqlite3.DatabaseError(f"its table 'about' has {told}: restore a backup")
    return rows[0]


def _batched(cursor: sqlite3.Cursor) -> Iterator[PlainRow]:
    return chain.from_iterable(iter(lambda: cursor.fetchmany(_READ_BATCH), []))


def _upgrade(db: sqlite3.Connection) -> None:
    """Give the rows of a log of format 1, which had no hashes, theirs: all or nothing, no fact changes."""
    db.execute("BEGIN IMMEDIATE")
    (epoch,) = the_one(db, "epoch")
    for statement in ("ALTER TABLE events RENAME TO events_1", "DROP TABLE live_orders", "DROP TABLE about"):
        db.execute(statement)
    make_tables(db, epoch, is_copy=False)
    mark = Checkpoint()
    old = db.execute("SELECT seq, at_ms, key, digest, kind, CAST(body AS BLOB) FROM events_1 ORDER BY seq")
    for seq, at_ms, key, digest, kind, body in old:
        try:
            change = change_of(event_of(kind, body))
        except RowError as error:
            db.execute("ROLLBACK")
            raise sqlite3.DatabaseError(f"its row {seq} cannot be read: {error}") from error
        mark = Checkpoint(seq, link(mark.hash, seq, at_ms, (key, digest, kind), body))
        db.execute(INSERT, (seq, at_ms, key, digest, kind, body, mark.hash))
        if change is not None:
            keep_live(db, *change)
    db.execute("UPDATE about SET head = ?, hash = ?", (mark.seq, mark.hash))
    db.execute("DROP TABLE events_1")
    db.execute("COMMIT")


class Reserve:
    """A file of zeros that is given up when the disk is full; ``size`` 0 is none."""

    def __init__(self, path: Path, size: int) -> None:
        self._path, self._size = path, size
        self.low = False

    def release(self) -> bool:
        """Give the room back to the disk; True where there was some."""
        held = self._size > 0 and not self.low
        self._path.unlink(missing_ok=True)
        self.low = self._size > 0
        return held

    def regain(self) -> bool:
        """Take the room where the disk has twice as much; True where it is held (or none is wanted)."""
        if self._size == 0:
            return True
        try:
            if self._path.is_file() and self._path.stat().st_size == self._size:
                self.low = False
                return True
            disk = os.statvfs(self._path.parent)
            self.low = disk.f_bavail * disk.f_frsize < 2 * self._size
            if not self.low:
                with self._path.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, self._size)
        except OSError:
            self._path.unlink(missing_ok=True)
            self.low = True
        return not self.low


def _lock(path: Path) -> IO[bytes]:
    handle = path.open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise LogOpenError(
            f"another service writes {path.with_suffix('').absolute()}: stop it, or name another --data folder"
        ) from error
    return handle
