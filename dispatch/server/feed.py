"""The log's tail in memory, by audience, and the bells that wake whoever follows it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from dispatch.domain.events import Envelope, audience_of
from dispatch.domain.types import TeamId

MAX_TAIL: Final = 10_000
"""Rows kept in memory; a client that is further behind gets a snapshot."""

Bell = Callable[[], None]


class Feed:
    """The last rows of the log and its followers; written by the loop only, after commit.

    A row is looked for where its audience is: a commit costs what it tells, not how many are connected.
    """

    def __init__(self, head: int, tail: Sequence[Envelope] = ()) -> None:
        self._rows: deque[Envelope] = deque()
        self._of: dict[TeamId, deque[Envelope]] = {}
        self._gone: dict[TeamId, int] = {}
        """The seq of the last row of a team that is no longer in memory."""
        self._limit = MAX_TAIL
        self._take(tail)
        self._head = head
        self._bells: set[Bell] = set()
        self._team_bells: dict[TeamId, set[Bell]] = {}

    @property
    def head(self) -> int:
        """The seq of the last row."""
        return self._head

    @property
    def first(self) -> int:
        """The smallest seq still in memory, head + 1 if there is none."""
        return self._rows[0].seq if self._rows else self._head + 1

    def _take(self, rows: Sequence[Envelope]) -> set[TeamId]:
        teams = set()
        for row in rows:
            self._rows.append(row)
            if (team := audience_of(row.event)) is not None:
                teams.add(team)
                self._of.setdefault(team, deque()).append(row)
        while len(self._rows) > self._limit:
            row = self._rows.popleft()
            if (team := audience_of(row.event)) is not None:
                held = self._of[team]
                assert held[0] is row
                held.popleft()
                self._gone[team] = row.seq
        return teams

    def publish(self, rows: Sequence[Envelope]) -> None:
        """Take committed rows and wake the followers: those of all rows, and those of the teams in them."""
        teams = self._take(rows)
        self._head = rows[-1].seq
        for bell in tuple(self._bells):
            bell()
        for team in teams:
            for bell in tuple(self._team_bells.get(team, ())):
                bell()

    def after(self, seq: int, limit: int) -> list[Envelope]:
        """At most ``limit`` rows with a seq greater than ``seq``, which must not be before the tail."""
        assert seq + 1 >= self.first, f"row {seq + 1} is no longer in memory"
        return _some(self._rows, seq + 1 - self.first, limit)

    def told(self, team: TeamId | None, seq: int, limit: int) -> tuple[list[Envelope], int] | None:
        """At most ``limit`` rows after ``seq`` of an audience (None: all rows), and up to which seq these are all.

        None where a row of the audience after ``seq`` is no longer in memory.
        """
        if team is None:
            if seq + 1 < self.first:
                return None
            rows = self.after(seq, limit)
        else:
            if self._gone.get(team, 0) > seq:
                return None
            held = self._of.get(team, ())
            skip = len(held)
            while skip and held[skip - 1].seq > seq:
                skip -= 1
            rows = _some(held, skip, limit)
        return rows, rows[-1].seq if len(rows) == limit else self._head

    def follow(self, bell: Bell, team: TeamId | None = None) -> None:
        """Call ``bell`` after every publication, or after those with a row of ``team``, until ``unfollow``."""
        (self._bells if team is None else self._team_bells.setdefault(team, set())).add(bell)

    def unfollow(self, bell: Bell, team: TeamId | None = None) -> None:
        """Stop calling ``bell``."""
        if team is None:
            self._bells.discard(bell)
        elif (held := self._team_bells.get(team)) is not None:
            held.discard(bell)
            if not held:
                del self._team_bells[team]


def _some(rows: Sequence[Envelope], start: int, limit: int) -> list[Envelope]:
    return [rows[at] for at in range(start, min(len(rows), start + limit))]
