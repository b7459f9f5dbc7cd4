"""Response clocks by tier and by place, never by a person or a single team: percentiles of each leg."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from dispatch.domain.state import Incident, Order
from dispatch.domain.types import OrderId, Tier
from dispatch.planning.walk import clocks

LEAST_GROUP: Final = 5
"""A group of fewer incidents is not told: it would tell of the one team that went."""

MOST_GROUPS: Final = 200
LEGS: Final = ("offered", "accepted", "departed", "arrived", "reported_back")


@dataclass(frozen=True, slots=True)
class Leg:
    """A leg over a group: how many have it, and nearest-rank percentiles in ms (None where there are too few)."""

    leg: str
    n: int
    p50_ms: int | None
    p90_ms: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """Incidents of one tier, or of one place: how many, how many arrived and in time, and their legs."""

    name: str
    tier: Tier | None
    target_ms: int | None
    incidents: int
    arrived: int
    met: int
    legs: tuple[Leg, ...]


class Seen(NamedTuple):
    """One incident as a report needs it."""

    tier: Tier
    place: str
    target_ms: int
    legs_ms: tuple[int | None, ...]


def seen(incident: Incident, orders: Mapping[OrderId, Order]) -> Seen:
    """The legs of an incident from its report, over its own orders."""
    found = clocks(incident, [orders[name] for name in incident.orders])
    legs_ms = (found.offered_ms, found.accepted_ms, found.departed_ms, found.arrived_ms, found.reported_back_ms)
    return Seen(incident.tier, incident.place or incident.road, incident.target_ms, legs_ms)


def percentile_ms(values_ms: Sequence[int], share: int) -> int:
    """The nearest-rank percentile of at least one value, 1 ≤ share ≤ 100."""
    assert values_ms and 1 <= share <= 100, "some values, and 1 … 100"
    ordered = sorted(values_ms)
    return ordered[-(-len(ordered) * share // 100) - 1]


def group_of(name: str, tier: Tier | None, rows: Sequence[Seen]) -> Group:
    """One group; with fewer than LEAST_GROUP incidents it tells their number alone."""
    told = len(rows) >= LEAST_GROUP
    legs = []
    for index, leg in enumerate(LEGS):
        values = [value for row in rows if (value := row.legs_ms[index]) is not None]
        enough = told and len(values) >= LEAST_GROUP
        legs.append(
            Leg(
                leg,
                len(values) if told else 0,
                percentile_ms(values, 50) if enough else None,
                percentile_ms(values, 90) if enough else None,
            )
        )
    at = LEGS.index("arrived")
    arrived = [row for row in rows if row.legs_ms[at] is not None] if told else []
    met = sum(1 for row in arrived if (value := row.legs_ms[at]) is not None and value <= row.target_ms)
    targets = {row.target_ms for row in rows}
    target_ms = targets.pop() if len(targets) == 1 else None
    return Group(name, tier, target_ms, len(rows), len(arrived), met, tuple(legs))


def report(rows: Sequence[Seen]) -> tuple[list[Group], list[Group]]:
    """The groups by tier, all three of them, and by place, most incidents first, at most MOST_GROUPS."""
    by_tier: defaultdict[Tier, list[Seen]] = defaultdict(list)
    by_place: defaultdict[tuple[str, Tier], list[Seen]] = defaultdict(list)
    for row in rows:
        by_tier[row.tier].append(row)
        by_place[row.place, row.tier].append(row)
    tiers = [group_of(tier.value, tier, by_tier[tier]) for tier in Tier]
    places = [group_of(name, tier, each) for (name, tier), each in by_place.items()]
    places.sort(key=lambda group: (-group.incidents, group.name))
    return tiers, places[:MOST_GROUPS]
