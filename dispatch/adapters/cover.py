"""Live 1/3/5 cover: which team covers what now, kept true while teams move, and the hole that each would open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.adapters.demand import CoverRules, Demand, Spots, demand_of, spots_of
from dispatch.adapters.places import Place
from dispatch.domain.holes import MAX_GAPS, Hole, PlaceGap, StreetGap
from dispatch.domain.types import Point, TeamId
from geo_data.coordinates import straight_m
from geo_data.graph import Ground, RoadGraph
from geo_data.reach import along_mm, partial_ms, reach, walk_ms
from geo_data.types import UNREACHED, ArcPosition, Int32s, Int64s, LonLat

MAX_TEAMS: Final = 5_000
TIME_BITS: Final = 32
TIME_MASK: Final = (1 << TIME_BITS) - 1
OWNER_BITS: Final = 32
OWNER_MASK: Final = (1 << OWNER_BITS) - 1


@dataclass(frozen=True, slots=True)
class Standing:
    """A team that could cover: where it stands, and its positions on the roads of its profile (none: off them)."""

    team: TeamId
    profile: str
    point: Point
    positions: tuple[ArcPosition, ...]


@dataclass(slots=True, eq=False)
class _Post:
    """What one team covers: points within their own target, and cells of (target, point) within each."""

    standing: Standing
    number: int
    own: Int64s
    cells: Int64s


class LiveCover:
    """How many teams cover each point within each target, and what is lost where one leaves (MEXCLP).

    ``follow`` gives it the teams that stand ready; only those that came, went or moved are searched again, one
    forward search each. Law: after any moves it equals a new one of the same teams. One thread at a time.
    """

    def __init__(self, ground: Ground, places: Sequence[Place], rules: CoverRules | None = None) -> None:
        self.rules = rules or CoverRules()
        self._ground = ground
        self.demand: Demand = demand_of(ground, places, self.rules)
        self._spots: dict[str, Spots] = {}
        size = (len(self.demand.limit_ms), len(self.demand))
        self._held: Int64s = np.zeros(size, dtype=np.int64)  # how many cover a cell, and the sum of their numbers
        self._place_ms: Int64s = np.full((0, len(self.demand.places)), UNREACHED, dtype=np.int64)
        self._posts: dict[TeamId, _Post] = {}
        self._free: list[int] = []
        self._holes: dict[TeamId, Hole] | None = None
        self.gain_milli = gains_milli(self.rules.busy_permille, MAX_TEAMS)

    @property
    def count(self) -> Int32s:
        """How many teams are within each target of each point, int32[targets, points]."""
        return (self._held >> OWNER_BITS).astype(np.int32)

    @property
    def teams(self) -> tuple[TeamId, ...]:
        """The teams that stand ready, by id."""
        return tuple(sorted(self._posts))

    def follow(self, standings: Sequence[Standing]) -> int:
        """Make these the teams that stand ready; returns how many had to be searched again."""
        assert len(standings) <= MAX_TEAMS, f"{len(standings)} teams: split the desk"
        wanted = {standing.team: standing for standing in standings}
        for team in [team for team in self._posts if team not in wanted]:
            self._leave(team)
        searched = 0
        for team, standing in wanted.items():
            post = self._posts.get(team)
            if post is not None and (post.standing is standing or self._still(post.standing, standing)):
                continue
            if post is not None:
                self._leave(team)
            self._enter(standing)
            searched += 1
        return searched

    def _still(self, before: Standing, now: Standing) -> bool:
        if before.point == now.point and before.profile == now.profile:
            return True
        a, b = (LonLat(each.point.lon, each.point.lat) for each in (before, now))
        return before.profile == now.profile and straight_m(a, b) < self.rules.still_m

    def _enter(self, standing: Standing) -> None:
        point, ms = self.covered(standing.profile, standing.positions)
        own = point[ms <= self.demand.limit_ms[self.demand.level[point]]]
        number = self._free.pop() if self._free else len(self._posts) + 1
        size = self._held.shape[1]
        limits = enumerate(self.demand.limit_ms.tolist())
        cells = np.concatenate([point[ms <= limit_ms] + level * size for level, limit_ms in limits])
        self._posts[standing.team] = post = _Post(standing, number, own, cells)
        if number >= len(self._place_ms):
            more = np.full((number + 16, self._place_ms.shape[1]), UNREACHED, dtype=np.int64)
            self._place_ms = np.concatenate([self._place_ms, more])
        few = int(np.searchsorted(point, self._place_ms.shape[1]))
        self._place_ms[number, point[:few]] = ms[:few]
        self._count(post, 1)

    def _leave(self, team: TeamId) -> None:
        post = self._posts.pop(team)
        self._count(post, -1)
        self._place_ms[post.number] = UNREACHED
        self._free.append(post.number)

    def _count(self, post: _Post, by: int) -> None:
        self._held.reshape(-1)[post.cells] += by * (1 << OWNER_BITS | post.number)
        self._holes = None

    def covered(self, profile: str, positions: Sequence[ArcPosition]) -> tuple[Int64s, Int64s]:
        """The points that a team there reaches within the longest target, rising, and the ms of each."""
        if not positions or profile not in self._ground.profiles:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        graph = self._ground.graph(profile)
        spots = self._spots.get(profile)
        if spots is None:
            spots = self._spots[profile] = spots_of(graph, self.demand)
        return reached_points(graph, spots, positions, int(self.demand.limit_ms[-1]))

    def within(self, profile: str, positions: Sequence[ArcPosition]) -> frozenset[int]:
        """The points that a team there would cover, each in its own target."""
        point, ms = self.covered(profile, positions)
        return frozenset(point[ms <= self.demand.limit_ms[self.demand.level[point]]].tolist())

    def covered_now(self) -> dict[TeamId, frozenset[int]]:
        """The points that each ready team covers, each in its own target."""
        return {team: frozenset(post.own.tolist()) for team, post in self._posts.items()}

    def holes(self) -> Mapping[TeamId, Hole]:
        """The hole that each ready team's leaving would open now; worked out once after each change."""
        if self._holes is None:
            self._holes = self._dig()
        return self._holes

    def soonest_place_ms(self) -> Int64s:
        """The ms of the nearest ready team to each place, UNREACHED where none is within the longest target."""
        soonest: Int64s = np.min(self._place_ms, axis=0, initial=UNREACHED)
        return soonest

    def expected_micro(self) -> int:
        """The expected covered demand, Σ weight × (1 − busy^k), in millionths of a unit."""
        k = self._held[self.demand.level, np.arange(len(self.demand))] >> OWNER_BITS
        covered = np.concatenate([[0], np.cumsum(self.gain_milli[1:])])
        return int(np.sum(self.demand.weight_milli * covered[k]))

    def _dig(self) -> dict[TeamId, Hole]:
        demand, posts = self.demand, list(self._posts.values())
        if not posts:
            return {}
        count, owners = self._held >> OWNER_BITS, self._held & OWNER_MASK
        k = count[demand.level, np.arange(len(demand))]
        value = demand.weight_milli * self.gain_milli[k]
        ends = np.cumsum([len(post.own) for post in posts])
        running = np.concatenate([[0], np.cumsum(value[np.concatenate([post.own for post in posts])])])
        loss = running[ends] - running[ends - [len(post.own) for post in posts]]
        size = max(post.number for post in posts) + 1
        before_m, alone_m = [], []
        for within, who in zip(count, owners, strict=True):
            before_m.append(int(demand.street_mm[within > 0].sum()) // 1000)
            alone = within == 1
            alone_mm = np.bincount(who[alone], weights=demand.street_mm[alone], minlength=size)
            alone_m.append((alone_mm.astype(np.int64) // 1000).tolist())
        gaps, n_gaps = self._place_gaps(k, owners)
        limits = demand.limit_ms.tolist()
        holes = {}
        for post, loss_micro in zip(posts, loss.tolist(), strict=True):
            streets = tuple(
                StreetGap(limit_ms=limit, before_m=all_m, after_m=all_m - mine[post.number])
                for limit, all_m, mine in zip(limits, before_m, alone_m, strict=True)
                if mine[post.number]
            )
            team = post.standing.team
            holes[team] = Hole(
                team=team,
                loss_micro=loss_micro,
                places=gaps.get(post.number, ()),
                n_places=n_gaps.get(post.number, 0),
                streets=streets,
            )
        return holes

    def _place_gaps(self, k: Int64s, owners: Int64s) -> tuple[dict[int, tuple[PlaceGap, ...]], dict[int, int]]:
        """The places that one team alone covers, by its number: the gravest tiers first, then by id."""
        demand = self.demand
        n = len(demand.places)
        lone = np.flatnonzero(k[:n] == 1)
        if not len(lone):
            return {}, {}
        soonest = np.sort(np.partition(self._place_ms[:, lone], 1, axis=0)[:2], axis=0)
        found: dict[int, list[PlaceGap]] = {}
        owner = owners[demand.level[lone], lone].tolist()
        for point, number, before_ms, next_ms in zip(lone.tolist(), owner, *soonest.tolist(), strict=True):
            place = demand.places[point]
            gap = PlaceGap(
                place=place.place,
                name=place.name,
                tier=place.tier,
                target_ms=int(demand.limit_ms[demand.level[point]]),
                before_ms=before_ms,
                after_ms=next_ms if next_ms != UNREACHED else None,
            )
            found.setdefault(number, []).append(gap)
        return {n: tuple(rows[:MAX_GAPS]) for n, rows in found.items()}, {n: len(rows) for n, rows in found.items()}


def gains_milli(busy_permille: int, most: int) -> Int64s:
    """What the k-th team adds where k - 1 are there already, in thousandths: (1 − q) q^(k − 1); index 0 is 0."""
    busy = busy_permille / 1000.0
    gains = [0, *(round(1000.0 * (1.0 - busy) * busy ** (k - 1)) for k in range(1, most + 1))]
    return np.array(gains, dtype=np.int64)


def reached_points(
    graph: RoadGraph, spots: Spots, positions: Sequence[ArcPosition], limit_ms: int
) -> tuple[Int64s, Int64s]:
    """The points reached within a limit and when: ``Reach.at`` of each, from one search."""
    arc, enter_ms = reach(graph, positions, limit_ms).entered()
    held = np.flatnonzero(spots.some[arc])
    arc, base_ms = arc[held], enter_ms[held].astype(np.int64)
    size = spots.first[arc + 1] - spots.first[arc]
    row = np.arange(int(size.sum())) + np.repeat(spots.first[arc] - (np.cumsum(size) - size), size)
    ms = np.repeat(base_ms, size) + spots.more_ms[row]
    keys = [spots.point[row] << TIME_BITS | ms]
    for p in positions:  # ahead of a team on its own arc, from where it stands
        own = np.arange(spots.first[p.arc], spots.first[p.arc + 1])
        own = own[spots.mm[own] >= along_mm(graph, p)]
        if len(own) and graph.travel_ms[p.arc] != UNREACHED:
            ahead_ms = walk_ms(p.offset_m) - partial_ms(graph, p) + spots.more_ms[own]
            keys.append(spots.point[own] << TIME_BITS | ahead_ms)
    key = np.concatenate(keys)
    key = np.sort(key[key & TIME_MASK <= limit_ms])  # of each point the soonest comes first
    point = key >> TIME_BITS
    first = np.flatnonzero(np.diff(point, prepend=-1))
    return point[first], key[first] & TIME_MASK
