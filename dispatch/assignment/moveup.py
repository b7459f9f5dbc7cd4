"""Move-up advice: which idle team should stand where, so that more of the demand is covered; holes are counted.

The value of a posture is the expected covered demand (MEXCLP: Daskin 1983): of k teams that reach a point in its
target, one is there with the chance 1 − busy^k. A move is worth what it adds at the post less what it opens behind
it; moves are chosen together, by branch and bound, because two teams must not fill, or leave, the same hole twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappush, heappushpop, nlargest
from itertools import accumulate
from typing import Final, NamedTuple

from dispatch.domain.types import Point, TeamId

MAX_MOVES: Final = 5
MAX_PAIRS: Final = 100
MAX_LOOKS: Final = 1_000
MAX_STEPS: Final = 20_000
"""How many ways are compared and kept, and postures tried; where that is too few, ``exact`` is false."""

Points = frozenset[int]


@dataclass(frozen=True, slots=True)
class Post:
    """Where a team may stand by: a place for any team, or with ``team`` the home of one."""

    post: str
    name: str
    point: Point
    team: TeamId | None = None


class Way(NamedTuple):
    """A team that could go to a post: the ms of the drive, and the points that it would cover there."""

    team: TeamId
    post: str
    drive_ms: int
    covers: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveUpQuestion:
    """What is covered now and what could be.

    ``weight_milli`` is the weight of each point, ``gain_milli[k]`` what the k-th team adds to a point (index 0 is
    0, and it does not rise), ``covered`` the points that each ready team covers in their targets; ``ways`` the
    moves that are possible.
    """

    weight_milli: Sequence[int]
    gain_milli: Sequence[int]
    covered: Mapping[TeamId, Points]
    ways: Sequence[Way]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveUpRules:
    """How much moving is allowed: ``most`` moves now (of so many an hour), each worth at least ``least_micro``."""

    most: int = 2
    per_hour: int = 4
    drive_most_ms: int = 900_000
    least_micro: int = 1_000_000

    def __post_init__(self) -> None:
        assert 0 <= self.most <= MAX_MOVES, f"most is 0 … {MAX_MOVES}, not {self.most}"
        assert 0 <= self.per_hour <= 1_000, f"per_hour is 0 … 1,000, not {self.per_hour}"
        assert self.least_micro >= 0, "a move must not make it worse"

    def left(self, moved_at_ms: Sequence[int], now_ms: int) -> int:
        """How many moves may be advised now, after those that were made at these times."""
        lately = sum(now_ms - 3_600_000 < at_ms <= now_ms for at_ms in moved_at_ms)
        return max(0, min(self.most, self.per_hour - lately))


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One team to one post: ``won_micro`` what it adds there, ``lost_micro`` the hole behind it, in this order."""

    team: TeamId
    post: str
    drive_ms: int
    won_micro: int
    lost_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveUps:
    """The moves that together gain the most, by team; ``exact`` is false where not all could be looked at."""

    moves: tuple[Move, ...]
    before_micro: int
    after_micro: int
    exact: bool


class _Step(NamedTuple):
    """A way as changes of the counts, and the most that it can be worth whatever else moves."""

    most_micro: int
    way: Way
    won: tuple[int, ...]
    lost: tuple[int, ...]


def advise(asked: MoveUpQuestion, rules: MoveUpRules, most: int | None = None) -> MoveUps:
    """The best set of at most ``most`` moves, one a team and one a post; none where nothing is worth it.

    Each move is worth ``least_micro`` on average. Ties: fewer moves, then less driving, then by id. Laws: the
    expected covered demand never falls; where ``exact``, no other set of moves is worth more.
    """
    most = rules.most if most is None else min(most, MAX_MOVES)
    search = _Search(asked, rules, most)
    before = search.value()
    if most > 0:
        search.walk(0, [], 0, 0)
    moves = _moves(asked, search.best_ways)
    after = before + search.best_micro
    return MoveUps(moves=moves, before_micro=before, after_micro=after, exact=search.proved())


