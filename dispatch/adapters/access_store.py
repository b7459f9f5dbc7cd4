"""Where people, sessions, devices and the security audit are kept: one SQLite file of mode 0600, or memory.

Records are JSON under (kind, id), written whole; the audit is append-only. Another process, as ``./run account``,
may write the same file while the service runs: ``version`` changes, and the service reads it again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import TypeAdapter, ValidationError

from dispatch.access.records import Account, Device, Invite, Session, Tracker
from dispatch.domain.errors import SetupError

FORMAT: Final = 1
MAX_AUDIT: Final = 200_000
"""Rows of the audit that are kept; the oldest go first."""

Record = Account | Session | Device | Invite | Tracker

KINDS: Final[dict[str, TypeAdapter[Any]]] = {
    "account": TypeAdapter(Account),
    "session": TypeAdapter(Session),
    "device": TypeAdapter(Device),
    "invite": TypeAdapter(Invite),
    "tracker": TypeAdapter(Tracker),
}
_ID_OF: Final = {Account: "name", Session: "session", Device: "device", Invite: "invite", Tracker: "tracker"}

_SCHEMA: Final = f"""
CREATE TABLE about (format INTEGER NOT NULL) STRICT;
INSERT INTO about VALUES ({FORMAT});
CREATE TABLE records (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id))
    STRICT, WITHOUT ROWID;
CREATE TABLE audit (number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, who TEXT NOT NULL,
    what TEXT NOT NULL, about TEXT NOT NULL, address TEXT NOT NULL) STRICT;
"""


class AccessFileError(SetupError):
    """The file of accounts cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One security event: when, who did what to what, from which address."""

    at_ms: int
    who: str
    what: str
    about: str
    address: str


class AccessStore(Protocol):
    """What the doors ask of their storage; all methods block and come from one thread."""

    def load(self) -> list[Record]:
        """Every record."""
        ...

    def put(self, records: Sequence[Record], gone: Sequence[Record] = ()) -> None:
        """Write and remove records durably, all or nothing."""
        ...

    def note(self, row: AuditRow) -> None:
        """Append to the audit."""
        ...

    def audit(self, limit: int) -> list[AuditRow]:
        """The latest rows of the audit, the latest first."""
        ...

    def version(self) -> int:
        """Changes when another process has written."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


def key_of(record: Record) -> tuple[str, str]:
    """The kind and id under which a record is kept."""
    return type(record).__name__.lower(), str(getattr(record, _ID_OF[type(record)]))


@dataclass
class MemoryAccessStore:
    """Keeps everything until the end of the process: for demos and tests."""

    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    rows: list[AuditRow] = field(default_factory=list)

    def load(self) -> list[Record]:
        """Every record."""
        return list(self.records.values())

    def put(self, records: Sequence[Record], gone: Sequence[Record] = ()) -> None:
        """Keep and forget records."""
        self.records.update((key_of(record), record) for record in records)
        for record in gone:
            self.records.pop(key_of(record), None)

    def note(self, row: AuditRow) -> None:
        """Append to the audit."""
        self.rows.append(row)
        del self.rows[:-MAX_AUDIT]

    def audit(self, limit: int) -> list[AuditRow]:
        """The latest rows of the audit, the latest first."""
        return self.rows[: -limit - 1 : -1]

    def version(self) -> int:
        """No other process can write here."""
        return 0

    def close(self) -> None:
        """Nothing is held."""


class SqliteAccessStore:
    """Keeps everything in one file; each ``put`` is one durable transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.chmod(0o600)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.DatabaseError) as error:
            raise AccessFileError(f"{path} cannot be opened ({error}): name another --data folder") from error
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise AccessFileError(f"{path} holds no accounts of this service ({error}): move it away") from error

    def _open(self) -> None:
        for pragma in ("busy_timeout=5000", "journal_mode=DELETE", "synchronous=FULL", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        tables = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        elif "about" not in tables or "records" not in tables:
            raise sqlite3.DatabaseError("another program's tables are in it")
        (version,) = self._db.execute("SELECT format FROM about").fetchone()
        if version != FORMAT:
            raise sqlite3.DatabaseError(f"its format is {version}, this service reads {FORMAT}")

    def load(self) -> list[Record]:
        """Every record; raises AccessFileError where one cannot be read."""
        return list(self._records())

    def _records(self) -> Iterator[Record]:
        for kind, name, body in self._db.execute("SELECT kind, id, body FROM records"):
            try:
                record: Record = KINDS[kind].validate_json(body)
            except (KeyError, ValidationError) as error:
                raise AccessFileError(f"{self._path}: {kind} {name} cannot be read; restore a backup") from error
            yield record

    def put(self, records: Sequence[Record], gone: Sequence[Record] = ()) -> None:
        """Write and remove records durably, all or nothing."""
        rows = [(*key_of(record), KINDS[key_of(record)[0]].dump_json(record).decode()) for record in records]
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
            self._db.executemany("DELETE FROM records WHERE kind = ? AND id = ?", [key_of(each) for each in gone])
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def note(self, row: AuditRow) -> None:
        """Append to the audit, and let go of the oldest rows beyond the limit."""
        columns = "(at_ms, who, what, about, address)"
        values = (row.at_ms, row.who, row.what, row.about, row.address)
        cursor = self._db.execute(f"INSERT INTO audit {columns} VALUES (?, ?, ?, ?, ?)", values)
        self._db.execute("DELETE FROM audit WHERE number <= ?", ((cursor.lastrowid or 0) - MAX_AUDIT,))

    def audit(self, limit: int) -> list[AuditRow]:
        """The latest rows of the audit, the latest first."""
        found = self._db.execute(
            "SELECT at_ms, who, what, about, address FROM audit ORDER BY number DESC LIMIT ?", (limit,)
        )
        return [AuditRow(*row) for row in found]

    def version(self) -> int:
        """SQLite's own count of changes by other connections."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(version)

    def close(self) -> None:
        """Release the file."""
        self._db.close()
