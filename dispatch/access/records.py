"""What is kept about people, sessions and devices; no password, token, ticket or code is among it in the clear.

An account's TOTP secret is the one exception that RFC 6238 forces: it is kept readable, in a file of mode 0600.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dispatch.access.device_machine import DEVICE, DeviceStatus
from dispatch.access.policy import Principal, Role, Stage

MINUTE_MS: Final = 60_000
SESSION_MS: Final = 12 * 60 * MINUTE_MS
"""A session ends with the shift, however busy it is."""

INVITE_MS: Final = 10 * MINUTE_MS
ONE_TIME_MS: Final = 24 * 60 * MINUTE_MS
"""A one-time password that was not used for this long is worth nothing."""

TICKET_MS: Final = 30_000
FRESH_MS: Final = 5 * MINUTE_MS
"""How long after signing in one may add or remove a passkey, with the password again."""


class Screen(StrEnum):
    """The device class of a session: a desk in a guarded room, or what is carried around."""

    DESK = "desk"
    MOBILE = "mobile"


IDLE_LOCK_MS: Final[dict[Screen, int]] = {Screen.DESK: 15 * MINUTE_MS, Screen.MOBILE: 5 * MINUTE_MS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key that a person's authenticator made for the host name ``site`` (WebAuthn's RP id).

    ``passkey`` is the credential's id and ``key`` its public COSE key, both base64url; ``count`` is the signature
    count last seen, 0 where the authenticator keeps none.
    """

    passkey: str
    key: str
    count: int
    site: str
    name: str
    made_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person. ``one_time_until_ms`` is set while the password is one that was handed out.

    ``factor_step`` is the last TOTP step that was used: no code counts twice. A second factor is TOTP or a passkey.
    """

    name: str
    role: Role
    desks: tuple[str, ...]
    password: str
    made_ms: int
    one_time_until_ms: int | None = None
    factor: str | None = None
    factor_step: int = 0
    disabled: bool = False
    demo: bool = False
    passkeys: tuple[Passkey, ...] = ()

    @property
    def stage(self) -> Stage:
        """What this person must do first; a demo account nothing."""
        if self.demo:
            return Stage.READY
        if self.one_time_until_ms is not None:
            return Stage.PASSWORD_DUE
        return Stage.READY if self.factor is not None or self.passkeys else Stage.FACTOR_DUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in screen; ``session`` is the SHA-256 of the cookie's token, ``device`` the tablet that it is of."""

    session: str
    account: str
    screen: Screen
    opened_ms: int
    active_ms: int
    device: str | None = None

    def over(self, now_ms: int) -> bool:
        """Whether its time has passed."""
        return now_ms - self.opened_ms >= SESSION_MS

    def locked(self, now_ms: int) -> bool:
        """Whether nobody has touched it for the time of its screen; a tablet's session locks by the tablet."""
        return self.device is None and now_ms - self.active_ms >= IDLE_LOCK_MS[self.screen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A tablet of one team; ``key`` is its public P-256 key (DER SubjectPublicKeyInfo in base64)."""

    device: str
    team: str
    desk: str
    name: str
    key: str
    enrolled_ms: int
    status: DeviceStatus = DEVICE.first
    by: str = ""
    """Who moved it last."""

    @property
    def live(self) -> bool:
        """Whether it is not revoked."""
        return DEVICE.live(self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """A code that enrols one device once; ``invite`` is the SHA-256 of the secret in the QR code."""

    invite: str
    team: str
    by: str
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """A program that sends the positions of one team; ``token`` is the SHA-256 of what it shows."""

    tracker: str
    team: str
    desk: str
    name: str
    token: str
    made_ms: int
    by: str


def principal_of(account: Account, session: Session, now_ms: int) -> Principal | None:
    """Who a session is now: None where it is over or its account is disabled."""
    if account.disabled or session.over(now_ms):
        return None
    return Principal(
        name=account.name,
        role=account.role,
        desks=frozenset(account.desks),
        session=session.session,
        stage=account.stage,
        locked=session.locked(now_ms),
        demo=account.demo,
    )


def tablet_of(device: Device, session: str | None = None) -> Principal | None:
    """Who a device is now: its team's patrol, or None where it is not confirmed or was revoked."""
    if device.status is not DeviceStatus.CONFIRMED:
        return None
    return Principal(
        name=f"device/{device.device}",
        role=Role.PATROL,
        desks=frozenset({device.desk}),
        session=session,
        device=device.device,
        team=device.team,
    )


def carried_by(tracker: Tracker) -> Principal:
    """Who a tracker is: a program of its team."""
    return Principal(
        name=f"tracker/{tracker.tracker}",
        role=Role.TRACKER,
        desks=frozenset({tracker.desk}),
        team=tracker.team,
    )
