"""The joint question: which places want a team, which teams there are, and by which rules one is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dispatch.assignment.candidates import Reason
from dispatch.domain.types import IncidentId, OrderId, TeamId, TeamKind, Urgency, Wave
from dispatch.domain.words import Word

MAX_NEEDS: Final = 500
MAX_UNITS: Final = 5_000
"""The largest question: more open needs than this are answered the gravest first."""

URGENCY_RANK: Final[Mapping[Urgency, int]] = {Urgency.CRITICAL: 0, Urgency.URGENT: 1, Urgency.ROUTINE: 2}
"""The gravest first."""

WAVE_RANK: Final[Mapping[Wave, int]] = {Wave.W1: 0, Wave.W2: 1, Wave.W3: 2}


class Policy(Word):
    """How one of several able teams is chosen."""

    NEAREST = "nearest"
    COVERAGE = "coverage"
    MANUAL = "manual"


class Phase(Word):
    """How far a team is with its live order; on the scene it is not moved any more."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One team that one incident wants: the ``slot``-th (from 1) of its ``wave``.

    ``target_ms`` is the time left until it should be reached, in ms from now (negative: it is late already).
    Empty ``kinds`` is any force class, empty ``skills`` none, None for ``vehicle`` any; ``staff`` is the least
    number of officers. ``barred`` names teams that are not asked again (silent, declined). ``held_by`` is the team
    whose live order fills this need now: it is kept unless another rule takes it away.
    """

    incident: IncidentId
    wave: Wave
    slot: int = 1
    urgency: Urgency
    target_ms: int
    kinds: frozenset[TeamKind] = frozenset()
    skills: frozenset[str] = frozenset()
    vehicle: str | None = None
    staff: int = 1
    barred: Mapping[TeamId, Reason] = field(default_factory=dict)
    held_by: TeamId | None = None

    @property
    def grade(self) -> tuple[int, int]:
        """The class in which this need is answered: urgency, then wave, the gravest first."""
        return URGENCY_RANK[self.urgency], WAVE_RANK[self.wave]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """The live order of a team: what it is for, how far it is, and the ms that were promised."""

    incident: IncidentId
    order: OrderId
    urgency: Urgency
    wave: Wave
    phase: Phase
    eta_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A team as the decision sees it; ``last_order_ms`` (since the epoch, None: never) is for rest rotation."""

    team: TeamId
    kind: TeamKind
    skills: frozenset[str] = frozenset()
    vehicle: str = "car"
    staff: int = 2
    on_shift: bool = True
    engagement: Engagement | None = None
    on_task: bool = False
    at_standby: bool = False
    last_order_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a desk may set about choosing; every figure is configuration, times in ms.

    ``stickiness_ms``: a need that a team fills is given to another only where that saves more than this.
    ``divert_to``: a team under way is taken away only for a graver incident that is at least so urgent (None:
    never), and only where it comes ``divert_gain_ms`` sooner than what could be sent otherwise.
    ``preempt_tasks``: a team on a duty task may be called off, and counts as ``preempt_ms`` farther away.
    ``unreached_ms``: a team without a connected tablet counts as so much farther away, for that is what is lost
    where its order lies unseen until its time is over; whoever is called by radio answers for it.
    ``stale_after_ms``: an older fix counts with the way that the team may have gone meanwhile at ``drift_m_s``, at
    most ``drift_most_m``. ``rest_window_ms``: times in the same window of this length count as equal, and the team
    that has rested longest goes; 0 lets only equal times be ties.
    """

    policy: Policy = Policy.NEAREST
    stickiness_ms: int = 120_000
    divert_to: Urgency | None = Urgency.CRITICAL
    divert_gain_ms: int = 60_000
    preempt_tasks: bool = True
    preempt_ms: int = 30_000
    unreached_ms: int = 30_000
    stale_after_ms: int = 60_000
    drift_m_s: int = 8
    drift_most_m: int = 2_000
    rest_window_ms: int = 0

    def __post_init__(self) -> None:
        whole = (
            "stickiness_ms",
            "divert_gain_ms",
            "preempt_ms",
            "unreached_ms",
            "stale_after_ms",
            "rest_window_ms",
        )
        for name in whole:
            value = getattr(self, name)
            assert 0 <= value <= 3_600_000, f"{name} is 0 … 1 h in ms, not {value}"
        assert 1 <= self.drift_m_s <= 60, f"drift_m_s is 1 … 60 m/s, not {self.drift_m_s}"
        assert 0 <= self.drift_most_m <= 50_000, f"drift_most_m is 0 … 50,000 m, not {self.drift_most_m}"
