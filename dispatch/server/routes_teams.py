"""The HTTP API of teams: the board, registration, duty, standby points, tasks."""

from __future__ import annotations

from fastapi import APIRouter, Request

from dispatch.domain import commands as cmd
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import FixSource, Point, Shift, TeamId
from dispatch.server.asking import PROBLEMS, done, station_of
from dispatch.server.problems import RefusedError
from dispatch.wire import bodies

router = APIRouter(prefix="/api/teams", responses=PROBLEMS)


@router.get("")
async def teams(request: Request) -> list[bodies.TeamView]:
    """Every team with its duty, order and latest position."""
    station = station_of(request)
    state, now_ms = station.desk.state, station.clock.now_ms()
    views = []
    for team in state.teams.values():
        name = state.live_order_of.get(team.team)
        fix = station.board.latest(team.team, now_ms)
        position, source, age_ms = fix if fix is not None else (team.post or team.home, FixSource.HOME, None)
        views.append(
            bodies.TeamView(
                team=team.team,
                name=team.name,
                name_en=team.name_en,
                unit=team.unit,
                profile=team.profile,
                duty=team.duty,
                skills=list(team.skills),
                vehicle=team.vehicle,
                staff=team.staff,
                shift=team.shift,
                task=team.task,
                post=team.post,
                post_name=team.post_name,
                order=name,
                incident=state.orders[name].incident if name else None,
                position=position,
                source=source,
                fix_age_ms=age_ms,
                connected=station.connected(team.team),
            )
        )
    return views


@router.post("", status_code=201)
async def register(body: bodies.TeamBody, request: Request) -> bodies.Done:
    """Make a team known, off duty."""
    command = cmd.RegisterTeam(
        team=TeamId(body.team),
        name=body.name,
        name_en=body.name_en,
        unit=body.unit,
        profile=body.profile,
        home=Point(body.lon, body.lat),
        skills=tuple(body.skills),
        vehicle=body.vehicle,
        staff=body.staff,
        shift=Shift(body.shift.from_min, body.shift.until_min) if body.shift else None,
    )
    return await done(station_of(request), command, body.key)


@router.post("/{team}/duty")
async def duty(team: str, body: bodies.DutyBody, request: Request) -> bodies.Done:
    """Start or end a team's duty."""
    wish = cmd.StartDuty if body.on_duty else cmd.EndDuty
    return await done(station_of(request), wish(team=TeamId(team)), body.key)


@router.post("/{team}/standby")
async def standby(team: str, body: bodies.StandbyBody, request: Request) -> bodies.Done:
    """Post a team at a standby point, or let it patrol again."""
    if (body.lat is None) != (body.lon is None):
        raise RefusedError(Refusal(Code.BAD_REQUEST, "give lat and lon together, or neither to patrol again"))
    command: cmd.Command = cmd.ResumePatrol(team=TeamId(team))
    if body.lat is not None and body.lon is not None:
        command = cmd.StandBy(team=TeamId(team), where=Point(body.lon, body.lat))
    return await done(station_of(request), command, body.key)


@router.post("/{team}/task", status_code=201)
async def task(team: str, body: bodies.TaskBody, request: Request) -> bodies.Done:
    """Plan a duty task; until it starts the team is as free as before."""
    command = cmd.PlanTask(
        team=TeamId(team), task=body.task, starts_at_ms=body.starts_at_ms, ends_at_ms=body.ends_at_ms
    )
    return await done(station_of(request), command, body.key)


@router.post("/{team}/task/end")
async def end_task(team: str, body: bodies.KeyBody, request: Request) -> bodies.Done:
    """End a team's task: done where it was begun, cancelled where it was only planned."""
    return await done(station_of(request), cmd.EndTask(team=TeamId(team)), body.key)
