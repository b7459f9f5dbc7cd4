"""HTTP routes of passkeys: signing in with one, adding, listing, removing."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from dispatch.access.refusals import DoorRefusal
from dispatch.adapters.passkeys import site_of
from dispatch.server.passkeys import Here, Passkeys
from dispatch.server.people_routes import access_of, enter, session_now, who
from dispatch.server.problems import RefusedError
from dispatch.wire import access_bodies as ab
from dispatch.wire import bodies

router = APIRouter(
    prefix="/api/session", responses={code: {"model": bodies.Problem} for code in (401, 403, 409, 422, 429)}
)


def _passkeys(request: Request) -> Passkeys:
    return access_of(request).passkeys


def _here(request: Request) -> Here:
    """The site and origin of the page that asks."""
    scheme, host = str(request.state.base).split("://", 1)
    return Here(site_of(host, scheme), request.headers.get("origin", ""))


@router.post("/passkey")
async def begin_sign_in(request: Request) -> ab.PasskeyAsk:
    """What the browser is asked to sign in with a passkey."""
    asked = _passkeys(request).begin_sign_in(_here(request).site)
    if isinstance(asked, DoorRefusal):
        raise RefusedError(asked)
    return ab.PasskeyAsk(options=asked)


@router.post("/passkey/enter")
async def sign_in(body: ab.PasskeyEnterBody, request: Request, response: Response) -> ab.SessionView:
    """Sign in with a passkey; it asks for the person itself, so no password is needed beside it."""
    opened = await _passkeys(request).sign_in(
        body.answer.model_dump(exclude_none=True), _here(request).origin, body.screen, request.state.address
    )
    return await enter(request, response, opened)


@router.get("/passkeys")
async def passkeys(request: Request) -> ab.PasskeysView:
    """The passkeys of whoever is signed in, and whether this address can have any."""
    site = _here(request).site
    held = _passkeys(request).held(who(request))
    return ab.PasskeysView(
        site=site,
        passkeys=[
            ab.PasskeyView(passkey=each.passkey, name=each.name, site=each.site, made_ms=each.made_ms)
            for each in held
        ],
    )


@router.post("/passkeys")
async def begin(body: ab.UnlockBody, request: Request) -> ab.PasskeyAsk:
    """What the browser is asked to make a passkey; the password again, but while the first factor is set up."""
    asked = await _passkeys(request).begin(who(request), _here(request).site, body.password, request.state.address)
    if isinstance(asked, DoorRefusal):
        raise RefusedError(asked)
    return ab.PasskeyAsk(options=asked)


@router.post("/passkeys/confirm")
async def confirm(body: ab.PasskeyMadeBody, request: Request) -> ab.SessionView:
    """Keep the passkey that the browser made."""
    refusal = await _passkeys(request).confirm(
        who(request),
        body.answer.model_dump(exclude_none=True),
        _here(request),
        body.name,
        request.state.address,
    )
    if refusal is not None:
        raise RefusedError(refusal)
    return session_now(request)


@router.post("/passkeys/{passkey}/remove")
async def remove(passkey: str, body: ab.UnlockBody, request: Request) -> ab.SessionView:
    """Forget a passkey."""
    refusal = await _passkeys(request).remove(who(request), passkey, body.password, request.state.address)
    if refusal is not None:
        raise RefusedError(refusal)
    return session_now(request)
