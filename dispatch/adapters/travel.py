"""The ground as the desk sees it: where a point is, and how long each team takes to it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np

from dispatch.adapters.cover import LiveCover, Standing
from dispatch.adapters.cover_picture import picture_of, share_of
from dispatch.adapters.demand import CoverRules
from dispatch.adapters.fleet import MAX_KNOWN, Answers, Fleet, Spot
from dispatch.adapters.places import Place, PlaceIndex
from dispatch.assignment.candidates import Reason
from dispatch.assignment.moveup import MAX_MOVES, MoveUpQuestion, Post, Way
from dispatch.assignment.times import Starts, TimesRow, TimesTable
from dispatch.domain.cover import CoverPicture, CoverShare
from dispatch.domain.holes import Hole
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import FixSource, IncidentId, Point, TeamId, Tier
from dispatch.service.plans import Located, TeamStart
from dispatch.service.ports import Positions
from geo_data.coordinates import haversine_m
from geo_data.errors import GroundError, TooFarFromRoad
from geo_data.graph import Ground
from geo_data.locate import locate, position_name
from geo_data.types import LonLat


@runtime_checkable
class Headings(Protocol):
    """Positions that also know which way a team drives."""

    def heading_deg(self, team: TeamId, now_ms: int) -> float | None:
        """Degrees clockwise from north, None where a team stands or it is not known."""
        ...


class Start(NamedTuple):
    """Where a team starts: point, how that is known, how old it is in ms, and its heading in whole degrees.

    ``unreached``: no tablet of it is connected.
    """

    point: Point
    fix: FixSource
    age_ms: int
    heading_deg: int | None
    unreached: bool = False

    @property
    def spot(self) -> Spot:
        """Point and heading: what its place on the roads depends on."""
        return self.point, self.heading_deg


Answered = TypeVar("Answered")


SEARCH_LIMIT_MS: Final = 45 * 60 * 1000
"""A team that is farther away than this is no help in time."""


class GroundTravel:
    """Answers the desk's needs from one ground: a point on the caller's thread, tables and cover on its own.

    Drawings, which are slow, have another thread (adapters/drawing) and never delay a decision.
    """

    def __init__(
        self,
        ground: Ground,
        places: Sequence[Place],
        positions: Positions,
        rules: CoverRules | None = None,
    ) -> None:
        self._ground, self._places, self._positions, self._rules = ground, places, positions, rules
        self._circles = PlaceIndex(places)
        self._first = ground.graph(ground.profiles[0])
        self._headings = positions if isinstance(positions, Headings) else None  # looked at once: it is slow
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="travel")
        self._fleets: dict[str, Fleet] = {}
        self._cover: LiveCover | None = None
        self._stood: dict[TeamId, tuple[Spot, Standing]] = {}
        self._ready: Callable[[int], Sequence[TeamStart]] | None = None
        self._connected: Callable[[TeamId], bool] = lambda _team: True

    async def locate(self, point: Point) -> Located | Refusal:
        """The road, place and tier of a point; refused where it is no place or has no road within 300 m."""
        return self._locate(point)

    def watch(self, ready: Callable[[int], Sequence[TeamStart]]) -> None:
        """From now on tables tell the hole of each team; ``ready`` names the teams that stand ready at a time."""
        self._ready = ready

    def look_at_tablets(self, connected: Callable[[TeamId], bool]) -> None:
        """From now on tables tell which teams no tablet reaches; asked on the caller's thread."""
        self._connected = connected

    async def times_many(
        self, incidents: Sequence[tuple[IncidentId, Point]], teams: Sequence[TeamStart], now_ms: int
    ) -> TimesTable:
        """The travel time of every team to every incident: one ranking an incident and profile, off the loop.

        Law: each is what the ground's own search (``geo_data.nearest``) says of that incident and team alone.
        """
        starts = [self._start(team, now_ms) for team in teams]
        ready = self._ready(now_ms) if self._ready is not None else None
        known = dict(zip((team.team for team in teams), starts, strict=True))
        standing = [known.get(team.team) or self._start(team, now_ms) for team in ready or ()]
        return await self._aside(self._times_many, incidents, teams, starts, ready, standing)

    async def losses(self, teams: Sequence[TeamStart], now_ms: int) -> Mapping[TeamId, Hole]:
        """The hole that each of these teams would open by leaving; they are all that stand ready now.

        The cover is kept between calls: only teams that came, went or moved are searched again, off the loop.
        """
        starts = [self._start(team, now_ms) for team in teams]
        return await self._aside(self._losses, teams, starts)

    async def cover(self, teams: Sequence[TeamStart], now_ms: int) -> CoverPicture:
        """What these teams, all that stand ready now, cover: the same cover that the holes are counted in."""
        starts = [self._start(team, now_ms) for team in teams]
        return await self._aside(lambda: picture_of(self._followed(teams, starts)))

    async def share(self, teams: Sequence[TeamStart], now_ms: int) -> CoverShare:
        """The same in a few numbers, without the cells of a map."""
        starts = [self._start(team, now_ms) for team in teams]
        return await self._aside(lambda: share_of(self._followed(teams, starts)))

    async def posts(
        self, teams: Sequence[TeamStart], movable: Sequence[TeamId], posts: Sequence[Post], now_ms: int
    ) -> MoveUpQuestion:
        """What move-up advice must know: what each ready team covers, and what a movable one would at each post."""
        starts = [self._start(team, now_ms) for team in teams]
        return await self._aside(self._posts, teams, starts, frozenset(movable), posts)

    async def _aside(self, work: Callable[..., Answered], *given: object) -> Answered:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    def warm(self) -> None:
        """Compile or load the kernels, so that the first incident does not wait for them."""
        node = self._first.arc_geometry(0)[0]
        point = Point(float(node[0]), float(node[1]))
        start = [Start(point, FixSource.HOME, 0, None)]
        team = [TeamStart(TeamId("warm"), self._first.profile, point)]
        self._thread.submit(self._times_many, [(IncidentId("warm"), point)], team, start, team, start).result()

    def _locate(self, point: Point) -> Located | Refusal:
        try:
            positions = locate(self._first, LonLat(point.lon, point.lat))
        except TooFarFromRoad as error:
            return Refusal(Code.TOO_FAR_FROM_ROAD, str(error))
        except GroundError as error:
            return Refusal(Code.OUT_OF_RANGE, str(error))
        place = self._circles.at(point)
        return Located(
            road=position_name(self._first, positions[0]) or "",
            place=place.name if place else "",
            tier=place.tier if place else Tier.T3,
            off_road_m=round(positions[0].offset_m),
        )

    def _start(self, team: TeamStart, now_ms: int) -> Start:
        found, away = self._positions.latest(team.team, now_ms), not self._connected(team.team)
        if found is None:
            return Start(team.home, FixSource.HOME, 0, None, away)
        heading_deg = self._headings.heading_deg(team.team, now_ms) if self._headings is not None else None
        return Start(*found, None if heading_deg is None else round(heading_deg), away)

    def _times_many(
        self,
        incidents: Sequence[tuple[IncidentId, Point]],
        teams: Sequence[TeamStart],
        found: Sequence[Start],
        ready: Sequence[TeamStart] | None,
        standing: Sequence[Start],
    ) -> TimesTable:
        points = [start.point for start in found]
        names, fixes = [team.team for team in teams], [start.fix for start in found]
        holes = self._losses(ready, standing) if ready is not None else None
        opens = [holes.get(name) for name in names] if holes is not None else ()
        ages_ms, unreached = [start.age_ms for start in found], [start.unreached for start in found]
        starts = Starts(names, points, fixes, ages_ms, opens, unreached)
        straight = _straight_m([to for _, to in incidents], points)
        answers = self._answers([to for _, to in incidents], teams, found)
        rows = zip(incidents, straight, answers, strict=True)
        return TimesTable({incident: TimesRow(starts, metres, *answer) for (incident, _), metres, answer in rows})

    def _answers(
        self, targets: Sequence[Point], teams: Sequence[TeamStart], starts: Sequence[Start]
    ) -> list[Answers]:
        """Time, road metres and reason of each team to each target; teams of one profile are ranked together."""
        by_profile: defaultdict[str, list[int]] = defaultdict(list)
        for index, team in enumerate(teams):
            by_profile[team.profile].append(index)
        table = [Answers.nothing(len(teams), Reason.UNKNOWN_PROFILE) for _ in targets]
        for profile, indices in by_profile.items():
            if profile not in self._ground.profiles:
                continue
            fleet = self._fleet(profile)
            placed = fleet.place([(teams[index].team, starts[index].spot) for index in indices])
            for row, found in zip(table, fleet.answers(targets, placed, SEARCH_LIMIT_MS), strict=True):
                found.fill(row, indices)
        return table

    def _fleet(self, profile: str) -> Fleet:
        found = self._fleets.get(profile)
        if found is None:
            found = self._fleets[profile] = Fleet(self._ground.graph(profile))
        return found

    def _losses(self, teams: Sequence[TeamStart], starts: Sequence[Start]) -> Mapping[TeamId, Hole]:
        return self._followed(teams, starts).holes()

    def _followed(self, teams: Sequence[TeamStart], starts: Sequence[Start]) -> LiveCover:
        if self._cover is None:
            self._cover = LiveCover(self._ground, self._places, self._rules)
        self._cover.follow([self._standing(team, start) for team, start in zip(teams, starts, strict=True)])
        return self._cover

    def _standing(self, team: TeamStart, start: Start) -> Standing:
        """The very record of before where the team has not moved."""
        known = self._stood.get(team.team)
        if known is not None and known[0] == start.spot and known[1].profile == team.profile:
            return known[1]
        on_roads = team.profile in self._ground.profiles
        positions = self._fleet(team.profile).snapped(*start.spot) if on_roads else ()
        found = Standing(team.team, team.profile, start.point, positions)
        if len(self._stood) >= MAX_KNOWN:
            self._stood.clear()
        self._stood[team.team] = (start.spot, found)
        return found

    def _posts(
        self,
        teams: Sequence[TeamStart],
        starts: Sequence[Start],
        movable: frozenset[TeamId],
        posts: Sequence[Post],
    ) -> MoveUpQuestion:
        cover = self._followed(teams, starts)
        movers = [index for index, team in enumerate(teams) if team.team in movable]
        crew, there_from = [teams[index] for index in movers], [starts[index] for index in movers]
        profiles = {team.profile for team in crew} & set(self._ground.profiles)
        there = {
            (profile, post.post): cover.within(profile, self._fleet(profile).snapped(post.point))
            for profile in profiles
            for post in posts
        }
        drives = self._answers([post.point for post in posts], crew, there_from)
        ways = [
            Way(team.team, post.post, drive_ms, covers)
            for post, row in zip(posts, drives, strict=True)
            for team, drive_ms in zip(crew, row.eta_ms, strict=True)
            if drive_ms is not None
            and post.team in (None, team.team)
            and (covers := there.get((team.profile, post.post))) is not None
        ]
        return MoveUpQuestion(
            weight_milli=cover.demand.weight_milli.tolist(),
            gain_milli=cover.gain_milli[: len(teams) + MAX_MOVES + 2].tolist(),
            covered=cover.covered_now(),
            ways=ways,
        )


def _straight_m(targets: Sequence[Point], points: Sequence[Point]) -> list[list[int]]:
    """Great-circle metres from each point to each target, rounded: a row a target."""
    to = np.array([(point.lon, point.lat) for point in targets], dtype=np.float64).reshape(-1, 1, 2)
    at = np.array([(point.lon, point.lat) for point in points], dtype=np.float64).reshape(1, -1, 2)
    metres = haversine_m(at[..., 0], at[..., 1], to[..., 0], to[..., 1])
    rows: list[list[int]] = np.rint(metres).astype(np.int64).tolist()
    return rows
