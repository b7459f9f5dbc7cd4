"""The log in SQLite: WAL, ``synchronous=FULL``, one write connection, used from one writer thread.

Other connections may read the file at any time; only this one writes and checkpoints (SQLite before 3.51.3 can lose
a WAL reset to a second checkpointer). A lock file keeps a second service away from the same log.
"""

from __future__ import annotations

import fcntl
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from dispatch.adapters.live_orders import ENDS_ORDER
from dispatch.domain import events as ev
from dispatch.domain.errors import SetupError
from dispatch.domain.events import Envelope
from dispatch.service.ports import LogConflictError, LogFullError, OutcomeUnknownError
from dispatch.wire.records import event_from_json, event_to_json

FORMAT: Final = 1

_SCHEMA: Final = """
CREATE TABLE about (epoch TEXT NOT NULL, format INTEGER NOT NULL) STRICT;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    key TEXT,
    digest TEXT,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE live_orders (team TEXT PRIMARY KEY, order_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

_READ_BATCH: Final = 1000


class LogOpenError(SetupError):
    """The file cannot be used as a log; the message says why and what to do."""


class SqliteLog:
    """One desk's log in one file; the table ``live_orders`` refuses a second live order for a team."""

    def __init__(self, path: Path) -> None:
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
        try:
            self._epoch, self._head = self._open()
        except sqlite3.DatabaseError as error:
            self.close()
            raise LogOpenError(
                f"{path} is not a log of this service ({error}): name another --data folder"
            ) from error

    def _open(self) -> tuple[str, int]:
        tables = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and "about" not in tables:
            raise sqlite3.DatabaseError("another program's tables are in it")
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "mmap_size=0", "busy_timeout=5000"):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        if not tables:
            self._db.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} INSERT INTO about VALUES ('{secrets.token_hex(8)}', {FORMAT}); COMMIT;"
            )
        epoch, version = self._db.execute("SELECT epoch, format FROM about").fetchone()
        if version != FORMAT:
            raise sqlite3.DatabaseError(f"its format is {version}, this service reads {FORMAT}")
        (head,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        return str(epoch), int(head)

    @property
    def epoch(self) -> str:
        """A random name made with the log."""
        return self._epoch

    def head(self) -> int:
        """The seq of the last event, 0 for an empty log."""
        return self._head

    def read(self, after: int = 0) -> Iterator[Envelope]:
        """Every event with seq > ``after``, in order."""
        cursor = self._db.execute(
            "SELECT seq, at_ms, key, digest, body FROM events WHERE seq > ? ORDER BY seq", (after,)
        )
        while rows := cursor.fetchmany(_READ_BATCH):
            for seq, at_ms, key, digest, body in rows:
                yield Envelope(seq=seq, at_ms=at_ms, key=key, digest=digest, event=event_from_json(body))

    def append(self, envelopes: Sequence[Envelope]) -> None:
        """Write all or nothing in one durable transaction; the first seq is head + 1.

        Raises LogConflictError, LogFullError (nothing was written), or OutcomeUnknownError where the commit itself
        failed: then the rows may or may not be there, and only a restart can tell.
        """
        expected = list(range(self._head + 1, self._head + 1 + len(envelopes)))
        if [row.seq for row in envelopes] != expected:
            raise LogConflictError(f"the log ends at {self._head}, these rows begin at {envelopes[0].seq}")
        rows = [
            (row.seq, row.at_ms, row.key, row.digest, row.event.kind, event_to_json(row.event)) for row in envelopes
        ]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)
            for row in envelopes:
                self._keep_live(row.event)
        except sqlite3.IntegrityError as error:
            self._db.execute("ROLLBACK")
            raise LogConflictError(str(error)) from error
        except sqlite3.Error as error:
            self._rollback_full(error)
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                self._rollback_full(error)
            raise OutcomeUnknownError(str(error)) from error
        self._head += len(envelopes)

    def _keep_live(self, event: ev.Event) -> None:
        if isinstance(event, ev.OrderOffered):
            self._db.execute("INSERT INTO live_orders VALUES (?, ?)", (event.team, event.order))
        elif type(event) in ENDS_ORDER:
            self._db.execute("DELETE FROM live_orders WHERE order_id = ?", (event.order,))  # type: ignore[union-attr]

    def _rollback_full(self, error: sqlite3.Error) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise LogFullError(str(error)) from error
        raise OutcomeUnknownError(str(error)) from error

    def close(self) -> None:
        """Checkpoint, close the file and let another service have it."""
        self._db.close()
        self._lock.close()


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
