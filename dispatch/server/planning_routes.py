"""The HTTP API of planning: what is covered, what is not, what would mend it; plans, past incidents, reports."""

from __future__ import annotations

import errno
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Path, Query, Request
from pydantic import ValidationError

from dispatch.adapters.planning_store import Document
from dispatch.domain.refusals import Code, Refusal
from dispatch.server.asking import PROBLEMS, station_of
from dispatch.server.planner import Planner
from dispatch.server.planning_histories import KIND as HISTORIES
from dispatch.server.problems import RefusedError
from dispatch.wire import planning_bodies as pb

PLANS: Final = "plans"
DocumentName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
Answer = TypeVar("Answer")

router = APIRouter(prefix="/api/planning", responses=PROBLEMS)


def _planner(request: Request) -> Planner:
    planner = station_of(request).planner
    if planner is None:
        raise RefusedError(Refusal(Code.NOT_FOUND, "this service does no planning"))
    return planner


def _said(answer: Answer | Refusal) -> Answer:
    if isinstance(answer, Refusal):
        raise RefusedError(answer)
    return answer


@router.get("/demand")
async def demand(request: Request) -> pb.DemandView:
    """The points of demand: places with their tiers, and street cells; columns of one length."""
    return await _planner(request).demand()


@router.post("/coverage")
async def coverage(body: pb.AskBody, request: Request) -> pb.CoverView:
    """What standby points cover, by wave × tier × k, and how many of them reach each point; changes nothing."""
    return _said(await _planner(request).coverage(body))


@router.post("/gaps")
async def gaps(body: pb.AskBody, request: Request) -> pb.GapsView:
    """Who is not reached in time, the gravest first, with the nearest post and what is missing; changes nothing."""
    return _said(await _planner(request).gaps(body))


@router.post("/mend")
async def mend(body: pb.MendBody, request: Request) -> pb.MendView:
    """The standby point to add or to move that covers most of what is not covered; changes nothing."""
    return _said(await _planner(request).mend(body))


@router.post("/hours")
async def hours(body: pb.AskBody, request: Request) -> pb.HoursView:
    """Posts, past incidents and coverage by hour of the day; changes nothing."""
    return _said(await _planner(request).hours(body))


@router.get("/heat")
async def heat(request: Request, history: Annotated[str, Query(max_length=48)] = "log") -> pb.HeatView:
    """Where past incidents were, in cells by hour of the week; no incident by itself."""
    return _said(await _planner(request).heat(history))


@router.get("/report")
async def report(request: Request, days: Annotated[int, Query(ge=1, le=366)] = 28) -> pb.ReportView:
    """Response clocks of the last days by tier and by place: P50 and P90 of each leg against the target."""
    return await _planner(request).report(days)


@router.get("/plans")
async def plans(request: Request) -> list[pb.PlanHeadView]:
    """The plans that are kept, by title."""
    held = _planner(request).store.all(PLANS).items()
    views = [view for name, document in held if (view := _view(name, document)) is not None]
    return [
        pb.PlanHeadView(**{**dict(view), "posts": len(view.posts)})
        for view in sorted(views, key=lambda view: (view.title, view.plan))
    ]


@router.get("/plans/{plan}")
async def plan(plan: DocumentName, request: Request) -> pb.PlanView:
    """One plan with its posts."""
    document = _planner(request).store.get(PLANS, plan)
    view = None if document is None else _view(plan, document)
    if view is None:
        raise RefusedError(Refusal(Code.UNKNOWN_PLAN, plan))
    return view


@router.post("/plans/{plan}")
async def save_plan(plan: DocumentName, body: pb.SavePlanBody, request: Request) -> pb.PlanView:
    """Save a plan; refused where it was saved by somebody since ``version``. A copy is a save under a new name."""
    if len({post.post for post in body.posts}) != len(body.posts):
        raise RefusedError(Refusal(Code.BAD_REQUEST, "posts: two have the same id"))
    planner, principal = _planner(request), request.state.principal
    at_ms = station_of(request).clock.now_ms()

    def work() -> pb.PlanView | Refusal:
        """On planning's thread, where nobody else saves between the look and the writing."""
        before = planner.store.get(PLANS, plan)
        held = None if before is None else _view(plan, before)
        version = 0 if held is None else held.version  # one that somebody has damaged is as if it were not there
        if body.version != version:
            return Refusal(Code.PLAN_CHANGED, f"{plan} is at version {version}")
        if before is None and planner.store.full(PLANS):
            return Refusal(Code.PLANS_FULL)
        view = pb.PlanView(
            plan=plan,
            title=body.title,
            note=body.note,
            posts=body.posts,
            version=version + 1,
            author=principal.name,
            saved_at_ms=at_ms,
        )
        fits = planner.store.put(PLANS, plan, view.model_dump(mode="json"))
        return view if fits else Refusal(Code.PLANS_FULL)

    try:
        return _said(await planner.aside(work))
    except OSError as error:
        raise RefusedError(_disk(error)) from error


@router.delete("/plans/{plan}")
async def drop_plan(plan: DocumentName, request: Request) -> list[pb.PlanHeadView]:
    """Delete a plan; the list as it is then."""
    await _drop(request, PLANS, plan)
    return await plans(request)


@router.get("/histories")
async def histories(request: Request) -> list[pb.PastIncidentsView]:
    """The past incidents that planning may weigh by: those of the log, and imported ones."""
    return await _planner(request).histories.views()


@router.post("/histories/{history}")
async def keep_history(history: DocumentName, body: pb.HistoryBody, request: Request) -> pb.PastIncidentsView:
    """Import past incidents, where and when alone; a large file goes in parts, the later ones with ``at``."""
    try:
        return _said(await _planner(request).histories.keep(history, body))
    except OSError as error:
        raise RefusedError(_disk(error)) from error


@router.delete("/histories/{history}")
async def drop_history(history: DocumentName, request: Request) -> list[pb.PastIncidentsView]:
    """Delete an imported history; the list as it is then."""
    await _drop(request, HISTORIES, history)
    return await _planner(request).histories.views()


async def _drop(request: Request, kind: str, name: str) -> None:
    planner = _planner(request)
    try:
        if not await planner.aside(planner.store.drop, kind, name):
            raise RefusedError(Refusal(Code.UNKNOWN_PLAN, name))
    except OSError as error:
        raise RefusedError(_disk(error)) from error


def _view(name: str, document: Document) -> pb.PlanView | None:
    """A kept plan as a view; None for one that somebody has damaged."""
    try:
        return pb.PlanView.model_validate({**document, "plan": name})
    except ValidationError:
        return None


def _disk(error: OSError) -> Refusal:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return Refusal(Code.STORAGE_FULL if full else Code.LOG_AWAY, f"the planning folder: {error.strerror}")
