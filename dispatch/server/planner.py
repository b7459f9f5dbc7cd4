"""Planning on request: coverage, gaps, siting, heat and reports, over the ground, the log and kept plans."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dispatch.adapters.places import RosterTeam
from dispatch.adapters.planning_ground import PlanningGround, Stand
from dispatch.adapters.planning_store import PlanningStore
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import Point, Shift
from dispatch.planning.coverage import TIERS, WAVE_OF, Points, counts, gaps, stands, table
from dispatch.planning.past_incidents import DAY_MS, History, by_hour, chosen_slots, heat
from dispatch.planning.report import LEAST_GROUP, Group, report, seen
from dispatch.planning.siting import Pick, best_added, best_moved, sooner_ms
from dispatch.server.advisor import ready_teams
from dispatch.server.board import Board
from dispatch.server.loop import Desk
from dispatch.server.planning_histories import STREETS, Histories
from dispatch.service.ports import Clock
from dispatch.service.settings import DeskSettings
from dispatch.wire import planning_bodies as pb

MOST_GAPS: Final = 500
MOST_POSTS: Final = 1_500
"""Posts of one question: 1,500 rows of 20,000 points are 120 MB."""

HEAT_CELL_M: Final = 150.0
LONGEST_NAME: Final = 64  # of a standby point, as the wire has it


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A question made ready on the loop: posts that stand, and the past incidents that weigh (None: streets)."""

    posts: Sequence[pb.PostBody]
    every_post: Sequence[pb.PostBody]
    history: History | None
    slots: Sequence[int]
    hour: int | None


