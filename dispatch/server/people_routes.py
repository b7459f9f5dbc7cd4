"""HTTP routes of people: one's own session, and accounts for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from dispatch.access.policy import GRANTS, Principal, Stage
from dispatch.access.records import IDLE_LOCK_MS, SESSION_MS
from dispatch.access.refusals import Door, DoorRefusal
from dispatch.server.access import Access
from dispatch.server.doors import Doors
from dispatch.server.people import SignedIn
from dispatch.server.problems import RefusedError
from dispatch.wire import access_bodies as ab
from dispatch.wire import bodies

router = APIRouter(
    prefix="/api", responses={code: {"model": bodies.Problem} for code in (401, 403, 404, 409, 410, 422, 429)}
)


def access_of(request: Request) -> Access:
    """The doors of this service."""
    access: Access = request.app.state.access
    return access


def who(request: Request) -> Principal:
    """Who asks; the gate has let nobody else through."""
    principal: Principal | None = request.state.principal
    if principal is None:
        raise RefusedError(DoorRefusal(Door.SIGN_IN))
    return principal


def set_cookie(request: Request, response: Response, token: str | None) -> None:
    """Give the browser its session, or with None take it away."""
    doors: Doors = request.app.state.doors
    if token is None:
        response.delete_cookie(doors.cookie, path="/", secure=doors.secure, httponly=True, samesite="strict")
    else:
        response.set_cookie(doors.cookie, token, path="/", secure=doors.secure, httponly=True, samesite="strict")


def _view(request: Request, principal: Principal | None) -> ab.SessionView:
    access = access_of(request)
    session = access.registry.sessions.get(principal.session or "") if principal else None
    may = sorted(GRANTS[principal.role]) if principal and principal.stage is Stage.READY else []
    return ab.SessionView(
        account=principal.name if principal else None,
        role=principal.role if principal else None,
        desks=sorted(principal.desks) if principal else [],
        stage=principal.stage if principal else None,
        locked=principal.locked if principal else False,
        team=principal.team if principal else None,
        demo=access.demo,
        idle_lock_ms=IDLE_LOCK_MS[session.screen] if session else 0,
        ends_at_ms=session.opened_ms + SESSION_MS if session else None,
        may=[str(act) for act in may],
    )


@router.get("/session")
async def session(request: Request) -> ab.SessionView:
    """Who is signed in here."""
    return _view(request, request.state.principal)


async def enter(request: Request, response: Response, opened: SignedIn | DoorRefusal) -> ab.SessionView:
    """Give a new session to the browser; the one before it ends."""
    if isinstance(opened, DoorRefusal):
        raise RefusedError(opened)
    before: Principal | None = request.state.principal
    if before is not None and before.session is not None:
        await access_of(request).people.sign_out(before)
    set_cookie(request, response, opened.token)
    return _view(request, access_of(request).by_cookie(opened.token))


@router.post("/session")
async def sign_in(body: ab.SignInBody, request: Request, response: Response) -> ab.SessionView:
    """Sign in; five wrong tries in 15 minutes make the next ones wait."""
    people = access_of(request).people
    opened = await people.sign_in(body.name, body.password, body.code, body.screen, request.state.address)
    return await enter(request, response, opened)


@router.post("/session/demo")
async def sign_in_demo(request: Request, response: Response) -> ab.SessionView:
    """Enter a demo; any other service refuses."""
    return await enter(request, response, await access_of(request).people.sign_in_demo(request.state.address))


@router.delete("/session")
async def sign_out(request: Request, response: Response) -> ab.SessionView:
    """End this session."""
    await access_of(request).people.sign_out(who(request))
    set_cookie(request, response, None)
    return _view(request, None)


@router.delete("/session/others")
async def sign_out_others(request: Request) -> ab.SessionView:
    """End every other session of this account."""
    await access_of(request).people.sign_out(who(request), others=True)
    return _view(request, who(request))


@router.post("/session/active")
async def active(request: Request) -> ab.SessionView:
    """Somebody touches this screen; the page says so at most once a minute."""
    await access_of(request).people.touch(who(request).session or "")
    return _view(request, who(request))


@router.post("/session/lock")
async def lock(request: Request) -> ab.SessionView:
    """Lock this screen: it goes on showing, and takes no orders."""
    await access_of(request).people.lock(who(request))
    return session_now(request)


def session_now(request: Request) -> ab.SessionView:
    """Who is signed in here, as it stands after a change."""
    return _view(request, access_of(request).registry.of_session(who(request).session or ""))


def _or_raise(refusal: DoorRefusal | None) -> None:
    if refusal is not None:
        raise RefusedError(refusal)


@router.post("/session/unlock")
async def unlock(body: ab.UnlockBody, request: Request) -> ab.SessionView:
    """Unlock this screen."""
    _or_raise(await access_of(request).people.unlock(who(request), body.password, request.state.address))
    return session_now(request)


@router.post("/session/password")
async def password(body: ab.PasswordBody, request: Request) -> ab.SessionView:
    """Take a new password; the account's other sessions end."""
    people = access_of(request).people
    _or_raise(await people.change_password(who(request), body.old, body.new, request.state.address))
    return session_now(request)