@dataclass(slots=True)
class _Search:
    asked: MoveUpQuestion
    rules: MoveUpRules
    most: int
    count: list[int] = field(init=False)
    steps: list[_Step] = field(init=False)
    best_ways: list[Way] = field(init=False, default_factory=list)
    best_micro: int = field(init=False, default=0)
    best_net: int = field(init=False, default=0)
    rest_micro: int = field(init=False, default=0)
    looked: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.count = [0] * len(self.asked.weight_milli)
        for points in self.asked.covered.values():
            for point in points:
                self.count[point] += 1
        self.steps = self._promising()
        self.steps.sort(key=lambda step: (-step.most_micro, step.way.team, step.way.post))

    def _promising(self) -> list[_Step]:
        """The ways that may be worth it, those that promise most; all others promise at most ``rest_micro``.

        What a post may add less what a team surely opens bounds their way from above, and costs no comparison of
        points: ways are looked at in that order until no further one can be among the MAX_PAIRS best.
        """
        may = [way for way in self.asked.ways if way.drive_ms <= self.rules.drive_most_ms]
        areas = {id(way.covers): way.covers for way in may}
        won = {key: self._won_most(covers) for key, covers in areas.items()}
        held = {way.team: self.asked.covered.get(way.team, frozenset()) for way in may}
        # one team more counted: points that both cover then weigh no less as won than as lost
        lost = {team: self._lost_least(points, more=1) for team, points in held.items()}
        bounds = [(won[id(way.covers)] - lost[way.team], way) for way in may]
        bounds.sort(key=lambda row: (-row[0], row[1].team, row[1].post))
        steps: list[_Step] = []
        kept: list[int] = []
        rest = bounds[MAX_LOOKS][0] if len(bounds) > MAX_LOOKS else 0
        for bound, way in bounds[:MAX_LOOKS]:
            if bound <= self.rules.least_micro or (len(kept) == MAX_PAIRS and bound <= kept[0]):
                rest = 0
                break
            step = self._step(way)
            if step.most_micro > self.rules.least_micro:
                steps.append(step)
                if len(kept) == MAX_PAIRS:
                    heappushpop(kept, step.most_micro)
                else:
                    heappush(kept, step.most_micro)
        self.rest_micro = max(rest, kept[0] if len(kept) == MAX_PAIRS else self.rules.least_micro)
        return nlargest(MAX_PAIRS, steps, key=lambda step: step.most_micro)

    def _won_most(self, points: Iterable[int]) -> int:
        weight, gain, count, others = self.asked.weight_milli, self.asked.gain_milli, self.count, self.most - 1
        return sum(weight[p] * gain[max(1, count[p] + 1 - others)] for p in points)

    def _lost_least(self, points: Iterable[int], more: int = 0) -> int:
        weight, gain, count = self.asked.weight_milli, self.asked.gain_milli, self.count
        others = self.most - 1 + more
        last = len(gain) - 1
        return sum(weight[p] * gain[min(last, count[p] + others)] for p in points)

    def proved(self) -> bool:
        """Whether no set of moves is better, those that were not looked at included."""
        if self.looked > MAX_STEPS:
            return False
        least = self.rules.least_micro
        hopes = sum(step.most_micro - least for step in self.steps[: max(0, self.most - 1)])
        return self.rest_micro <= least or self.best_net >= hopes + self.rest_micro - least

    def value(self) -> int:
        """The expected covered demand of the counts, in millionths of a unit."""
        covered = [*accumulate(self.asked.gain_milli)]
        return sum(w * covered[k] for w, k in zip(self.asked.weight_milli, self.count, strict=True))

    def _step(self, way: Way) -> _Step:
        old = self.asked.covered.get(way.team, frozenset())
        won, lost = way.covers - old, old - way.covers
        return _Step(self._won_most(won) - self._lost_least(lost), way, tuple(won), tuple(lost))

    def take(self, step: _Step) -> int:
        """Make a move and return what it is worth now."""
        weight, gain, count = self.asked.weight_milli, self.asked.gain_milli, self.count
        net = 0
        for p in step.lost:
            net -= weight[p] * gain[count[p]]
            count[p] -= 1
        for p in step.won:
            count[p] += 1
            net += weight[p] * gain[count[p]]
        return net

    def undo(self, step: _Step) -> None:
        """Take a move back."""
        for p in step.lost:
            self.count[p] += 1
        for p in step.won:
            self.count[p] -= 1

    def walk(self, start: int, ways: list[Way], micro: int, drive_ms: int) -> None:
        """Try every set of moves that begins with ``ways`` and may still be better than the best."""
        if ways:
            net = micro - self.rules.least_micro * len(ways)
            if net > 0 and self._rank(net, ways, drive_ms) > self._rank(
                self.best_net, self.best_ways, sum(way.drive_ms for way in self.best_ways)
            ):
                self.best_net, self.best_micro, self.best_ways = net, micro, list(ways)
        left = self.most - len(ways)
        if left == 0:
            return
        for at in range(start, len(self.steps)):
            step = self.steps[at]
            hope = sum(each.most_micro - self.rules.least_micro for each in self.steps[at : at + left])
            if micro - self.rules.least_micro * len(ways) + hope < self.best_net:
                return  # the steps that follow promise no more than these
            if any(step.way.team == way.team or step.way.post == way.post for way in ways):
                continue
            self.looked += 1
            if self.looked > MAX_STEPS:
                return
            more = self.take(step)
            self.walk(at + 1, [*ways, step.way], micro + more, drive_ms + step.way.drive_ms)
            self.undo(step)

    @staticmethod
    def _rank(net: int, ways: Sequence[Way], drive_ms: int) -> tuple[int, int, int, list[tuple[int, ...]]]:
        names = sorted((way.team, way.post) for way in ways)
        return net, -len(ways), -drive_ms, [tuple(-ord(c) for c in f"{team} {post}") for team, post in names]


def _moves(asked: MoveUpQuestion, ways: Sequence[Way]) -> tuple[Move, ...]:
    """The chosen ways as moves, one after the other by team, each with what it adds and opens in this order."""
    count = [0] * len(asked.weight_milli)
    for points in asked.covered.values():
        for point in points:
            count[point] += 1
    moves = []
    for way in sorted(ways, key=lambda way: way.team):
        lost = won = 0
        for p in asked.covered.get(way.team, frozenset()):
            lost += asked.weight_milli[p] * asked.gain_milli[count[p]]
            count[p] -= 1
        for p in way.covers:
            count[p] += 1
            won += asked.weight_milli[p] * asked.gain_milli[count[p]]
        moves.append(Move(team=way.team, post=way.post, drive_ms=way.drive_ms, won_micro=won, lost_micro=lost))
    return tuple(moves)
