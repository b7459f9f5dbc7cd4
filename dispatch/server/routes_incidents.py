"""The HTTP API of incidents: report, list, close, reopen, merge, note, call a wave, confirm, send."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from dispatch.domain import commands as cmd
from dispatch.domain.incident_machine import IncidentStatus
from dispatch.domain.state import DeskState, Incident
from dispatch.domain.types import IncidentId, Point, TeamId
from dispatch.domain.walk import Step
from dispatch.planning.walk import walk_steps
from dispatch.server.asking import PROBLEMS, done, incident_of, station_of
from dispatch.server.station import Station
from dispatch.wire import bodies

MAX_LIST: Final = 500

router = APIRouter(prefix="/api/incidents", responses=PROBLEMS)


def _view(state: DeskState, incident: Incident) -> bodies.IncidentView:
    orders = [state.orders[name] for held in state.group(incident.incident) for name in held.orders]
    return bodies.IncidentView(incident=incident, orders=orders)


@router.post("", status_code=201)
async def report(body: bodies.ReportBody, request: Request) -> bodies.Done:
    """Report an incident; the answer comes after it is on the log, with its id as ``subject``."""
    station = station_of(request)
    station.walks.note(Step.REPORT, body.key, f"{body.what} at {body.lat:.5f},{body.lon:.5f}")
    command = cmd.ReportIncident(
        where=Point(body.lon, body.lat), what=body.what, urgency=body.urgency, note=body.note
    )
    return await done(station, command, body.key)


@router.get("")
async def incidents(
    request: Request,
    status: IncidentStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIST)] = 100,
) -> list[bodies.IncidentView]:
    """Incidents, the latest first."""
    state = station_of(request).desk.state
    found = [incident for incident in state.incidents.values() if status in (None, incident.status)]
    return [_view(state, incident) for incident in reversed(found[-limit:])]


@router.get("/{incident}")
async def incident(incident: str, request: Request) -> bodies.IncidentView:
    """One incident with its orders."""
    state = station_of(request).desk.state
    return _view(state, incident_of(state, incident))


@router.get("/{incident}/walk")
async def walk(incident: str, request: Request) -> list[bodies.WalkStep]:
    """The thirteen steps of an incident with their times, as far as it has come and this process remembers."""
    station = station_of(request)
    found = incident_of(station.desk.state, incident)
    orders = [station.desk.state.orders[name] for name in found.orders]
    notes = [(note.step, note.at_s, note.detail) for note in station.walks.of(incident)]
    return [
        bodies.WalkStep(step=line.step, name=line.step.name.lower(), detail=line.detail, at_ms=line.at_ms)
        for line in walk_steps(found, orders, notes)
    ]


async def _say(request: Request, command: cmd.Command, key: str) -> bodies.Done:
    station: Station = station_of(request)
    return await done(station, command, key)


@router.post("/{incident}/close")
async def close(incident: str, body: bodies.CloseBody, request: Request) -> bodies.Done:
    """Close an incident; its live orders are recalled."""
    return await _say(request, cmd.CloseIncident(incident=IncidentId(incident), outcome=body.outcome), body.key)


@router.post("/{incident}/reopen")
async def reopen(incident: str, body: bodies.KeyBody, request: Request) -> bodies.Done:
    """Undo a closing, within the undo time; who goes is decided anew."""
    return await _say(request, cmd.ReopenIncident(incident=IncidentId(incident)), body.key)


@router.post("/{incident}/merge")
async def merge(incident: str, body: bodies.MergeBody, request: Request) -> bodies.Done:
    """Take an incident for the same as another open one; orders of both go on."""
    command = cmd.MergeIncidents(incident=IncidentId(incident), into=IncidentId(body.into))
    return await _say(request, command, body.key)


@router.post("/{incident}/unmerge")
async def unmerge(incident: str, body: bodies.KeyBody, request: Request) -> bodies.Done:
    """Undo a merging while the other incident is open."""
    return await _say(request, cmd.UnmergeIncident(incident=IncidentId(incident)), body.key)


@router.post("/{incident}/notes", status_code=201)
async def note(incident: str, body: bodies.NoteBody, request: Request) -> bodies.Done:
    """Add a note; nothing else about the incident changes, and it need not be open."""
    return await _say(request, cmd.AddNote(incident=IncidentId(incident), note=body.note), body.key)


@router.post("/{incident}/wave")
async def wave(incident: str, body: bodies.KeyBody, request: Request) -> bodies.Done:
    """Call the next wave of the response plan, or the last one once more."""
    return await _say(request, cmd.CallWave(incident=IncidentId(incident)), body.key)


@router.post("/{incident}/confirm")
async def confirm(incident: str, body: bodies.ConfirmBody, request: Request) -> bodies.Done:
    """Let recommended teams go; refused where the recommendation is another one by now."""
    teams = tuple(TeamId(team) for team in body.teams)
    return await _say(request, cmd.ConfirmRecommendation(incident=IncidentId(incident), teams=teams), body.key)


@router.post("/{incident}/send")
async def send(incident: str, body: bodies.SendBody, request: Request) -> bodies.Done:
    """Send a team by hand, with the reason kept; its live order elsewhere is recalled."""
    command = cmd.SendTeam(
        incident=IncidentId(incident), team=TeamId(body.team), reason=body.reason, wave=body.wave
    )
    return await _say(request, command, body.key)
