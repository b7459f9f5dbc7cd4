"""Advice on request: whom to send to an incident and why, and which idle team should move where."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Final, Protocol

from dispatch.assignment.moveup import MoveUpQuestion, MoveUpRules, Post, advise
from dispatch.assignment.recommendation import recommend
from dispatch.domain.cover import CoverPicture, CoverShare
from dispatch.domain.duty_machine import DUTY, Duty
from dispatch.domain.holes import Hole
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState
from dispatch.domain.types import IncidentId, TeamId
from dispatch.server.loop import Desk
from dispatch.service.needs import on_shift, question_of, start_of
from dispatch.service.plans import TeamStart
from dispatch.service.ports import Clock, Travel
from dispatch.service.settings import DeskSettings
from dispatch.wire.desk_bodies import CoverageView
from dispatch.wire.frames import CoverNote, TierShare
from dispatch.wire.recommendation import MoveUpsView, RecommendationView, move_ups_view, pick_of

FOLLOW_EVERY_S: Final = 1.0
COVER_EVERY: Final = 3
"""Consoles are told of a changed cover at each so many looks, no oftener."""


class AdviceGround(Travel, Protocol):
    """What advice asks of the ground; adapters/travel fills it."""

    async def losses(self, teams: Sequence[TeamStart], now_ms: int) -> Mapping[TeamId, Hole]:
        """The hole that each of the teams that stand ready would open."""
        ...

    async def cover(self, teams: Sequence[TeamStart], now_ms: int) -> CoverPicture:
        """What the teams that stand ready cover."""
        ...

    async def share(self, teams: Sequence[TeamStart], now_ms: int) -> CoverShare:
        """The same in a few numbers, and a mark that is another one after any change."""
        ...

    async def posts(
        self, teams: Sequence[TeamStart], movable: Sequence[TeamId], posts: Sequence[Post], now_ms: int
    ) -> MoveUpQuestion:
        """What ready teams cover now, and movable ones would at each post."""
        ...


class Advisor:
    """Reads the desk's state and the ground; the desk itself decides without it."""

    def __init__(
        self,
        desk: Desk,
        ground: AdviceGround,
        clock: Clock,
        settings: DeskSettings,
        *,
        posts: Sequence[Post],
        rules: MoveUpRules | None = None,
    ) -> None:
        self._desk, self._ground, self._clock, self._settings = desk, ground, clock, settings
        self._posts = {post.post: post for post in posts}
        self._rules = rules or MoveUpRules()
        self.tell_cover: Callable[[CoverNote], None] | None = None
        self._told: CoverShare | None = None

    async def recommendation(self, incident: IncidentId) -> RecommendationView | Refusal:
        """Whom the desk would send to an open incident now, among all that are open."""
        state, now_ms = self._desk.state, self._clock.now_ms()
        if incident not in state.incidents:
            return Refusal(Code.UNKNOWN_INCIDENT, incident)
        if incident not in state.open_incidents:
            return Refusal(Code.INCIDENT_NOT_OPEN, f"{incident} is {state.incidents[incident].status}")
        seq, rules = state.seq, self._settings.rules
        asked = question_of(state, self._settings, now_ms, incident)
        times = await self._ground.times_many(asked.travel.incidents, asked.travel.teams, now_ms)
        picks = recommend(incident, asked.needs, asked.units, times, rules=rules)
        return RecommendationView(
            incident=incident,
            seq=seq,
            now_ms=now_ms,
            policy=rules.policy,
            picks=[pick_of(each) for each in picks],
        )

    async def follow(self) -> None:
        """Keep the live cover near the present, so that no decision has to catch up with many moves; for ever."""
        for look in count():
            await asyncio.sleep(FOLLOW_EVERY_S)
            now_ms = self._clock.now_ms()
            ready = ready_teams(self._desk.state, self._settings, now_ms)
            await self._ground.losses(ready, now_ms)
            if look % COVER_EVERY == 0 and self.tell_cover is not None:
                share = await self._ground.share(ready, now_ms)
                if share != self._told:
                    self._told = share
                    self.tell_cover(note_of(share, now_ms))

    async def coverage(self) -> CoverageView:
        """What the teams that stand ready cover now; the state is read before the ground is asked."""
        state, now_ms = self._desk.state, self._clock.now_ms()
        seq, ready = state.seq, ready_teams(state, self._settings, now_ms)
        return CoverageView(seq=seq, now_ms=now_ms, picture=await self._ground.cover(ready, now_ms))

    async def move_ups(self) -> MoveUpsView:
        """Which idle teams should stand where, within the moves that the log leaves in this hour."""
        state, now_ms = self._desk.state, self._clock.now_ms()
        seq = state.seq
        left = self._rules.left(state.moved_at_ms, now_ms)
        ready = ready_teams(state, self._settings, now_ms)
        movable = [team.team for team in ready if state.teams[team.team].duty is not Duty.ON_TASK]
        taken = {team.post for team in state.teams.values() if team.post is not None}
        posts = {post.post: post for post in self._posts.values() if post.point not in taken}
        for name in movable:
            home = f"home:{name}"
            posts[home] = Post(home, state.teams[name].name, state.teams[name].home, name)
        asked = await self._ground.posts(ready, movable, [*posts.values()], now_ms)
        holes = await self._ground.losses(ready, now_ms)
        found = await asyncio.to_thread(advise, asked, self._rules, left)
        known = {str(team): hole for team, hole in holes.items()}
        return move_ups_view(found, posts, known, seq=seq, now_ms=now_ms, left=left)


def note_of(share: CoverShare, now_ms: int) -> CoverNote:
    """A cover that has changed at ``now_ms``, as consoles are told it."""
    tiers = [TierShare(tier=each.tier, places=each.places, once=each.once) for each in share.tiers]
    return CoverNote(at_ms=now_ms, tiers=tiers)


def ready_teams(state: DeskState, settings: DeskSettings, now_ms: int) -> list[TeamStart]:
    """The teams that cover something now: on duty, on shift, without a live order; by id."""
    teams = [team for team in state.teams.values() if DUTY.live(team.duty) and team.team not in state.live_order_of]
    teams.sort(key=lambda team: team.team)
    return [start_of(team) for team in teams if on_shift(team, settings, now_ms)]