@router.post("/session/factor")
async def factor(request: Request) -> ab.FactorView:
    """Begin to set up a second factor."""
    begun = access_of(request).people.begin_factor(who(request))
    if isinstance(begun, DoorRefusal):
        raise RefusedError(begun)
    secret, address, svg = begun
    return ab.FactorView(secret=secret, address=address, svg=svg)


@router.post("/session/factor/confirm")
async def confirm_factor(body: ab.CodeBody, request: Request) -> ab.SessionView:
    """Keep the second factor, by its first code."""
    _or_raise(await access_of(request).people.confirm_factor(who(request), body.code, request.state.address))
    return session_now(request)


@router.get("/accounts")
async def accounts(request: Request) -> list[ab.AccountView]:
    """Every account, by name."""
    registry = access_of(request).registry
    held = [session.account for session in registry.sessions.values() if session.device is None]
    return [
        ab.AccountView(
            name=each.name,
            role=each.role,
            desks=list(each.desks),
            stage=each.stage,
            disabled=each.disabled,
            demo=each.demo,
            sessions=held.count(each.name),
            passkeys=len(each.passkeys),
            code=each.factor is not None,
        )
        for each in sorted(registry.accounts.values(), key=lambda each: each.name)
    ]


@router.post("/accounts", status_code=201)
async def add_account(body: ab.AccountBody, request: Request) -> ab.OneTimeView:
    """Make an account; its one-time password is told this once."""
    made = await access_of(request).people.add(body.name, body.role, body.desks, who(request))
    if isinstance(made, DoorRefusal):
        raise RefusedError(made)
    return ab.OneTimeView(name=body.name, one_time_password=made)


@router.post("/accounts/{name}/role", status_code=204)
async def change_account(name: str, body: ab.RoleBody, request: Request) -> None:
    """Give an account another role and other desks; it holds with its next request."""
    _or_raise(await access_of(request).people.change(name, body.role, body.desks, who(request)))


@router.post("/accounts/{name}/reset")
async def reset_account(name: str, request: Request) -> ab.OneTimeView:
    """Give an account a new one-time password and no second factor; its sessions end."""
    made = await access_of(request).people.reset(name, who(request))
    if isinstance(made, DoorRefusal):
        raise RefusedError(made)
    return ab.OneTimeView(name=name, one_time_password=made)


@router.post("/accounts/{name}/disabled", status_code=204)
async def disable_account(name: str, body: ab.DisabledBody, request: Request) -> None:
    """Shut an account out at once, or let it in again."""
    _or_raise(await access_of(request).people.disable(name, who(request), disabled=body.disabled))


@router.get("/audit")
async def audit(request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> list[ab.AuditView]:
    """The latest security events, the latest first."""
    rows = await access_of(request).registry.audit(limit)
    return [
        ab.AuditView(at_ms=row.at_ms, who=row.who, what=row.what, about=row.about, address=row.address)
        for row in rows
    ]