class Planner:
    """Answers planners; reads the desk's state and changes nothing. What takes time runs on planning's thread."""

    def __init__(
        self,
        desk: Desk,
        board: Board,
        clock: Clock,
        settings: DeskSettings,
        *,
        ground: PlanningGround,
        store: PlanningStore,
        roster: Sequence[RosterTeam] = (),
    ) -> None:
        self._desk, self._board, self._clock, self._settings = desk, board, clock, settings
        self._ground, self._roster = ground, roster
        self.store = store
        self.histories = Histories(desk, settings, ground, store)
        self.aside = ground.aside

    async def demand(self) -> pb.DemandView:
        """The points of demand, for drawing."""
        return await self._ground.aside(self._demand)

    def _demand(self) -> pb.DemandView:
        demand, points = self._ground.demand(), self._ground.points()
        middles, cell_lon, cell_lat = self._ground.drawn()
        lon, lat = np.round(middles, 6).T
        return pb.DemandView(
            cell_m=round(self._ground.cell_m, 1),
            cell_lon=cell_lon,
            cell_lat=cell_lat,
            lon=lon.tolist(),
            lat=lat.tolist(),
            tier=points.tier.tolist(),
            weight=points.weight.tolist(),
            limit_ms=points.limit_ms.tolist(),
            places=[pb.PlaceName(place=p.place, name=p.name, name_en=p.name_en) for p in demand.places],
            profiles=list(self._ground.profiles),
        )

    async def coverage(self, body: pb.AskBody) -> pb.CoverView | Refusal:
        """The table and the count at each point."""
        asked = await self._asked(body)
        return asked if isinstance(asked, Refusal) else await self._ground.aside(self._coverage, asked)

    def _coverage(self, asked: _Asked) -> pb.CoverView:
        began_s = time.perf_counter()
        points, incidents = self._points(asked)
        ms = self._times(asked.posts)
        limits = sorted(set(self._ground.demand().limit_ms.tolist()))
        rows = table(points, ms, [WAVE_OF[post.unit] for post in asked.posts], limits)
        count = np.minimum(counts(ms, points.limit_ms), 255).astype(np.uint8)
        return pb.CoverView(
            posts=list(asked.posts),
            limits_ms=limits,
            hour=asked.hour,
            incidents=incidents,
            cells=[pb.CoverCell(**row._asdict()) for row in rows],
            count=base64.b64encode(count.tobytes()).decode(),
            took_ms=round((time.perf_counter() - began_s) * 1000, 1),
        )

    async def gaps(self, body: pb.AskBody) -> pb.GapsView | Refusal:
        """Who is not reached in time, with the nearest post and what is missing."""
        asked = await self._asked(body)
        return asked if isinstance(asked, Refusal) else await self._ground.aside(self._gaps, asked)

    def _gaps(self, asked: _Asked) -> pb.GapsView:
        points, _ = self._points(asked)
        demand = self._ground.demand()
        found = [gap for gap in gaps(points, self._times(asked.posts)) if points.weight[gap.point] > 0]
        views = []
        for gap in found[:MOST_GAPS]:
            place = demand.places[gap.point] if gap.point < len(demand.places) else None
            lon, lat = demand.lonlat[gap.point].tolist()
            views.append(
                pb.GapView(
                    point=gap.point,
                    tier=TIERS[points.tier[gap.point]],
                    name=place.name if place else "",
                    name_en=place.name_en if place else "",
                    street=self._ground.street(gap.point),
                    lon=round(lon, 6),
                    lat=round(lat, 6),
                    weight=int(points.weight[gap.point]),
                    target_ms=int(points.limit_ms[gap.point]),
                    post=None if gap.post is None else asked.posts[gap.post].post,
                    travel_ms=gap.travel_ms,
                    missing_ms=gap.missing_ms,
                )
            )
        demand_milli = int(sum(int(points.weight[gap.point]) for gap in found))
        return pb.GapsView(total=len(found), demand=demand_milli, gaps=views)

    async def mend(self, body: pb.MendBody) -> pb.MendView | Refusal:
        """The standby points that would cover most of what is not covered."""
        if body.profile not in self._ground.profiles:
            return Refusal(
                Code.BAD_REQUEST, f"profile {body.profile}: there are {', '.join(self._ground.profiles)}"
            )
        asked = await self._asked(body)
        if isinstance(asked, Refusal):
            return asked
        return await self._ground.aside(self._mend, asked, body.way, body.profile, body.picks)

    def _mend(self, asked: _Asked, way: str, profile: str, picks: int) -> pb.MendView:
        points, _ = self._points(asked)
        ms = self._times(asked.posts)
        where, candidates = self._ground.candidates(profile)
        covered = counts(ms, points.limit_ms) > 0
        best_ms = ms.min(axis=0, initial=np.iinfo(np.int32).max)
        if way == "add":
            found = best_added(points, covered, candidates, picks)
        else:
            found = best_moved(points, ms, candidates, picks)

        def view(pick: Pick) -> pb.MendPick:
            at = where[pick.candidate]
            return pb.MendPick(
                lon=round(at.lon, 6),
                lat=round(at.lat, 6),
                gain=pick.gain,
                points=pick.points,
                lost=pick.lost,
                post=None if pick.post is None else asked.posts[pick.post].post,
                sooner_ms=sooner_ms(points, best_ms, candidates, pick.candidate),
            )

        return pb.MendView(
            way="add" if way == "add" else "move",
            demand=int(points.weight.sum()),
            covered=int(points.weight[covered].sum()),
            candidates=len(candidates),
            picks=[view(pick) for pick in found],
        )

    async def hours(self, body: pb.AskBody) -> pb.HoursView | Refusal:
        """Posts, past incidents and coverage by hour of the day; streets weigh the same all day."""
        asked = await self._asked(body)
        if isinstance(asked, Refusal):
            return asked
        return await self._ground.aside(self._hours, asked, body.weekdays, body.source == "now")

    def _hours(self, asked: _Asked, weekdays: Sequence[int], now: bool) -> pb.HoursView:
        everyone = asked.every_post
        ms = self._times(everyone)
        counted = [0] * 24 if asked.history is None else by_hour(asked.history, weekdays)
        hours = []
        for hour in range(24):
            manned = [row for row, post in enumerate(everyone) if now or stands(_shift(post), hour)]
            points = self._ground.points()
            if asked.history is not None:
                at = self.histories.placed(asked.history)
                points = self._ground.weighed(at, asked.history, chosen_slots(weekdays, hour))
            reached = counts(ms[manned], points.limit_ms) > 0
            shares = [_permille(points, reached, tier) for tier in (None, 0, 1, 2)]
            hours.append(
                pb.HourView(
                    hour=hour,
                    posts=len(manned),
                    incidents=counted[hour],
                    all_permille=shares[0],
                    t1_permille=shares[1],
                    t2_permille=shares[2],
                    t3_permille=shares[3],
                )
            )
        days = 0 if asked.history is None else asked.history.days
        return pb.HoursView(incidents=sum(counted), days=days, hours=hours)

    async def heat(self, name: str) -> pb.HeatView | Refusal:
        """Past incidents of the log or of an imported history, in cells by hour of the week."""
        history = await self.histories.of(name)
        return history if isinstance(history, Refusal) else await self._ground.aside(self._heat, name, history)

    def _heat(self, name: str, history: History) -> pb.HeatView:
        inside = self.histories.inside(history)
        found = heat(inside, HEAT_CELL_M)
        return pb.HeatView(
            history=name,
            cell_m=HEAT_CELL_M,
            incidents=len(inside),
            outside=len(history) - len(inside),
            days=history.days,
            lon=np.round(found.lon, 5).tolist(),
            lat=np.round(found.lat, 5).tolist(),
            rows=list(zip(found.cell.tolist(), found.slot.tolist(), found.count.tolist(), strict=True)),
        )

    async def report(self, days: int) -> pb.ReportView:
        """Response clocks of the incidents reported in the last ``days``, by tier and by place."""
        since_ms = self._clock.now_ms() - days * DAY_MS
        state = self._desk.state
        incidents, orders = list(state.incidents.values()), dict(state.orders)

        def work() -> pb.ReportView:
            rows = [
                seen(each, orders)
                for each in incidents
                if each.reported_at_ms >= since_ms and each.merged_into is None
            ]
            tiers, places = report(rows)
            return pb.ReportView(
                days=days,
                incidents=len(rows),
                least=LEAST_GROUP,
                tiers=[_group(each) for each in tiers],
                places=[_group(each) for each in places],
            )

        return await self._ground.aside(work)

    async def _asked(self, body: pb.AskBody) -> _Asked | Refusal:
        if len({post.post for post in body.posts}) != len(body.posts):
            return Refusal(Code.BAD_REQUEST, "posts: two have the same id")
        history: History | None = None
        if body.demand != STREETS:
            found = await self.histories.of(body.demand)
            if isinstance(found, Refusal):
                return found
            history = found
        every = self._posts(body)
        if len(every) > MOST_POSTS:
            return Refusal(Code.BAD_REQUEST, f"{len(every)} teams: planning looks at {MOST_POSTS} at most")
        manned = [post for post in every if body.source == "now" or stands(_shift(post), body.hour)]
        return _Asked(manned, every, history, chosen_slots(body.weekdays, body.hour), body.hour)

    def _posts(self, body: pb.AskBody) -> list[pb.PostBody]:
        if body.source == "posts":
            return body.posts
        if body.source == "roster":
            return [_of_roster(team) for team in self._roster]
        now_ms, posts = self._clock.now_ms(), []
        for start in ready_teams(self._desk.state, self._settings, now_ms):
            fix = self._board.latest(start.team, now_ms)
            team, at = self._desk.state.teams[start.team], fix[0] if fix else start.home
            posts.append(
                pb.PostBody(
                    post=team.team,
                    name=team.name[:LONGEST_NAME],
                    name_en=team.name_en[:LONGEST_NAME],
                    lat=at.lat,
                    lon=at.lon,
                    unit=team.unit,
                    profile=team.profile,
                )
            )
        return posts

    def _points(self, asked: _Asked) -> tuple[Points, int]:
        if asked.history is None:
            return self._ground.points(), 0
        at = self.histories.placed(asked.history)
        points = self._ground.weighed(at, asked.history, asked.slots)
        return points, int(points.weight.sum()) // 1000

    def _times(self, posts: Sequence[pb.PostBody]) -> npt.NDArray[np.int32]:
        return self._ground.times([Stand(post.profile, Point(post.lon, post.lat)) for post in posts])


def _shift(post: pb.PostBody) -> Shift:
    return Shift(post.from_min, post.until_min)


def _of_roster(team: RosterTeam) -> pb.PostBody:
    shift = team.shift or Shift(0, 0)
    return pb.PostBody(
        post=team.team,
        name=team.name[:LONGEST_NAME],
        name_en=team.name_en[:LONGEST_NAME],
        lat=team.home.lat,
        lon=team.home.lon,
        unit=team.unit,
        profile=team.profile,
        from_min=shift.from_min,
        until_min=shift.until_min,
    )


def _permille(points: Points, reached: Any, tier: int | None) -> int:
    within = np.ones(len(points.tier), dtype=np.bool_) if tier is None else points.tier == tier
    whole = int(points.weight[within].sum())
    return int(points.weight[within & reached].sum()) * 1000 // whole if whole else 0


def _group(group: Group) -> pb.GroupView:
    return pb.GroupView(
        name=group.name,
        tier=group.tier,
        target_ms=group.target_ms,
        incidents=group.incidents,
        arrived=group.arrived,
        met=group.met,
        legs=[pb.LegView(leg=leg.leg, n=leg.n, p50_ms=leg.p50_ms, p90_ms=leg.p90_ms) for leg in group.legs],
    )
