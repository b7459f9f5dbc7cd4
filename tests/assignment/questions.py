"""Random joint questions, and the plain way to answer them: try everything. Written from the rules."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dispatch.assignment.candidates import Reason, TravelTime
from dispatch.assignment.problem import Engagement, Need, Phase, Policy, Rules, Unit
from dispatch.domain.holes import Hole
from dispatch.domain.types import FixSource, IncidentId, OrderId, Point, TeamId, TeamKind, Urgency, Wave

GRAVITY = [Urgency.CRITICAL, Urgency.URGENT, Urgency.ROUTINE]
WAVES = [Wave.W1, Wave.W2, Wave.W3]


@dataclass(frozen=True)
class Question:
    """What ``assign`` is asked."""

    needs: list[Need]
    units: list[Unit]
    times: dict[tuple[IncidentId, TeamId], TravelTime]
    rules: Rules
    cover: dict[TeamId, Hole] | None


def travel(team: TeamId, eta_ms: int | None, chance: random.Random) -> TravelTime:
    return TravelTime(
        team=team,
        position=Point(120.0, 28.0),
        fix=chance.choice([FixSource.FIX, FixSource.FIX, FixSource.HOME]),
        fix_age_ms=chance.choice([0, 5_000, 60_000, 60_001, 200_000, 900_000]),
        straight_m=chance.randrange(5_000),
        eta_ms=eta_ms,
        road_m=chance.choice([0, 1, 900, 5_000]),
        reason=None if eta_ms is not None else chance.choice([None, Reason.OFF_ROAD, Reason.NO_WAY]),
    )


def question(seed: int, most_needs: int = 6, most_units: int = 6, *, full: bool = False) -> Question:
    """A random question: gates, live orders, duty tasks, stale fixes, many ties; ``full``: no smaller."""
    chance = random.Random(seed)
    n = most_needs if full else chance.randint(0, most_needs)
    m = most_units if full else chance.randint(0, most_units)
    teams = [TeamId(f"T{number:02d}") for number in chance.sample(range(60), m)]
    needs = [_need(chance, number, teams) for number in range(n)]
    holders = list(teams)
    chance.shuffle(holders)
    live: dict[TeamId, Need] = {}
    for index, need in enumerate(needs):
        if holders and chance.random() < 0.25:
            team = holders.pop()
            needs[index] = replace(need, held_by=team)
            live[team] = needs[index]
    units = [_unit(chance, team, live.get(team)) for team in teams]
    longest = chance.choice([4, 30, 100_000, 600_000])
    times = {}
    for need in needs:
        for team in teams:
            if chance.random() < 0.93:
                eta_ms = None if chance.random() < 0.1 else chance.randrange(longest)
                time = travel(team, eta_ms, chance)._replace(unreached=chance.random() < 0.3)
                times.setdefault((need.incident, team), time)
    cover = None
    if chance.random() < 0.7:
        cover = {
            team: Hole(team=team, loss_micro=chance.randrange(5) * 1000) for team in teams if chance.random() < 0.9
        }
    return Question(needs, units, times, _rules(chance), cover)


def _need(chance: random.Random, number: int, teams: Sequence[TeamId]) -> Need:
    barred = {team: Reason.SILENT_BEFORE for team in teams if chance.random() < 0.08}
    return Need(
        incident=IncidentId(f"I{chance.choice([number, number // 2]):02d}"),
        wave=chance.choice(WAVES),
        slot=number + 1,
        urgency=chance.choice(GRAVITY),
        target_ms=chance.choice([-5_000, 2, 60_000, 180_000, 300_000]),
        kinds=chance.choice([frozenset(), frozenset(), frozenset({TeamKind.VILLAGE}), frozenset(TeamKind)]),
        skills=frozenset({"boat"}) if chance.random() < 0.15 else frozenset(),
        vehicle="van" if chance.random() < 0.1 else None,
        staff=chance.choice([1, 1, 1, 3]),
        barred=barred,
    )


def _unit(chance: random.Random, team: TeamId, held: Need | None) -> Unit:
    engagement = None
    if held is not None or chance.random() < 0.2:
        phases = [Phase.OFFERED, Phase.ACCEPTED, Phase.EN_ROUTE, *([] if held else [Phase.ON_SCENE])]
        engagement = Engagement(
            incident=held.incident if held else IncidentId("I99"),
            order=OrderId(f"O-{team}"),
            urgency=held.urgency if held else chance.choice(GRAVITY),
            wave=held.wave if held else Wave.W1,
            phase=chance.choice(phases),
            eta_ms=chance.randrange(300),
        )
    return Unit(
        team=team,
        kind=chance.choice(list(TeamKind)),
        skills=frozenset({"boat", "talk"}) if chance.random() < 0.5 else frozenset(),
        vehicle=chance.choice(["car", "car", "van"]),
        staff=chance.choice([1, 2, 3, 4]),
        on_shift=chance.random() < 0.9,
        engagement=engagement,
        on_task=chance.random() < 0.25,
        last_order_ms=chance.choice([None, 1_000, 1_000, 7_000]),
    )


def _rules(chance: random.Random) -> Rules:
    return Rules(
        policy=chance.choice([Policy.NEAREST, Policy.COVERAGE]),
        stickiness_ms=chance.choice([0, 10, 120_000]),
        divert_to=chance.choice([None, *GRAVITY]),
        divert_gain_ms=chance.choice([0, 5, 60_000]),
        preempt_tasks=chance.random() < 0.7,
        preempt_ms=chance.choice([0, 7, 30_000]),
        unreached_ms=chance.choice([0, 9, 30_000]),
        rest_window_ms=chance.choice([0, 0, 3, 10_000]),
    )


# ── the plain way ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Price:
    """What sending one team for one need adds: compared within the class, then rest, then exact ms."""

    parts: tuple[int, int, int, int]
    rest: int
    exact: int


def price(asked: Question, need: Need, unit: Unit) -> Price | None:
    """The price by the rules as the documentation states them, or None where the team may not go."""
    rules, time = asked.rules, asked.times.get((need.incident, unit.team))
    known = time is not None and time.eta_ms is not None
    extra = 0
    if need.held_by != unit.team:
        if unit.team in need.barred or not unit.on_shift or not known:
            return None
        if (need.kinds and unit.kind not in need.kinds) or (need.skills - unit.skills) or unit.staff < need.staff:
            return None
        if need.vehicle not in (None, unit.vehicle):
            return None
        if unit.engagement is not None:
            if unit.engagement.phase is Phase.ON_SCENE or rules.divert_to is None:
                return None
            if GRAVITY.index(need.urgency) >= GRAVITY.index(unit.engagement.urgency):
                return None
            if GRAVITY.index(need.urgency) > GRAVITY.index(rules.divert_to):
                return None
            extra += rules.divert_gain_ms
        elif unit.on_task:
            if not rules.preempt_tasks:
                return None
            extra += rules.preempt_ms
        if need.held_by is not None:
            extra += rules.stickiness_ms
        extra += rules.unreached_ms * (time is not None and time.unreached)
    eta = seen_ms(time, rules) if known and time is not None else unit.engagement.eta_ms if unit.engagement else 0
    whole = eta + extra
    counted = whole // rules.rest_window_ms if rules.rest_window_ms else whole
    waits = sorted({each.last_order_ms or 0 for each in asked.units})
    rest = waits.index(unit.last_order_ms or 0)
    exact = whole if rules.rest_window_ms else 0
    if rules.policy is Policy.NEAREST:
        return Price((0, 0, 0, counted), rest, exact)
    hole = (asked.cover or {}).get(unit.team)
    loss = 0 if hole is None or unit.engagement is not None else hole.loss_micro
    return Price((whole if eta > need.target_ms else 0, extra, loss, counted), rest, exact)


def seen_ms(time: TravelTime, rules: Rules) -> int:
    assert time.eta_ms is not None
    if time.fix is FixSource.HOME or time.fix_age_ms <= rules.stale_after_ms:
        return time.eta_ms
    away_m = min(rules.drift_m_s * time.fix_age_ms // 1000, rules.drift_most_m)
    at_drift_speed = away_m * 1000 // rules.drift_m_s
    as_the_road = away_m * time.eta_ms // time.road_m if time.road_m else 0
    return time.eta_ms + max(at_drift_speed, as_the_road)


def order_of(needs: Sequence[Need]) -> list[Need]:
    return sorted(needs, key=lambda n: (GRAVITY.index(n.urgency), WAVES.index(n.wave), n.incident, n.slot))


def everything(asked: Question) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """Every assignment that is allowed: its objective, and the team of each need in order ("~" for none)."""
    needs = order_of(asked.needs)
    grades = sorted({(GRAVITY.index(n.urgency), WAVES.index(n.wave)) for n in needs})
    grade = [grades.index((GRAVITY.index(n.urgency), WAVES.index(n.wave))) for n in needs]
    prices = [{u.team: p for u in asked.units if (p := price(asked, n, u)) is not None} for n in needs]
    sums = [0] * (5 * len(grades) + 2)
    taken: list[str] = []

    def walk(row: int) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
        if row == len(needs):
            yield tuple(sums), tuple(taken)
            return
        first = 5 * grade[row]
        sums[first] += 1
        taken.append("~")
        yield from walk(row + 1)
        sums[first] -= 1
        taken.pop()
        for team, paid in prices[row].items():
            if team in taken:
                continue
            added = (*paid.parts, paid.rest, paid.exact)
            places = (first + 1, first + 2, first + 3, first + 4, len(sums) - 2, len(sums) - 1)
            for place, more in zip(places, added, strict=True):
                sums[place] += more
            taken.append(team)
            yield from walk(row + 1)
            taken.pop()
            for place, more in zip(places, added, strict=True):
                sums[place] -= more

    return walk(0)


def greedy(asked: Question) -> tuple[int, ...]:
    """The objective of answering each need by itself, the gravest first, each with its cheapest free team."""
    needs = order_of(asked.needs)
    grades = sorted({(GRAVITY.index(n.urgency), WAVES.index(n.wave)) for n in needs})
    sums, taken = [0] * (5 * len(grades) + 2), set()
    for need in needs:
        first = 5 * grades.index((GRAVITY.index(need.urgency), WAVES.index(need.wave)))
        free = [
            (p, u.team) for u in asked.units if u.team not in taken and (p := price(asked, need, u)) is not None
        ]
        if not free:
            sums[first] += 1
            continue
        paid, team = min(free, key=lambda row: (row[0].parts, row[0].rest, row[0].exact, row[1]))
        taken.add(team)
        for at, more in enumerate(paid.parts, first + 1):
            sums[at] += more
        sums[-2] += paid.rest
        sums[-1] += paid.exact
    return tuple(sums)
