"""Where one more standby point, or another place for one, covers most: greedy maximal covering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from dispatch.planning.coverage import Flags, Points, counts
from geo_data.types import UNREACHED, Int32s, Int64s

MOST_PICKS: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What each candidate point would cover, sorted by candidate: row r covers ``point[r]`` after ``ms[r]``.

    ``first`` int64[c + 1] is where the rows of each candidate begin; only rows within the point's own target.
    """

    first: Int64s
    point: Int64s
    ms: Int64s

    def __len__(self) -> int:
        return len(self.first) - 1

    def of(self, candidate: int) -> tuple[Int64s, Int64s]:
        """The points that a candidate covers, and the ms to each."""
        rows = slice(int(self.first[candidate]), int(self.first[candidate + 1]))
        return self.point[rows], self.ms[rows]

    def sums(self, value: Int64s) -> Int64s:
        """The sum of a value int64[p] over what each candidate covers, int64[c]."""
        running = np.concatenate([[0], np.cumsum(value[self.point])])
        found: Int64s = running[self.first[1:]] - running[self.first[:-1]]
        return found


class Pick(NamedTuple):
    """A candidate, the weight and the points that it would newly cover, and the post that it replaces (None: none).

    For a move ``gain`` is what is won after what the post leaves behind is taken off; ``lost`` is that.
    """

    candidate: int
    gain: int
    points: int
    lost: int = 0
    post: int | None = None


def best_added(points: Points, covered: Flags, candidates: Candidates, picks: int) -> list[Pick]:
    """The candidates that cover most of what is not covered, one after the other; fewer where nothing is gained.

    Greedy maximal covering (Church and ReVelle 1974): each pick has the most weight left, ties the lowest index;
    the whole is at least 1 − 1/e of the best set (Nemhauser, Wolsey and Fisher 1978), the first pick is the best.
    """
    assert 1 <= picks <= MOST_PICKS, f"1 … {MOST_PICKS} picks"
    left, found = np.where(covered, 0, points.weight), []
    for _ in range(picks):
        gain = candidates.sums(left)
        if not len(gain) or int(gain.max()) <= 0:
            break
        chosen = int(gain.argmax())
        mine, _ = candidates.of(chosen)
        fresh = mine[left[mine] > 0]
        found.append(Pick(chosen, int(gain[chosen]), len(fresh)))
        left[fresh] = 0
    return found


def best_moved(points: Points, ms: Int32s, candidates: Candidates, picks: int) -> list[Pick]:
    """The single moves of a post to a candidate that gain most, each by itself, at most one a post, best first.

    ``ms`` int32[posts, p]. Law: ``gain`` is the covered weight after the move minus that before, counted anew.
    """
    assert 1 <= picks <= MOST_PICKS, f"1 … {MOST_PICKS} picks"
    count = counts(ms, points.limit_ms)
    found = []
    for post in range(len(ms)):
        lone = (ms[post] <= points.limit_ms) & (count == 1)
        lost = int(points.weight[lone].sum())
        left = np.where((count == 0) | lone, points.weight, 0)
        gain = candidates.sums(left)
        if not len(gain):
            break
        chosen = int(gain.argmax())
        if int(gain[chosen]) > lost:
            mine, _ = candidates.of(chosen)
            fresh = int((count[mine] == 0).sum())
            found.append(Pick(chosen, int(gain[chosen]) - lost, fresh, lost, post))
    found.sort(key=lambda pick: (-pick.gain, pick.post))
    return found[:picks]


def sooner_ms(points: Points, best_ms: Int32s, candidates: Candidates, candidate: int) -> int | None:
    """The mean seconds won at the points newly covered whose time was known, by weight, in ms; None where none was.

    ``best_ms`` int32[p] is the time of the nearest post before, beyond a target where it is not covered.
    """
    point, ms = candidates.of(candidate)
    before_ms = best_ms[point]
    known = (before_ms > points.limit_ms[point]) & (before_ms < UNREACHED)
    weight = points.weight[point][known]
    if int(weight.sum()) == 0:
        return None
    won_ms = before_ms[known].astype(np.int64) - ms[known]
    return int((won_ms * weight).sum() // weight.sum())
