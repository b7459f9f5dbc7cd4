"""The HTTP API of the past and of the live cover: what a console looks at beside the board."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from dispatch.domain.refusals import Code, Refusal
from dispatch.server.asking import PROBLEMS, station_of
from dispatch.server.desk_past import DeskPast
from dispatch.server.problems import RefusedError
from dispatch.server.station import Station
from dispatch.wire.desk_bodies import CoverageView, HistoryView, PastView
from dispatch.wire.frames import EventFrame, Millis, Seq, Snapshot
from dispatch.wire.snapshot import visible

MOST_EVENTS: Final = 200

router = APIRouter(prefix="/api", responses=PROBLEMS)


def _past(station: Station) -> DeskPast:
    if station.past is None:
        raise RefusedError(Refusal(Code.NOT_FOUND, "this service keeps no past"))
    return station.past


@router.get("/coverage")
async def coverage(request: Request) -> CoverageView:
    """What the teams that stand ready reach within 1, 3 and 5 minutes now, and the gaps; changes nothing."""
    station = station_of(request)
    if station.advisor is None:
        raise RefusedError(Refusal(Code.NOT_FOUND, "this service looks at no cover"))
    return await station.advisor.coverage()


@router.get("/past")
async def past(request: Request, seq: Seq | None = None, at_ms: Millis | None = None) -> PastView:
    """The desk after event ``seq``, or as it was at ``at_ms``; changes nothing."""
    station = station_of(request)
    if (seq is None) == (at_ms is None):
        raise RefusedError(Refusal(Code.BAD_REQUEST, "give seq or at_ms, one of them"))
    found = await _past(station).at(seq, at_ms)
    if isinstance(found, Refusal):
        raise RefusedError(found)
    teams, incidents, orders = await asyncio.to_thread(visible, found.state, None)  # it sorts all that is closed
    snapshot = Snapshot.model_construct(seq=found.seq, teams=teams, incidents=incidents, orders=orders)
    return PastView.model_construct(
        seq=found.seq, at_ms=found.at_ms, head=station.desk.state.seq, snapshot=snapshot
    )


@router.get("/events")
async def events(
    request: Request,
    before: Seq | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = 100,
) -> HistoryView:
    """The last ``limit`` events with a seq smaller than ``before``, without it of all; in the log's order."""
    station = station_of(request)
    feed, head = station.desk.feed, station.desk.state.seq
    end = head if before is None else min(head, before - 1)
    after = max(0, end - limit)
    if after + 1 >= feed.first:
        rows = feed.after(after, max(0, end - after))
    else:
        found = await _past(station).events(after, end - after)
        if isinstance(found, Refusal):
            raise RefusedError(found)
        rows = found
    frames = [
        EventFrame.model_construct(seq=row.seq, after=row.seq - 1, at_ms=row.at_ms, event=row.event) for row in rows
    ]
    return HistoryView.model_construct(head=head, events=frames)
