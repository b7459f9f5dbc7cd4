"""The log in PostgreSQL, for a desk that must survive its machine: one statement and one round trip a commit.

The database keeps the laws itself: a function appends only behind the expected head, rows are never edited, a
team has one live order, and a session lock keeps a second writer out. A connection that is lost in the middle of an
append is made anew, and the head tells whether the append is there: with the lock held again, nothing of the old
session can still be under way.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, LiteralString
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import errors

from dispatch.adapters import log_codec
from dispatch.adapters.live_orders import Change, changes
from dispatch.adapters.log_chain import GENESIS, Checkpoint, chained
from dispatch.adapters.log_codec import LogHeldError, LogOpenError, StoredRow, envelopes_of
from dispatch.adapters.log_postgres_schema import FORMAT, NOT_AT_HEAD, noted, statements, the_one
from dispatch.domain.events import Envelope
from dispatch.service.ports import LogAwayError, LogConflictError, LogFullError, OutcomeUnknownError

DEFAULT_DESK: Final = "dispatch135"
CONNECT_S: Final = 5
LOCK_S: Final = 4.0
"""How long a new writer waits for the lock: a session whose client was killed ends within moments."""

RECONNECT_S: Final = 10.0
_PAGE: Final = 2000
_DESK: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")
_SETTINGS: Final = "SET statement_timeout = '30s'; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5"


class Address:
    """Where a log is: ``postgresql://…``, with ``desk=NAME`` for the schema of one of several desks."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        self.desk = dict(query).get("desk", DEFAULT_DESK)
        if not _DESK.fullmatch(self.desk):
            raise LogOpenError(f"desk={self.desk} is no name: small letters, digits and _, a letter first")
        rest = urlencode([pair for pair in query if pair[0] != "desk"])
        self.conninfo = urlunsplit(parts._replace(query=rest))
        host = parts.hostname or dict(query).get("host", "")
        self.shown = f"postgresql://{host}{parts.path} (desk {self.desk})"
        self.lock = zlib.crc32(f"dispatch135 writer {self.desk}".encode())

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """An open connection that commits each statement; raises psycopg.Error."""
        db = psycopg.connect(
            self.conninfo, autocommit=True, connect_timeout=CONNECT_S, application_name="dispatch135"
        )
        try:
            for setting in _SETTINGS.split("; "):
                db.execute(setting)
            db.execute("SELECT set_config('search_path', %s, false)", (self.desk,))
        except BaseException:
            db.close()
            raise
        return db


