"""Tablets: enrolled by a one-use code, proven by the key they made, confirmed by a person, out when revoked."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from dispatch.access.device_machine import DEVICE, DeviceStatus, DeviceTrigger
from dispatch.access.policy import Act, Principal, allowed
from dispatch.access.proofs import connect_message, enrol_message, rotate_message
from dispatch.access.records import INVITE_MS, TICKET_MS, Device, Invite, Screen, Session, tablet_of
from dispatch.access.refusals import Door, DoorRefusal
from dispatch.adapters import secrets_box as box
from dispatch.server.registry import Registry

MAX_DEVICES: Final = 20_000
MAX_INVITES: Final = 2_000
MAX_OPEN: Final = 50_000
"""Challenges, and tickets, that wait to be used; the oldest go first."""

NONCE_MS: Final = 30_000
MAX_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class _Held:
    device: str
    until_ms: int


class Devices:
    """What tablets and those who look after them may do; answers with what came of it or with a DoorRefusal."""

    def __init__(self, registry: Registry, desk: str) -> None:
        self._registry, self._desk = registry, desk
        self._nonces: OrderedDict[str, _Held] = OrderedDict()
        self._tickets: OrderedDict[str, _Held] = OrderedDict()

    async def invite(self, team: str, by: str) -> tuple[str, Invite] | DoorRefusal:
        """A one-use secret for the QR code of a team's next tablet, good for ten minutes."""
        registry = self._registry
        secret = box.new_token()
        async with registry.turn:
            if len(registry.invites) >= MAX_INVITES:
                return DoorRefusal(Door.NO_ROOM, f"{MAX_INVITES} codes")
            until_ms = registry.clock.now_ms() + INVITE_MS
            made = Invite(invite=box.digest_of(secret), team=team, by=by, until_ms=until_ms)
            await registry.save(made)
        await registry.note(by, "device_invited", team)
        return secret, made

    async def enrol(self, secret: str, key: str, name: str, signature: str, address: str) -> Device | DoorRefusal:
        """Take a device by its code and its key; it waits for a person then."""
        registry = self._registry
        if not box.proven(key, enrol_message(secret, key), signature):
            return DoorRefusal(Door.BAD_PROOF)
        async with registry.turn:
            invite = registry.invites.get(box.digest_of(secret))
            if invite is None or invite.until_ms <= registry.clock.now_ms():
                await registry.note("device", "bad_invite", "", address)
                return DoorRefusal(Door.BAD_INVITE)
            if len(registry.devices) >= MAX_DEVICES:
                return DoorRefusal(Door.NO_ROOM, f"{MAX_DEVICES} devices")
            device = Device(
                device=box.new_id(),
                team=invite.team,
                desk=self._desk,
                name=name[:MAX_NAME],
                key=key,
                enrolled_ms=registry.clock.now_ms(),
                by=invite.by,
            )
            await registry.save(device, gone=[invite])
        await registry.note(f"device/{device.device}", "device_enrolled", device.team, address)
        return device

    def here(self) -> list[Device]:
        """The tablets of this desk, the latest enrolled first."""
        held = [each for each in self._registry.devices.values() if each.desk == self._desk]
        return sorted(held, key=lambda each: -each.enrolled_ms)

    async def move(self, device: str, trigger: DeviceTrigger, by: str) -> Device | DoorRefusal:
        """Confirm or revoke a device; a revoked one loses its sessions, tickets and sockets."""
        registry = self._registry
        async with registry.turn:
            if (held := registry.devices.get(device)) is None or held.desk != self._desk:
                return DoorRefusal(Door.UNKNOWN_DEVICE, device)
            if (status := DEVICE.next(held.status, trigger)) is None:
                code = (
                    Door.DEVICE_UNCONFIRMED
                    if held.live and trigger is DeviceTrigger.ROTATE
                    else Door.DEVICE_REVOKED
                )
                return held if held.live and trigger is DeviceTrigger.CONFIRM else DoorRefusal(code, device)
            moved = replace(held, status=status, by=by)
            over = [] if DEVICE.live(status) else [s for s in registry.sessions.values() if s.device == device]
            await registry.save(moved, gone=over)
        await registry.note(by, f"device_{status}", f"{device} of {moved.team}")
        return moved

    def challenge(self, device: str) -> str:
        """A nonce to be signed within 30 s; an unknown device gets one too, and learns nothing."""
        nonce = box.new_token()
        _keep(self._nonces, nonce, _Held(device, self._registry.clock.now_ms() + NONCE_MS))
        return nonce

    def _proof(self, device: str, nonce: str, message: bytes, signature: str) -> Device | DoorRefusal:
        """The confirmed device that signed the challenge; a challenge is used up by a try."""
        asked = self._nonces.pop(nonce, None)
        if asked is None or asked.device != device or asked.until_ms <= self._registry.clock.now_ms():
            return DoorRefusal(Door.BAD_PROOF, "challenge")
        held = self._registry.devices.get(device)
        if held is None or not box.proven(held.key, message, signature):
            return DoorRefusal(Door.BAD_PROOF)
        if held.status is DeviceStatus.PENDING:
            return DoorRefusal(Door.DEVICE_UNCONFIRMED, box.check_number(held.key))
        return held if held.live else DoorRefusal(Door.DEVICE_REVOKED, device)

    def ticket(self, device: str, nonce: str, signature: str) -> tuple[str, int] | DoorRefusal:
        """A ticket for one connection within 30 s, and until when it is good."""
        held = self._proof(device, nonce, connect_message(device, nonce), signature)
        if isinstance(held, DoorRefusal):
            return held
        ticket, until_ms = box.new_token(), self._registry.clock.now_ms() + TICKET_MS
        _keep(self._tickets, box.digest_of(ticket), _Held(device, until_ms))
        return ticket, until_ms

    async def open_session(self, device: str, nonce: str, signature: str) -> tuple[str, Session] | DoorRefusal:
        """A session for the HTTP side of a tablet: map and circles, as the patrol of its team."""
        held = self._proof(device, nonce, connect_message(device, nonce), signature)
        if isinstance(held, DoorRefusal):
            return held
        registry, token = self._registry, box.new_token()
        now_ms = registry.clock.now_ms()
        session = Session(
            session=box.digest_of(token),
            account="",
            screen=Screen.MOBILE,
            opened_ms=now_ms,
            active_ms=now_ms,
            device=device,
        )
        async with registry.turn:
            older = [each for each in registry.sessions.values() if each.device == device]
            await registry.save(session, gone=older)
        return token, session

    async def rotate(self, device: str, nonce: str, key: str, signature: str) -> Device | DoorRefusal:
        """Give a device a new key, by a signature of the old one."""
        try:
            box.load_public(key)
        except box.KeyFormatError as error:
            return DoorRefusal(Door.BAD_PROOF, str(error))
        held = self._proof(device, nonce, rotate_message(device, nonce, key), signature)
        if isinstance(held, DoorRefusal):
            return held
        registry = self._registry
        async with registry.turn:
            now = registry.devices[device]
            status = DEVICE.next(now.status, DeviceTrigger.ROTATE)
            if status is None or now.key != held.key:
                return DoorRefusal(Door.BAD_PROOF)
            moved = replace(now, key=key, status=status)
            await registry.save(moved)
        await registry.note(f"device/{device}", "device_key_rotated", moved.team)
        return moved

    def redeem(self, ticket: str | None, device: str, team: str) -> Principal | DoorRefusal:
        """Who a ticket lets in as ``device`` of ``team``; used up by the first try."""
        held = self._tickets.pop(box.digest_of(ticket or ""), None)
        if held is None or held.device != device or held.until_ms <= self._registry.clock.now_ms():
            return DoorRefusal(Door.BAD_TICKET)
        known = self._registry.devices.get(device)
        tablet = None if known is None else tablet_of(known)
        if tablet is None:
            return DoorRefusal(Door.DEVICE_REVOKED, device)
        return allowed(tablet, Act.CARRY, desk=self._desk, team=team) or tablet


def _keep(held: OrderedDict[str, _Held], name: str, value: _Held) -> None:
    held[name] = value
    while len(held) > MAX_OPEN:
        held.popitem(last=False)
