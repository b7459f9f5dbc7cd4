"""From all open incidents to orders, or to recommendations, or to recorded reasons why there are none."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Final

from dispatch.assignment.joint import Assigned, Assignments, Shortfall, assign
from dispatch.assignment.policies import MAX_EXCLUDED
from dispatch.domain import events as ev
from dispatch.domain.duty_machine import Duty
from dispatch.domain.state import Incident
from dispatch.domain.types import IncidentId, Mode, OrderId, Wave
from dispatch.domain.walk import Step
from dispatch.service.draft import Draft
from dispatch.service.needs import SERVED, Question, question_of, unmet
from dispatch.service.plans import Filling, TravelTimes
from dispatch.service.response_plan import Opens
from dispatch.service.waves import call, next_wave

MAX_PASSES: Final = 3
"""A pass may call a further wave, which is then filled by the next pass: there are three waves."""

MOVED_MS: Final = 30_000
MOVED_PART: Final = 5
"""A recommendation is said anew where a time has moved by more than this, or by more than this part of it."""

MAX_PICKS: Final = 4
_PICK_RANKED: Final = 5
_PICK_EXCLUDED: Final = 15
_PICK_PLACES: Final = 4
"""Teams that one recommendation names, and how much of each choice it keeps: it must fit a frame of 32 KiB."""


def fill(draft: Draft, asked: IncidentId | None = None) -> Filling[None]:
    """Decide for all open incidents at once who goes, and add the facts to the draft.

    ``asked`` is looked at although its retry is not due. Law: afterwards every open incident that lacks a team or
    has none has a waiting reason, every other one has not, and no fact says what the log says already.
    """
    before = {name: draft.state.incidents[name].waiting_reason for name in draft.state.open_incidents}
    short: dict[IncidentId, list[Shortfall]] = {}
    looked_at: set[IncidentId] = {asked} if asked is not None else set()
    put_off: Set[IncidentId] = frozenset()
    recommended: set[IncidentId] = set()
    for _ in range(MAX_PASSES):
        question = question_of(draft.state, draft.settings, draft.now_ms, asked)
        put_off = question.put_off
        looked_at.update(question.wanting)
        if not question.wanting:
            break
        found = yield from _answer(draft, question)
        short = _shortfalls(draft, found)
        if draft.settings.mode is Mode.AUTO:
            _send(draft, found)
        else:
            recommended = _recommend(draft, question, found, short)
        if not _call_unfilled(draft, short):
            break
    for name in recommended:
        short.pop(name, None)
    _tell_waiting(draft, before, short, put_off, looked_at | _touched(draft))
    if any(isinstance(event, ev.OrderOffered) for event in draft.events):
        yield Step.ORDER


def _answer(draft: Draft, question: Question) -> Filling[Assignments]:
    names = {start.team for start in question.travel.teams}
    unknown = [one for one in question.travel.incidents if not draft.times.knows(one[0], names)]
    if unknown and names:
        draft.times = draft.times.joined((yield TravelTimes(unknown, question.travel.teams)))
    yield Step.CANDIDATES
    found = assign(question.needs, question.units, draft.times, draft.settings.rules)
    yield Step.ASSIGN
    return found


def _shortfalls(draft: Draft, found: Assignments) -> dict[IncidentId, list[Shortfall]]:
    short: dict[IncidentId, list[Shortfall]] = {}
    for row in found.rows:
        if isinstance(row, Shortfall) and (draft.settings.mode is Mode.AUTO or row.need.held_by is None):
            short.setdefault(row.need.incident, []).append(row)
    return short


# ── the desk sends ────────────────────────────────────────────────────────────────────────────────────────


def _send(draft: Draft, found: Assignments) -> None:
    sent = [row for row in found.rows if isinstance(row, Assigned)]
    moved = {row.candidate.team for row in sent}
    for name in found.recalls:
        order = draft.state.orders[name]
        reason = "diverted" if order.team in moved else "relieved"
        draft.add(ev.OrderRecalled(order=name, team=order.team, reason=reason))
    for row in sent:
        replaces = _replaced(draft, found, row)
        offer(draft, row.need.incident, row.need.wave, row.candidate, row.choice, replaces=replaces)


def _replaced(draft: Draft, found: Assignments, row: Assigned) -> OrderId | None:
    """The order that is recalled for a row: that of the team itself, else that of the team it relieves."""
    if row.diverted_from is not None:
        return row.diverted_from.order
    return next((name for name in found.recalls if draft.state.orders[name].team == row.replaces), None)


def offer(
    draft: Draft,
    name: IncidentId,
    wave: Wave,
    candidate: ev.Candidate | ev.Pick,
    choice: ev.Choice,
    *,
    by_operator: bool = False,
    replaces: OrderId | None = None,
) -> OrderId:
    """Offer an incident to a team that has no live order; a task that it is on is called off."""
    incident = draft.state.incidents[name]
    if draft.state.teams[candidate.team].duty is Duty.ON_TASK:
        draft.add(ev.TaskEnded(team=candidate.team, reason="called_off"))
    part = draft.settings.plans.of(incident.what).wave(wave)
    within_ms = part.accept_within_ms if part and part.accept_within_ms else draft.settings.accept_within_ms
    order = OrderId(f"O{len(draft.state.orders) + 1:04d}")
    draft.add(
        ev.OrderOffered(
            order=order,
            incident=name,
            team=candidate.team,
            wave=wave,
            attempt=len(incident.orders) + 1,
            eta_ms=candidate.eta_ms,
            road_m=candidate.road_m,
            deadline_ms=draft.now_ms + within_ms,
            where=incident.where,
            what=incident.what,
            urgency=incident.urgency,
            place=incident.place,
            road=incident.road,
            note=incident.note,
            choice=choice,
            by="operator" if by_operator else "desk",
            replaces=replaces,
        )
    )
    return order


# ── the desk recommends ───────────────────────────────────────────────────────────────────────────────────


def _recommend(
    draft: Draft, question: Question, found: Assignments, short: dict[IncidentId, list[Shortfall]]
) -> set[IncidentId]:
    """Record who would be sent, where it is not what is recommended already; the incidents that have somebody."""
    told = set()
    for name in question.wanting:
        rows = [row for row in found.rows if isinstance(row, Assigned) and row.need.incident == name]
        picks = tuple(_pick(draft, found, row) for row in rows[:MAX_PICKS])
        if picks and not same_advice(picks, draft.state.incidents[name].recommended):
            waves = tuple(dict.fromkeys(row.need.wave for row in short.get(name, ())))
            retry_ms = draft.now_ms + draft.settings.retry_after_ms
            draft.add(ev.TeamsRecommended(incident=name, picks=picks, short=waves, retry_at_ms=retry_ms))
        if picks:
            told.add(name)
    return told


def same_advice(picks: Sequence[ev.Pick], said: Sequence[ev.Pick]) -> bool:
    """Whether picks say what was said: the same teams for the same waves, none much sooner or later than it was."""
    now, then = ([(one.team, one.wave, one.replaces) for one in each] for each in (picks, said))
    return now == then and all(
        abs(one.eta_ms - before.eta_ms) <= min(MOVED_MS, before.eta_ms // MOVED_PART)
        for one, before in zip(picks, said, strict=True)
    )


def _pick(draft: Draft, found: Assignments, row: Assigned) -> ev.Pick:
    return ev.Pick(
        team=row.candidate.team,
        wave=row.need.wave,
        eta_ms=row.candidate.eta_ms,
        road_m=row.candidate.road_m,
        choice=_slim(row.choice, row.candidate),
        replaces=_replaced(draft, found, row),
    )


def _slim(choice: ev.Choice, chosen: ev.Candidate) -> ev.Choice:
    """A choice with the head of its ranking and the chosen team; the recommendation's own route tells all of it."""
    head = choice.ranked[:_PICK_RANKED]
    hole = choice.hole
    return replace(
        choice,
        ranked=head if chosen in head else (*head[:-1], chosen),
        excluded=choice.excluded[:_PICK_EXCLUDED],
        hole=None if hole is None else replace(hole, places=hole.places[:_PICK_PLACES]),
    )


