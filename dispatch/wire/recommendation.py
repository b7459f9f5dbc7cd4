"""Bodies of advice: whom to send and why, and who should stand where."""

from __future__ import annotations

from typing import Final, Literal

from dispatch.assignment.joint import Assigned, Kept, Shortfall
from dispatch.assignment.moveup import MoveUps, Post
from dispatch.assignment.recommendation import Recommended
from dispatch.domain.events import Choice, Exclusion
from dispatch.domain.holes import Hole
from dispatch.domain.types import Wave
from dispatch.wire.bodies import Body


class OtherPick(Body):
    """Whom the other policy would send: team, ms by road, and the size of the hole; no team where nobody."""

    policy: str
    team: str | None
    eta_ms: int | None
    loss_micro: int | None


class Pick(Body):
    """One need of an incident: a team to send, one that stays on its way, or nobody and why.

    ``left_ms`` is the time left to the target. ``choice`` explains a team that is to be sent; ``diverted_from`` is
    the live order it would be taken from, ``replaces`` the team it would relieve, ``preempted`` that it would be
    called off a task. ``reason`` and ``excluded`` explain where nobody can be sent.
    """

    wave: Wave
    slot: int
    action: Literal["send", "keep", "none"]
    left_ms: int
    team: str | None = None
    eta_ms: int | None = None
    in_time: bool | None = None
    choice: Choice | None = None
    diverted_from: str | None = None
    replaces: str | None = None
    preempted: bool = False
    reason: str | None = None
    excluded: tuple[Exclusion, ...] = ()
    other: OtherPick


class RecommendationView(Body):
    """What the desk would do for an incident as of ``seq``; no pick where it lacks nobody."""

    incident: str
    seq: int
    now_ms: int
    policy: str
    picks: list[Pick]


class MoveView(Body):
    """One team to one post: the drive, what it adds there, and the hole that it opens behind it."""

    team: str
    post: str
    post_name: str
    lat: float
    lon: float
    drive_ms: int
    won_micro: int
    lost_micro: int
    hole: Hole | None


class MoveUpsView(Body):
    """The moves that together raise the expected covered demand most; none where nothing is worth it.

    ``left_this_hour`` is how many moves may still be made in this hour; ``exact`` that no other set is better.
    """

    seq: int
    now_ms: int
    moves: list[MoveView]
    before_micro: int
    after_micro: int
    left_this_hour: int
    exact: bool


MAX_SHOWN: Final = 60
"""Exclusions that a pick names."""


def pick_of(found: Recommended) -> Pick:
    """A row of the decision as a body."""
    row, other = found.row, found.other
    beside = OtherPick(
        policy=found.other_policy,
        team=other.team if other else None,
        eta_ms=other.eta_ms if other else None,
        loss_micro=other.loss_micro if other else None,
    )
    need = row.need
    match row:
        case Assigned():
            return Pick(
                wave=need.wave,
                slot=need.slot,
                action="send",
                left_ms=need.target_ms,
                team=row.candidate.team,
                eta_ms=row.candidate.eta_ms,
                in_time=row.candidate.eta_ms <= need.target_ms,
                choice=row.choice,
                diverted_from=row.diverted_from.order if row.diverted_from else None,
                replaces=row.replaces,
                preempted=row.preempted,
                other=beside,
            )
        case Kept():
            return Pick(
                wave=need.wave, slot=need.slot, action="keep", left_ms=need.target_ms, team=row.team, other=beside
            )
        case Shortfall():
            return Pick(
                wave=need.wave,
                slot=need.slot,
                action="none",
                left_ms=need.target_ms,
                reason=row.reason,
                excluded=row.excluded[:MAX_SHOWN],
                other=beside,
            )


def move_ups_view(
    found: MoveUps, posts: dict[str, Post], holes: dict[str, Hole], *, seq: int, now_ms: int, left: int
) -> MoveUpsView:
    """Advice as a body."""
    moves = [
        MoveView(
            team=move.team,
            post=move.post,
            post_name=posts[move.post].name,
            lat=posts[move.post].point.lat,
            lon=posts[move.post].point.lon,
            drive_ms=move.drive_ms,
            won_micro=move.won_micro,
            lost_micro=move.lost_micro,
            hole=holes.get(move.team),
        )
        for move in found.moves
    ]
    return MoveUpsView(
        seq=seq,
        now_ms=now_ms,
        moves=moves,
        before_micro=found.before_micro,
        after_micro=found.after_micro,
        left_this_hour=left,
        exact=found.exact,
    )
