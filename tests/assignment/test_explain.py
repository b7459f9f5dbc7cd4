"""The explanation of a choice against one that is worked out from the question alone, by the documented rules."""

from __future__ import annotations

from dispatch.assignment.candidates import Reason
from dispatch.assignment.joint import Assigned, Kept, assign
from dispatch.assignment.policies import MAX_RANKED
from dispatch.domain.types import TeamId
from tests.assignment.questions import Question, price, question, seen_ms


def test_an_explanation_ranks_who_could_go_but_for_those_that_this_decision_sends_elsewhere() -> None:
    rows = diverted = elsewhere = 0
    for seed in range(1500):
        asked = question(110_000 + seed, 4, 8)
        found = assign(asked.needs, asked.units, asked.times, asked.rules, asked.cover)
        taken = {row.candidate.team for row in found.rows if isinstance(row, Assigned)}
        taken |= {row.team for row in found.rows if isinstance(row, Kept)}
        for row in found.rows:
            if isinstance(row, Assigned):
                check(asked, row, taken)
                rows += 1
                diverted += row.diverted_from is not None
                elsewhere += any(each.reason == Reason.SENT_ELSEWHERE for each in row.choice.excluded)
    assert rows > 1000
    assert diverted > 50
    assert elsewhere > 200


def check(asked: Question, row: Assigned, taken: set[TeamId]) -> None:
    """Everything that a choice says, from the question and from who goes."""
    need, team, choice = row.need, row.candidate.team, row.choice
    could = {
        unit.team: asked.times[need.incident, unit.team]
        for unit in asked.units
        if price(asked, need, unit) is not None and known(asked, row, unit.team)
    }
    here = {name: time for name, time in could.items() if name == team or name not in taken}
    ms = {name: seen_ms(time, asked.rules) for name, time in here.items()}
    order = sorted(here, key=lambda name: (ms[name], name))
    shown = order[:MAX_RANKED]
    if team not in shown:
        shown = [*order[: MAX_RANKED - 1], team]
    assert [(each.team, each.eta_ms) for each in choice.ranked] == [(name, ms[name]) for name in shown]
    away = {each.team for each in choice.excluded if each.reason == Reason.SENT_ELSEWHERE}
    assert away == could.keys() - here.keys()
    others = [ms[name] for name in order if name != team]
    assert choice.margin_ms == (others[0] - ms[team] if others else None)
    nearest = min(here, key=lambda name: (here[name].straight_m, name))
    assert choice.straight_line_team == nearest
    assert choice.straight_line_loss_ms == ms[nearest] - ms[team]
    moved = next(unit for unit in asked.units if unit.team == team).engagement is not None
    assert choice.hole == (None if moved or asked.cover is None else asked.cover.get(team))


def known(asked: Question, row: Assigned, team: TeamId) -> bool:
    time = asked.times.get((row.need.incident, team))
    return time is not None and time.eta_ms is not None