class PostgresLog:
    """One desk's log in one schema of a database; held by one writer at a time."""

    def __init__(self, url: str) -> None:
        self._at = Address(url)
        self._db: psycopg.Connection[tuple[Any, ...]] | None = None
        self._whole = False
        try:
            self._db = self._at.connect()
            self._require_durable(self._db)
            if not self._lock(self._db):
                raise LogHeldError(f"another service writes {self._at.shown}: stop it, or name another desk=")
            self._epoch = self._tables(self._db)
            self._mark = noted(self._db)
        except LogOpenError:
            self.close()
            raise
        except psycopg.Error as error:
            self.close()
            raise LogOpenError(f"{self._at.shown} cannot be used as a log ({_said(error)}): {_ADVICE}") from error

    @property
    def epoch(self) -> str:
        """A random name made with the log."""
        return self._epoch

    def head(self) -> int:
        """The seq of the last event, 0 for an empty log."""
        return self._mark.seq

    def checkpoint(self) -> Checkpoint:
        """The head and its hash."""
        return self._mark

    @property
    def low(self) -> bool:
        """Never: the database's disk is watched where the database is."""
        return False

    def regain(self) -> bool:
        """Nothing to look for."""
        return True

    def check(self, envelopes: Sequence[Envelope]) -> None:
        """Raise RowError where one of these could not be written."""
        log_codec.check(envelopes)

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of a row, or None where there is no such row."""
        return _hash_at(self._open(), seq)

    def read(self, after: int = 0) -> Iterator[Envelope]:
        """Every event with seq > ``after``, in order; raises RowError at one that cannot be read."""
        return envelopes_of(_pages(self._open, after, PLAIN))

    def append(self, envelopes: Sequence[Envelope]) -> None:
        """Write all or nothing in one durable transaction; the first seq is head + 1.

        Raises LogConflictError, LogFullError or LogAwayError (nothing was written), or OutcomeUnknownError where
        the connection was lost in between and could not be made again within ``RECONNECT_S``.
        """
        head = self._mark.seq
        if [row.seq for row in envelopes] != list(range(head + 1, head + 1 + len(envelopes))):
            raise LogConflictError(f"the log ends at {head}, these rows begin at {envelopes[0].seq}")
        self.append_stored(chained(envelopes, self._mark.hash), list(changes(envelopes)))

    def append_stored(self, rows: Sequence[StoredRow], moves: Sequence[Change]) -> None:
        """Write rows that another log has, and how they change the live orders; as ``append``."""
        if not rows:
            return
        new = Checkpoint(rows[-1][0], rows[-1][6])
        arguments = _arguments(rows, moves)
        for lost in (False, True):
            try:
                db = self._open()
            except LogAwayError as error:
                if lost:
                    raise OutcomeUnknownError(f"the connection was lost during a commit: {error}") from error
                raise
            if (lost and noted(db) == new) or self._sent(db, arguments):
                self._mark = new
                return
        raise OutcomeUnknownError("the connection was lost twice during a commit")

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What is appended within is one transaction: all of it is there, or no row of it; for a restore.

        A lost connection is not made anew: raises LogAwayError, or OutcomeUnknownError where the commit failed.
        """
        before, self._whole = self._mark, True
        try:
            with self._open().transaction():
                yield
        except psycopg.Error as error:
            self._mark = before
            raise OutcomeUnknownError(_said(error)) from error
        except BaseException:
            self._mark = before
            raise
        finally:
            self._whole = False

    def _sent(self, db: psycopg.Connection[tuple[Any, ...]], arguments: Sequence[object]) -> bool:
        """Send one append: True when it is durable, False where the connection was lost on the way."""
        try:
            db.execute(_APPEND, arguments, prepare=True)
        except errors.UniqueViolation as error:
            raise LogConflictError(_said(error)) from error
        except psycopg.Error as error:
            if db.closed:
                db.close()
                self._db = None
                if self._whole:
                    raise LogAwayError(_said(error)) from error
                return False
            if error.sqlstate == NOT_AT_HEAD:
                raise LogConflictError(_said(error)) from error
            if isinstance(error, errors.DiskFull):
                raise LogFullError(_said(error)) from error
            if isinstance(error, errors.QueryCanceled | errors.ReadOnlySqlTransaction | errors.LockNotAvailable):
                raise LogAwayError(_said(error)) from error
            raise OutcomeUnknownError(_said(error)) from error
        return True

    def _open(self) -> psycopg.Connection[tuple[Any, ...]]:
        """The connection, made anew where it was lost; it holds the lock, and the log is not behind its head here.

        Raises LogAwayError where none can be had in time, LogConflictError where somebody else wrote meanwhile.
        """
        if self._db is not None and not self._db.closed:
            return self._db
        until_s, pause_s = time.monotonic() + RECONNECT_S, 0.05
        while True:
            db = None
            try:
                db = self._at.connect()
                if not self._lock(db):
                    db.close()
                    raise LogConflictError(f"another service has taken over {self._at.shown}")
                noted = db.execute("SELECT epoch, head FROM about").fetchone()
            except psycopg.Error as error:
                if db is not None:
                    db.close()
                if time.monotonic() + pause_s > until_s:
                    raise LogAwayError(f"no connection for {RECONNECT_S:.0f} s: {_said(error)}") from error
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, 1.0)
                continue
            if noted is None or noted[0] != self._epoch or noted[1] < self._mark.seq:
                db.close()
                raise LogConflictError(f"{self._at.shown} is no longer the log that it was before the connection")
            self._db = db
            return db

    def _lock(self, db: psycopg.Connection[tuple[Any, ...]]) -> bool:
        """Take the writer's lock of this desk for the life of the connection."""
        until_s = time.monotonic() + LOCK_S
        while True:
            found = db.execute("SELECT pg_try_advisory_lock(%s)", (self._at.lock,)).fetchone()
            if found is not None and found[0]:
                return True
            if time.monotonic() > until_s:
                return False
            time.sleep(0.1)

    def _require_durable(self, db: psycopg.Connection[tuple[Any, ...]]) -> None:
        if _value(db, "SHOW fsync") != "on":
            raise LogOpenError(f"{self._at.shown} runs with fsync=off and would lose facts: switch it on")
        if _value(db, "SHOW synchronous_commit") == "off":
            db.execute("SET synchronous_commit = on")

    def _tables(self, db: psycopg.Connection[tuple[Any, ...]]) -> str:
        """Make the tables where there are none; returns the epoch."""
        if _value(db, "SELECT to_regclass('about')") is None:
            with db.transaction():
                for statement in statements(self._at.desk):
                    db.execute(statement)
                db.execute(
                    "INSERT INTO about (epoch, format, head, hash) VALUES (%s, %s, 0, %s)",
                    (secrets.token_hex(8), FORMAT, GENESIS),
                )
        epoch, told = the_one(db, "epoch, format")
        if told != FORMAT:
            raise LogOpenError(f"the format of {self._at.shown} is {told}, this service reads {FORMAT}")
        return str(epoch)

    def close(self) -> None:
        """Give the lock and the connection back."""
        if self._db is not None:
            self._db.close()


