"""The hash chain over a log's rows: whoever holds a later hash can tell that nothing before it was changed.

Each row's hash is SHA-256 over the hash of the row before it and the row's own bytes (the construction of a linear
hash chain, as in Haber and Stornetta, "How to time-stamp a digital document", 1991). Cutting rows off the end keeps
a chain whole: that is found by the head which the log notes, or by a checkpoint that was kept elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct
from typing import Final

from dispatch.adapters.log_codec import RowError, StoredRow, body_of
from dispatch.domain.errors import SetupError
from dispatch.domain.events import Envelope

GENESIS: Final = bytes(32)
"""The hash before the first row."""

_FIXED: Final = Struct(">qqiiii")
_CHECKPOINT: Final = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


def link(before: bytes, seq: int, at_ms: int, texts: tuple[str | None, str | None, str], body: bytes) -> bytes:
    """The hash of a row; ``texts`` are its key, digest and kind.

    SHA-256 over ``before``, then seq and at_ms (8 bytes each, big-endian), the lengths of key, digest, kind and
    body (4 bytes each, -1 for none), then these four in UTF-8.
    """
    parts = [None if text is None else text.encode() for text in texts]
    sizes = [-1 if part is None else len(part) for part in parts]
    fixed = _FIXED.pack(seq, at_ms, sizes[0], sizes[1], sizes[2], len(body))
    return sha256(b"".join((before, fixed, *(part for part in parts if part is not None), body))).digest()


def chained(envelopes: Sequence[Envelope], before: bytes) -> list[StoredRow]:
    """Envelopes as rows that follow a row with hash ``before``; raises RowError on what cannot be written."""
    rows: list[StoredRow] = []
    for row in envelopes:
        body, kind = body_of(row), row.event.kind
        before = link(before, row.seq, row.at_ms, (row.key, row.digest, kind), body)
        rows.append((row.seq, row.at_ms, row.key, row.digest, kind, body, before))
    return rows


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A seq and the hash of its row; keep it outside the machine, and verify from it later."""

    seq: int = 0
    hash: bytes = GENESIS

    def __str__(self) -> str:
        """The text that ``parse`` reads."""
        return f"{self.seq}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint of ``SEQ:HASH``, 0 being before the first row; raises SetupError on anything else."""
        found = _CHECKPOINT.fullmatch(text.strip())
        if found is None:
            raise SetupError(f"{text!r} is no checkpoint: give SEQ:HASH as `verify` prints it")
        mark = cls(int(found[1]), bytes.fromhex(found[2]))
        if mark.seq == 0 and mark.hash != GENESIS:
            raise SetupError(f"{text!r} is no checkpoint: before the first row the hash is zero")
        return mark


class BadRowError(Exception):
    """The first row that is not what was written: its ``seq``, and what is wrong with it."""

    def __init__(self, seq: int, problem: str) -> None:
        super().__init__(f"row {seq}: {problem}")
        self.seq, self.problem = seq, problem


def sound(rows: Iterable[StoredRow], since: Checkpoint) -> Iterator[StoredRow]:
    """The rows after ``since``, each as soon as it is known to follow the one before; raises BadRowError.

    Law: any change of a byte, any row that is missing, added or in another's place behind a trusted checkpoint is
    found, at the first row that it touches; but rows cut off the end are found by ``ends`` only.
    """
    seq, before = since.seq, since.hash
    try:
        for row in rows:
            if row[0] < 1:
                raise BadRowError(row[0], "it was added: rows are counted from 1")
            if row[0] != seq + 1:
                raise BadRowError(seq + 1, f"it is missing: row {row[0]} stands in its place")
            if link(before, row[0], row[1], (row[2], row[3], row[4]), row[5]) != row[6]:
                raise BadRowError(seq + 1, "its content is not what was written (the hash does not follow)")
            yield row
            seq, before = row[0], row[6]
    except RowError as error:
        raise BadRowError(seq + 1, f"it cannot be read ({error})") from error


def ends(last: Checkpoint, noted: Checkpoint) -> None:
    """Raise BadRowError unless the last row that was found is the one that the log notes."""
    if noted.seq > last.seq:
        raise BadRowError(last.seq + 1, f"it is missing: the log notes {noted.seq} rows and ends after {last.seq}")
    if noted.seq < last.seq:
        raise BadRowError(noted.seq + 1, f"it was added: the log notes {noted.seq} rows")
    if noted.hash != last.hash:
        raise BadRowError(last.seq, "its hash is not the one that the log notes for its last row")
