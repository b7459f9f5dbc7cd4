"""HTTP routes of tablets: enrolling, confirming, revoking, tickets."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from dispatch.access.device_machine import DeviceTrigger
from dispatch.access.records import Device
from dispatch.access.refusals import DoorRefusal
from dispatch.adapters.codes import qr_svg
from dispatch.adapters.secrets_box import check_number
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import TeamId
from dispatch.server.asking import station_of
from dispatch.server.devices import Devices
from dispatch.server.people_routes import access_of, set_cookie, who
from dispatch.server.problems import RefusedError
from dispatch.server.station import Station
from dispatch.wire import access_bodies as ab
from dispatch.wire import bodies

router = APIRouter(
    prefix="/api/devices",
    responses={code: {"model": bodies.Problem} for code in (401, 403, 404, 409, 410, 422, 429)},
)


def _devices(request: Request) -> Devices:
    return access_of(request).devices


def _view(request: Request, device: Device) -> ab.DeviceView:
    station: Station = request.app.state.station
    return ab.DeviceView(
        device=device.device,
        team=device.team,
        name=device.name,
        status=device.status,
        check=check_number(device.key),
        enrolled_ms=device.enrolled_ms,
        connected=any(each.device == device.device for each in station.welcomed()),
        by=device.by,
        seen_ms=access_of(request).registry.seen.get(device.device),
        battery=station.board.battery(TeamId(device.team)),
    )


@router.get("")
async def devices(request: Request) -> list[ab.DeviceView]:
    """Every tablet, the latest enrolled first."""
    return [_view(request, each) for each in _devices(request).here()]


@router.get("/teams")
async def teams(request: Request) -> list[ab.TeamName]:
    """The teams that a tablet or a tracker can be of; nothing of what they do."""
    state = station_of(request).desk.state
    return [ab.TeamName(team=each.team, name=each.name, name_en=each.name_en) for each in state.teams.values()]


@router.post("/invites", status_code=201)
async def invite(body: ab.InviteBody, request: Request) -> ab.InviteView:
    """A one-use QR code for the next tablet of a team, good for ten minutes."""
    station: Station = request.app.state.station
    if TeamId(body.team) not in station.desk.state.teams:
        raise RefusedError(Refusal(Code.UNKNOWN_TEAM, body.team))
    made = await _devices(request).invite(body.team, who(request).name)
    if isinstance(made, DoorRefusal):
        raise RefusedError(made)
    secret, held = made
    url = f"{request.state.base}/enrol#{secret}"
    return ab.InviteView(team=held.team, url=url, svg=qr_svg(url), until_ms=held.until_ms)


@router.post("", status_code=201)
async def enrol(body: ab.EnrolBody, request: Request) -> ab.DeviceView:
    """Enrol this device by its code; a person confirms it then."""
    made = await _devices(request).enrol(body.secret, body.key, body.name, body.signature, request.state.address)
    if isinstance(made, DoorRefusal):
        raise RefusedError(made)
    return _view(request, made)


async def _move(device: str, trigger: DeviceTrigger, request: Request) -> ab.DeviceView:
    moved = await _devices(request).move(device, trigger, who(request).name)
    if isinstance(moved, DoorRefusal):
        raise RefusedError(moved)
    return _view(request, moved)


@router.post("/{device}/confirm")
async def confirm(device: str, request: Request) -> ab.DeviceView:
    """A person has compared the check number: the tablet may work."""
    return await _move(device, DeviceTrigger.CONFIRM, request)


@router.post("/{device}/revoke")
async def revoke(device: str, request: Request) -> ab.DeviceView:
    """Shut a tablet out; its connection ends within 2 s."""
    return await _move(device, DeviceTrigger.REVOKE, request)


@router.post("/{device}/challenge")
async def challenge(device: str, request: Request) -> ab.NonceView:
    """A challenge to sign within 30 s."""
    return ab.NonceView(nonce=_devices(request).challenge(device))


@router.post("/{device}/ticket")
async def ticket(device: str, body: ab.ProofBody, request: Request) -> ab.TicketView:
    """A ticket for one connection, for a signed challenge."""
    made = _devices(request).ticket(device, body.nonce, body.signature)
    if isinstance(made, DoorRefusal):
        raise RefusedError(made)
    return ab.TicketView(ticket=made[0], until_ms=made[1])


@router.post("/{device}/session", status_code=204)
async def session(device: str, body: ab.ProofBody, request: Request, response: Response) -> None:
    """A session cookie for the map and circles of a tablet, for a signed challenge."""
    made = await _devices(request).open_session(device, body.nonce, body.signature)
    if isinstance(made, DoorRefusal):
        raise RefusedError(made)
    set_cookie(request, response, made[0])


@router.post("/{device}/rotate")
async def rotate(device: str, body: ab.RotateBody, request: Request) -> ab.DeviceView:
    """Take a device's new key, signed by its old one."""
    moved = await _devices(request).rotate(device, body.nonce, body.key, body.signature)
    if isinstance(moved, DoorRefusal):
        raise RefusedError(moved)
    return _view(request, moved)
