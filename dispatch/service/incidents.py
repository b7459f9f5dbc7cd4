"""Incidents: reported, asked for again, closed and reopened, merged and unmerged, noted upon."""

from __future__ import annotations

import math

from dispatch.domain import events as ev
from dispatch.domain.commands import (
    AddNote,
    AssignIncident,
    CallWave,
    CloseIncident,
    MergeIncidents,
    OpenWave,
    ReopenIncident,
    ReportIncident,
    UnmergeIncident,
)
from dispatch.domain.incident_machine import INCIDENT, IncidentTrigger
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState, Incident
from dispatch.domain.types import IncidentId, IncidentKind, Point
from dispatch.domain.walk import Step
from dispatch.service.draft import Draft
from dispatch.service.offering import fill
from dispatch.service.plans import Decision, Locate, Located, Plan
from dispatch.service.settings import DeskSettings
from dispatch.service.waves import arrived, call, call_at_once, call_more, following, late_at

MAX_SIMILAR = 5
_METRES_A_DEGREE = 111_195.0


def report(state: DeskState, command: ReportIncident, settings: DeskSettings, now_ms: int) -> Plan:
    """Record an incident and decide who goes in one decision; refused where no road is near.

    An open incident that is near in place, time and kind is named as perhaps the same; the force goes all the same,
    for a second incident that was taken for the first one is worse than a team too many.
    """
    located: Located | Refusal = yield Locate(command.where)
    if isinstance(located, Refusal):
        return located
    target_ms = settings.target_ms[located.tier]
    first = settings.plans.of(command.what).waves[0].wave
    reported = ev.IncidentReported(
        incident=IncidentId(f"I{len(state.incidents) + 1:04d}"),
        what=command.what,
        urgency=command.urgency,
        where=command.where,
        tier=located.tier,
        target_ms=target_ms,
        place=located.place,
        road=located.road,
        off_road_m=located.off_road_m,
        note=command.note,
        source=command.source,
        similar=similar(state, command, settings, now_ms),
        late_at_ms=late_at(settings.plans, command.what, first, target_ms, now_ms),
    )
    yield Step.RECORD
    draft = Draft(state, settings, now_ms)
    draft.add(reported)
    call_at_once(draft, reported.incident)
    yield from fill(draft)
    return draft.decision(reported.incident)


def similar(
    state: DeskState, command: ReportIncident, settings: DeskSettings, now_ms: int
) -> tuple[IncidentId, ...]:
    """Open incidents of the same kind (other is like any) near in place and time, the nearest first."""
    found = []
    for name in state.open_incidents:
        known = state.incidents[name]
        alike = IncidentKind.OTHER in (known.what, command.what) or known.what == command.what
        recent = abs(now_ms - known.reported_at_ms) <= settings.same_within_ms
        away_m = straight_m(known.where, command.where)
        if alike and recent and away_m <= settings.same_within_m:
            found.append((away_m, len(name), name))
    return tuple(name for *_, name in sorted(found)[:MAX_SIMILAR])


def straight_m(a: Point, b: Point) -> float:
    """Metres between two points that are near each other: equirectangular, within 0.1 % up to 5 km."""
    east = (a.lon - b.lon + 180.0) % 360.0 - 180.0
    return _METRES_A_DEGREE * math.hypot(east * math.cos(math.radians((a.lat + b.lat) / 2)), a.lat - b.lat)


def close(state: DeskState, command: CloseIncident, settings: DeskSettings, now_ms: int) -> Plan:
    """Close an incident and recall its live orders; closing it again changes nothing."""
    yield from ()
    incident = state.incidents.get(command.incident)
    if incident is None:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    if incident.closed_at_ms is not None:
        return Decision((), command.incident)
    if not INCIDENT.allows(incident.status, IncidentTrigger.CLOSE):
        return _not_open(incident)
    draft = Draft(state, settings, now_ms)
    live = state.live_orders(command.incident)
    draft.add(ev.IncidentClosed(incident=command.incident, outcome=command.outcome))
    draft.add(*(ev.OrderRecalled(order=one.order, team=one.team, reason="incident_closed") for one in live))
    return draft.decision(command.incident)


def reopen(state: DeskState, command: ReopenIncident, settings: DeskSettings, now_ms: int) -> Plan:
    """Open an incident again that was closed a moment ago, and decide anew who goes."""
    incident = state.incidents.get(command.incident)
    if incident is None:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    if INCIDENT.live(incident.status):
        return Decision((), command.incident)
    if not INCIDENT.allows(incident.status, IncidentTrigger.REOPEN):
        return _not_open(incident)
    assert incident.closed_at_ms is not None
    if now_ms - incident.closed_at_ms > settings.undo_within_ms:
        return Refusal(Code.UNDO_TOO_LATE, f"{command.incident} was closed more than {_s(settings)} ago")
    draft = Draft(state, settings, now_ms)
    first = settings.plans.of(incident.what).waves[0].wave
    late_ms = late_at(settings.plans, incident.what, first, incident.target_ms, now_ms)
    draft.add(ev.IncidentReopened(incident=command.incident, late_at_ms=late_ms))
    call_at_once(draft, command.incident)
    yield from fill(draft)
    return draft.decision(command.incident)


