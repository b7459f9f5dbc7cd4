"""Opening a log by its name: a file or a folder of SQLite, or ``postgresql://…``; and copying one into another."""

from __future__ import annotations

import contextlib
import itertools
import re
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from dispatch.adapters.live_orders import Change, change_of
from dispatch.adapters.log_chain import BadRowError, Checkpoint, ends, sound
from dispatch.adapters.log_codec import LogOpenError, RowError, StoredRow, event_of
from dispatch.adapters.log_sqlite import ALL_ROWS, FORMAT, ROWS, SqliteLog, the_one
from dispatch.domain.errors import SetupError
from dispatch.service.ports import LogAwayError, LogConflictError, LogFullError, OutcomeUnknownError

if TYPE_CHECKING:
    from dispatch.adapters.log_postgres import PostgresLog

FILE_NAME: Final = "desk.sqlite"
_BATCH: Final = 1000


class Reader(Protocol):
    """A log as it is at one moment, for tools: read only, beside whoever writes."""

    epoch: str

    def checkpoint(self) -> Checkpoint:
        """The head that the log notes, and its hash."""
        ...

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of a row, or None where there is no such row."""
        ...

    def rows(self, after: int = 0) -> Iterator[StoredRow]:
        """Every row with seq > ``after`` (0: every row at all), in order; RowError at one that cannot be read."""
        ...

    def live_orders(self) -> dict[str, str]:
        """The live order of each team that has one."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class SqliteReader:
    """A log file at the moment of opening, read only; the writer is neither stopped nor slowed."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise LogOpenError(f"there is no log {path}: name its file, its folder, or postgresql://…")
        self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            self._db.execute("BEGIN")
            (version,) = the_one(self._db, "format")
            if version != FORMAT:
                self._db.close()
                raise LogOpenError(
                    f"the format of {path} is {version}, this tool reads {FORMAT}: `serve` brings it up to date"
                )
            epoch, head, head_hash = the_one(self._db, "epoch, head, hash")
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise LogOpenError(f"{path} is not a log of this service ({error}): name another file") from error
        self.epoch, self._mark = str(epoch), Checkpoint(int(head), bytes(head_hash))

    def checkpoint(self) -> Checkpoint:
        """The head that the log notes, and its hash."""
        return self._mark

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of a row, or None where there is no such row."""
        found = self._db.execute("SELECT hash FROM events WHERE seq = ?", (seq,)).fetchone()
        return None if found is None else bytes(found[0])

    def rows(self, after: int = 0) -> Iterator[StoredRow]:
        """Every row with seq > ``after`` (0: every row at all), in order; RowError at one that cannot be read."""
        try:
            asked = (ROWS, (after,)) if after else (ALL_ROWS, ())
            for row in self._db.execute(*asked):  # noqa: UP028 (it would close the cursor after its connection)
                yield row
        except sqlite3.DatabaseError as error:
            raise RowError(str(error)) from error

    def live_orders(self) -> dict[str, str]:
        """The live order of each team that has one; raises RowError where they cannot be read."""
        try:
            return dict(self._db.execute("SELECT team, order_id FROM live_orders").fetchall())
        except sqlite3.DatabaseError as error:
            raise RowError(str(error)) from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def is_database(target: str) -> bool:
    """Whether a log's name is that of a database, not of a file."""
    return target.startswith(("postgresql://", "postgres://"))


def file_of(target: str) -> Path:
    """The file of a log that is named by its file or its folder."""
    path = Path(target)
    return path / FILE_NAME if path.is_dir() else path


def shown(target: str) -> str:
    """A log's name for people: without what may be a password."""
    if not is_database(target):
        return str(file_of(target).absolute())
    return re.sub(r"//[^@/]*@", "//", target.partition("?")[0])


def open_log(target: str) -> SqliteLog | PostgresLog:
    """The log of this name, for writing; raises LogOpenError."""
    if not is_database(target):
        return SqliteLog(file_of(target))
    log: PostgresLog = _postgres().PostgresLog(target)
    return log


def is_free(target: str) -> bool:
    """Whether nobody writes this log in a database now; only looks; raises LogOpenError."""
    free: bool = _postgres().is_free(target)
    return free


def open_reader(target: str) -> Reader:
    """The log of this name, for reading beside whoever writes; raises LogOpenError."""
    if not is_database(target):
        return SqliteReader(file_of(target))
    reader: Reader = _postgres().PostgresReader(target)
    return reader


def _postgres() -> Any:
    """The adapter, which needs an extra package."""
    try:
        from dispatch.adapters import log_postgres  # noqa: PLC0415
    except ImportError as error:
        raise SetupError(
            f"a log in PostgreSQL needs psycopg ({error}): pip install 'psycopg[binary]', the extra 'postgres'"
        ) from error
    return log_postgres


def copy_log(reader: Reader, target: str) -> Checkpoint:
    """Copy every row of a log, checked on the way, into a new one: a backup, or a restored log.

    Law: the copy has the same rows and hashes up to the head of the moment of reading, and another epoch as soon as
    it is put to work. Raises SetupError where the target is there already, a row of the source is not sound, or the
    target cannot take them all: then no row is left behind.
    """
    if is_database(target):
        into: PostgresLog = _postgres().PostgresLog(target)
        with contextlib.closing(into):
            if into.head():
                raise SetupError(f"the log at {shown(target)} has rows already: name another desk=")
            return _copy(reader, into, into.all_or_nothing())
    path = file_of(target)
    if path.exists():
        raise SetupError(f"{path} exists: name a file that does not")
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.draft")
    try:
        with contextlib.closing(SqliteLog(draft, reserve_bytes=0)) as copy:
            mark = _copy(reader, copy, contextlib.nullcontext())
            copy.call_a_copy()
        with path.open("xb"):
            pass
        draft.replace(path)
    except FileExistsError as error:
        raise SetupError(f"{path} was made meanwhile: name a file that does not exist") from error
    finally:
        _remove(draft)
    return mark


def _copy(
    reader: Reader, into: SqliteLog | PostgresLog, whole: contextlib.AbstractContextManager[None]
) -> Checkpoint:
    """Copy rows into an empty log within ``whole``, which takes them back where this raises SetupError."""
    try:
        with whole:
            rows = sound(reader.rows(), Checkpoint())
            while batch := list(itertools.islice(rows, _BATCH)):
                into.append_stored(batch, _moves(batch))
            ends(into.checkpoint(), reader.checkpoint())
    except BadRowError as error:
        raise SetupError(f"the log is damaged ({error}), no copy was made: restore an earlier backup") from error
    except (LogFullError, LogAwayError, LogConflictError, OutcomeUnknownError) as error:
        raise SetupError(
            f"the copy cannot be written ({error}), none was made: see to it, and try again"
        ) from error
    return into.checkpoint()


def _moves(rows: list[StoredRow]) -> list[Change]:
    moves = []
    for seq, _, _, _, kind, body, _ in rows:
        try:
            change = change_of(event_of(kind, body))
        except RowError as error:
            raise BadRowError(seq, f"it cannot be read ({error})") from error
        if change is not None:
            moves.append(change)
    return moves


def _remove(draft: Path) -> None:
    for ending in ("", "-wal", "-shm", ".lock", ".reserve"):
        draft.with_name(draft.name + ending).unlink(missing_ok=True)