# ── who waits ─────────────────────────────────────────────────────────────────────────────────────────────


def _call_unfilled(draft: Draft, short: dict[IncidentId, list[Shortfall]]) -> bool:
    """Call the next wave of incidents that cannot be filled, where their plan says so; whether any was called."""
    called = False
    for name, rows in short.items():
        for wave in dict.fromkeys(row.need.wave for row in rows):
            part = next_wave(draft, name, wave)
            if part is not None and Opens.UNFILLED in part.opens:
                call(draft, name, part.wave, Opens.UNFILLED)
                called = True
    return called


def _touched(draft: Draft) -> set[IncidentId]:
    """The incidents that a fact of this decision is about, and those that they were merged into."""
    found: set[IncidentId] = set()
    for event in draft.events:
        order = draft.state.orders.get(OrderId(getattr(event, "order", "")))
        names = (getattr(event, "incident", None), order.incident if order else None)
        for name in names:
            if name is not None and name in draft.state.incidents:
                found |= {name, draft.state.root(name)}
    return found


def _tell_waiting(
    draft: Draft,
    before: dict[IncidentId, str | None],
    short: dict[IncidentId, list[Shortfall]],
    put_off: Set[IncidentId],
    changed: Set[IncidentId],
) -> None:
    """Say who waits now; one that waits already, and about which nothing is new, waits as before."""
    for name in tuple(draft.state.open_incidents):
        if name not in changed and draft.state.incidents[name].waiting_reason is not None:
            continue
        incident = draft.state.incidents[name]
        if not (lacking := unmet(draft.state, draft.settings, name)):
            if not draft.state.live_orders(name):
                _wait(draft, incident, SERVED, before=before.get(name), lacking={})
            elif incident.waiting_reason is not None:
                draft.add(ev.WaitingEnded(incident=name))
        elif name in short:
            first = short[name][0]
            _wait(draft, incident, first.reason, before=before.get(name), lacking=lacking, excluded=first.excluded)
        elif incident.waiting_reason is None:
            reason = "too_many" if name in put_off else "none_accepted"
            _wait(draft, incident, reason, before=None, lacking=lacking)


def _wait(
    draft: Draft,
    incident: Incident,
    reason: str,
    *,
    before: str | None,
    lacking: dict[Wave, int],
    excluded: Sequence[ev.Exclusion] = (),
) -> None:
    """Record that an incident waits, unless the log says so already with the same reason."""
    if incident.waiting_reason == reason == before:
        return
    retry_at_ms = None if reason == SERVED else draft.now_ms + draft.settings.retry_after_ms
    draft.add(
        ev.IncidentWaiting(
            incident=incident.incident,
            reason=reason,
            excluded=tuple(excluded)[:MAX_EXCLUDED],
            retry_at_ms=retry_at_ms,
            short=tuple(lacking),
        )
    )
