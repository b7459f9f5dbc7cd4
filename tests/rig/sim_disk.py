"""A disk that loses what was not synced, is full, goes away, or fails so that nobody knows what is on it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from enum import StrEnum

from dispatch.adapters import log_codec
from dispatch.adapters.log_memory import MemoryLog
from dispatch.domain.events import Envelope
from dispatch.service.ports import LogAwayError, LogFullError, OutcomeUnknownError


class Fault(StrEnum):
    """What the next commit comes to."""

    FULL = "full"
    AWAY = "away"
    UNKNOWN = "unknown"


class SimDisk:
    """What outlives a process. Rows up to ``durable`` are synced; those behind it may be lost by a crash."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.epoch = f"{chance.getrandbits(64):016x}"
        self.kept = MemoryLog()
        self.seq_of: dict[str, int] = {}
        self.durable = 0
        self.ends: list[int] = []
        """The head after each commit: a backup ends at one of these, never inside a transaction."""
        self.next_fault: Fault | None = None
        self.low = False

    def append(self, envelopes: Sequence[Envelope]) -> None:
        self.kept.append(envelopes)
        self.ends.append(self.kept.head())
        self.seq_of.update((row.key, row.seq) for row in envelopes if row.key)

    def rows(self, after: int = 0) -> list[Envelope]:
        return list(self.kept.read(after))

    def crash(self) -> int:
        """The process is dead: an open transaction is there as a whole or not at all. Returns the rows lost."""
        lost = self.kept.head() - self.durable
        if lost and self.chance.random() < 0.5:
            self._cut(self.durable)
            return lost
        self.durable = self.kept.head()
        return 0

    def restore(self, commits: int) -> None:
        """A backup from before the last ``commits`` is put in place: another epoch."""
        seq = self.ends[-1 - commits]
        self._cut(seq)
        self.durable = seq
        self.epoch = f"{self.chance.getrandbits(64):016x}"

    def _cut(self, seq: int) -> None:
        rows = self.rows()[:seq]
        self.kept, self.seq_of = MemoryLog(), {}
        ends = [end for end in self.ends if end <= seq]
        if rows:
            self.append(rows)
        self.ends = ends


class SimLog:
    """The log as one process has it open; a dead process writes nothing."""

    def __init__(self, disk: SimDisk) -> None:
        self._disk = disk
        self._epoch = disk.epoch
        self.dead = False

    @property
    def epoch(self) -> str:
        return self._epoch

    @property
    def low(self) -> bool:
        return self._disk.low

    def regain(self) -> bool:
        return not self._disk.low

    def head(self) -> int:
        return self._disk.kept.head()

    def check(self, envelopes: Sequence[Envelope]) -> None:
        log_codec.check(envelopes)

    def read(self, after: int = 0) -> Iterator[Envelope]:
        return self._disk.kept.read(after)

    def append(self, envelopes: Sequence[Envelope]) -> None:
        """Rows are there at once and synced when the loop tells of it (``synced``)."""
        disk = self._disk
        if self.dead:
            raise OutcomeUnknownError("this process is dead")
        fault, disk.next_fault = disk.next_fault, None
        if fault is Fault.FULL:
            raise LogFullError("no space left on the simulated disk")
        if fault is Fault.AWAY:
            raise LogAwayError("the simulated store does not answer")
        if fault is Fault.UNKNOWN:
            if disk.chance.random() < 0.5:
                disk.append(envelopes)
            raise OutcomeUnknownError("an injected error at the sync")
        disk.append(envelopes)

    def synced(self) -> None:
        """The transaction that was open is on the disk for good."""
        if not self.dead:
            self._disk.durable = self._disk.kept.head()

    def close(self) -> None:
        """Nothing is held."""