def _s(settings: DeskSettings) -> str:
    return f"{settings.undo_within_ms / 1000:g} s"


def merge(state: DeskState, command: MergeIncidents, settings: DeskSettings, now_ms: int) -> Plan:
    """Take two open incidents for one: orders of both go on and count for the one that stays open."""
    for name in (command.incident, command.into):
        if name not in state.incidents:
            return Refusal(Code.UNKNOWN_INCIDENT, name)
    if command.incident == command.into:
        return Refusal(Code.SAME_INCIDENT, command.incident)
    if state.incidents[command.incident].merged_into == command.into:
        return Decision((), command.incident)
    for name in (command.incident, command.into):
        if name not in state.open_incidents:
            return _not_open(state.incidents[name])
    draft = Draft(state, settings, now_ms)
    draft.add(ev.IncidentMerged(incident=command.incident, into=command.into))
    yield from fill(draft, command.into)
    return draft.decision(command.incident)


def unmerge(state: DeskState, command: UnmergeIncident, settings: DeskSettings, now_ms: int) -> Plan:
    """Let a merged incident stand for itself again while the other is open; what either lacks is decided."""
    incident = state.incidents.get(command.incident)
    if incident is None:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    if not INCIDENT.allows(incident.status, IncidentTrigger.UNMERGE):
        return Decision((), command.incident)
    if (root := state.root(command.incident)) not in state.open_incidents:
        return _not_open(state.incidents[root])
    draft = Draft(state, settings, now_ms)
    draft.add(ev.IncidentUnmerged(incident=command.incident))
    yield from fill(draft, command.incident)
    return draft.decision(command.incident)


def add_note(state: DeskState, command: AddNote, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Keep what somebody adds to an incident, open or not; nothing else about it changes."""
    yield from ()
    if command.incident not in state.incidents:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    return Decision(
        (ev.NoteAdded(incident=command.incident, note=command.note, source=command.source),), command.incident
    )


def assign(state: DeskState, command: AssignIncident, settings: DeskSettings, now_ms: int) -> Plan:
    """Ask again who could go to an open incident that lacks a team; all others that are due are asked with it."""
    if command.incident not in state.incidents:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    if command.incident not in state.open_incidents:
        return Decision((), command.incident)
    draft = Draft(state, settings, now_ms)
    yield from fill(draft, command.incident)
    return draft.decision(command.incident)


def call_wave(state: DeskState, command: CallWave, settings: DeskSettings, now_ms: int) -> Plan:
    """Call more force for an open incident: the next wave of its plan, or the last one once more."""
    incident = state.incidents.get(command.incident)
    if incident is None:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    if command.incident not in state.open_incidents:
        return _not_open(incident)
    draft = Draft(state, settings, now_ms)
    if not call_more(draft, command.incident, "operator"):
        return Refusal(Code.NO_FURTHER_WAVE, command.incident)
    yield from fill(draft, command.incident)
    return draft.decision(command.incident)


def open_wave(state: DeskState, command: OpenWave, settings: DeskSettings, now_ms: int) -> Plan:
    """Call a wave because nobody of the one before has arrived in time; once, and never before its time."""
    incident = state.incidents.get(command.incident)
    if incident is None:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    due = is_late(state, incident, command, now_ms)
    if command.incident not in state.open_incidents or not due:
        return Decision((), command.incident)
    draft = Draft(state, settings, now_ms)
    call(draft, command.incident, command.wave, "late")
    yield from fill(draft, command.incident)
    return draft.decision(command.incident)


def is_late(state: DeskState, incident: Incident, command: OpenWave, now_ms: int) -> bool:
    """Whether ``command.wave`` is the one that follows a late wave and has not been called."""
    if any(opened.wave == command.wave for opened in incident.waves):
        return False
    return any(
        opened.late_at_ms is not None
        and opened.late_at_ms <= now_ms
        and not arrived(state, incident.incident, opened.wave)
        for opened in incident.waves
        if following(opened.wave) == command.wave
    )


def _not_open(incident: Incident) -> Refusal:
    into = f", into {incident.merged_into}" if incident.merged_into else ""
    return Refusal(Code.INCIDENT_NOT_OPEN, f"{incident.incident} is {incident.status}{into}")