def is_free(url: str) -> bool:
    """Whether nobody writes this desk now. It only looks: a writer that connects anew never finds it in its way."""
    at = Address(url)
    try:
        with contextlib.closing(at.connect()) as db:
            return _value(db, _HELD, (at.lock,)) is None
    except psycopg.Error as error:
        raise LogOpenError(f"{at.shown} cannot be used as a log ({_said(error)}): {_ADVICE}") from error


class PostgresReader:
    """A log as it is at one moment, for tools: read only, beside whoever writes."""

    def __init__(self, url: str) -> None:
        at, db = Address(url), None
        try:
            self._db = db = at.connect()
            self._db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self.epoch = str(the_one(db, "epoch")[0])
            self._mark = noted(self._db)
        except LogOpenError:
            if db is not None:
                db.close()
            raise
        except psycopg.Error as error:
            if db is not None:
                db.close()
            raise LogOpenError(f"there is no log at {at.shown} ({_said(error)}): {_ADVICE}") from error

    def checkpoint(self) -> Checkpoint:
        """The head that the log notes, and its hash."""
        return self._mark

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of a row, or None where there is no such row."""
        return _hash_at(self._db, seq)

    def rows(self, after: int = 0) -> Iterator[StoredRow]:
        """Every row with seq > ``after`` (0: every row at all), in order."""
        return _pages(lambda: self._db, after or None, STORED)

    def live_orders(self) -> dict[str, str]:
        """The live order of each team that has one."""
        return dict(self._db.execute("SELECT team, order_id FROM live_orders").fetchall())

    def close(self) -> None:
        """Let go of the connection."""
        self._db.close()


PLAIN: Final = "seq, at_ms, key, digest, kind, convert_to(body, 'UTF8')"
STORED: Final = PLAIN + ", hash"

_HELD: Final = (
    "SELECT pid FROM pg_locks JOIN pg_database ON oid = database WHERE datname = current_database()"
    " AND locktype = 'advisory' AND granted AND classid = 0 AND objid = %s AND objsubid = 1 LIMIT 1"
)
_APPEND: Final = (
    "SELECT append(%s, %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[],"
    " %s::text[], %s::text[])"
)
_ADVICE: Final = "is the server running, and are host, database and user right? (passwords go to ~/.pgpass)"


def _hash_at(db: psycopg.Connection[tuple[Any, ...]], seq: int) -> bytes | None:
    found = db.execute("SELECT hash FROM events WHERE seq = %s", (seq,), binary=True).fetchone()
    return None if found is None else bytes(found[0])


def _pages(
    opened: Callable[[], psycopg.Connection[tuple[Any, ...]]], after: int | None, columns: LiteralString
) -> Iterator[Any]:
    """Rows behind ``after`` (None: all) in pages, each behind the one before: a log only grows.

    A lost connection is made anew once a page.

    Raises LogOpenError where that does not help.
    """
    everything = f"SELECT {columns} FROM events ORDER BY seq LIMIT {_PAGE}"
    query = f"SELECT {columns} FROM events WHERE seq > %s ORDER BY seq LIMIT {_PAGE}"

    def page() -> list[tuple[Any, ...]]:
        if after is None:
            return opened().execute(everything, binary=True).fetchall()
        return opened().execute(query, (after,), binary=True, prepare=True).fetchall()

    while True:
        try:
            try:
                rows = page()
            except psycopg.OperationalError:
                rows = page()
        except psycopg.Error as error:
            raise LogOpenError(f"the log cannot be read on ({_said(error)}): {_ADVICE}") from error
        if not rows:
            return
        for row in rows:
            key, digest = row[2], row[3]
            if (key and "\\" in key) or (digest and "\\" in digest):
                yield (row[0], row[1], _unescaped(key), _unescaped(digest), *row[4:])
            else:
                yield row
        after = rows[-1][0]


def _arguments(rows: Sequence[StoredRow], moves: Sequence[Change]) -> list[object]:
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    columns[2] = [_escaped(text) for text in columns[2]]
    columns[3] = [_escaped(text) for text in columns[3]]
    columns[5] = [body.decode() for body in columns[5]]
    return [rows[0][0] - 1, *columns, [each.order for each in moves], [each.team for each in moves]]


def _escaped(text: str | None) -> str | None:
    r"""A text without NUL, which PostgreSQL cannot hold; ``\`` is the escape."""
    if text is None or ("\\" not in text and "\0" not in text):
        return text
    return text.replace("\\", "\\\\").replace("\0", "\\0")


def _unescaped(text: str | None) -> str | None:
    if text is None or "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda found: "\0" if found[1] == "0" else found[1], text)


def _value(db: psycopg.Connection[tuple[Any, ...]], query: LiteralString, given: Sequence[object] = ()) -> Any:
    found = db.execute(query, given).fetchone()
    return None if found is None else found[0]


def _said(error: psycopg.Error) -> str:
    """The server's or driver's own first line."""
    return (error.diag.message_primary or str(error)).strip().splitlines()[0] if str(error) else repr(error)
