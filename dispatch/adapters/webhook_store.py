"""Which outside addresses are told which events, and how far each has been told: one SQLite file of mode 0600."""

from __future__ import annotations

import os
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dispatch.domain.errors import SetupError

MAX_HOOKS: Final = 32

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS hooks (
    name TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL, kinds TEXT NOT NULL, inside INTEGER NOT NULL,
    epoch TEXT, seq INTEGER NOT NULL DEFAULT 0, paused TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One subscriber; told are the ``kinds``, in order, after (``epoch``, ``seq``); epoch None begins at the head.

    ``inside``: it is on this machine or a private network; ``paused`` says why it is told nothing, "" where it is.
    """

    name: str
    url: str
    secret: str
    kinds: tuple[str, ...]
    inside: bool = False
    epoch: str | None = None
    seq: int = 0
    paused: str = ""


class WebhookStore:
    """The file; small synchronous calls, each durable, from any thread."""

    def __init__(self, path: Path) -> None:
        """Open or make it; raises SetupError where that cannot be done."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute(_SCHEMA)
            self._turn = threading.Lock()
        except (OSError, sqlite3.DatabaseError) as error:
            raise SetupError(f"{path} cannot be used ({error}): name the service's --data folder") from error

    def load(self) -> list[Hook]:
        """Every subscriber, by name."""
        with self._turn:
            rows = self._db.execute(
                "SELECT name, url, secret, kinds, inside, epoch, seq, paused FROM hooks ORDER BY name"
            ).fetchall()
        return [
            Hook(
                name=name,
                url=url,
                secret=secret,
                kinds=tuple(kinds.split()),
                inside=bool(inside),
                epoch=epoch,
                seq=seq,
                paused=paused,
            )
            for name, url, secret, kinds, inside, epoch, seq, paused in rows
        ]

    def add(self, hook: Hook) -> None:
        """Put a new subscriber; SetupError where the name is taken or there are too many."""
        held = self.load()
        if len(held) >= MAX_HOOKS:
            raise SetupError(f"there are {MAX_HOOKS} webhooks already: remove one first")
        if any(each.name == hook.name for each in held):
            raise SetupError(f"a webhook is called {hook.name} already: choose another name, or remove that one")
        self._write(
            "INSERT INTO hooks (name, url, secret, kinds, inside) VALUES (?, ?, ?, ?, ?)",
            (hook.name, hook.url, hook.secret, " ".join(hook.kinds), int(hook.inside)),
        )

    def remove(self, name: str) -> bool:
        """Take a subscriber away; False where there is none."""
        return self._write("DELETE FROM hooks WHERE name = ?", (name,))

    def moved(self, name: str, epoch: str, seq: int) -> None:
        """A subscriber has been told everything up to ``seq``."""
        self._write("UPDATE hooks SET epoch = ?, seq = ? WHERE name = ?", (epoch, seq, name))

    def pause(self, name: str, why: str) -> bool:
        """Tell a subscriber nothing until it is resumed (``why`` ""); False where there is none."""
        return self._write("UPDATE hooks SET paused = ? WHERE name = ?", (why, name))

    def _write(self, statement: str, values: tuple[str | int, ...]) -> bool:
        with self._turn:
            return self._db.execute(statement, values).rowcount > 0

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
