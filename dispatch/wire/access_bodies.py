"""The bodies of the doors: sessions, accounts, devices; strict and closed, a limit on every text and list."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from dispatch.access.device_machine import DeviceStatus
from dispatch.access.policy import Role, Stage
from dispatch.access.records import Screen
from dispatch.wire.bodies import Body
from dispatch.wire.frames import Name

AccountName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$")]
Password = Annotated[str, Field(min_length=1, max_length=128)]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Token = Annotated[str, Field(min_length=20, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Key = Annotated[str, Field(min_length=80, max_length=200, pattern=r"^[A-Za-z0-9+/=]+$")]
Signature = Annotated[str, Field(min_length=80, max_length=100, pattern=r"^[A-Za-z0-9+/=]+$")]
Desks = Annotated[list[Name], Field(max_length=32)]


class SignInBody(Body):
    """Name and password, the second factor's code where it is set up, and what kind of screen this is."""

    name: AccountName
    password: Password
    code: Code | None = None
    screen: Screen = Screen.DESK


class SessionView(Body):
    """Who is signed in here: nobody where ``account`` is null. ``demo`` says that a demo may be entered freely."""

    account: str | None
    role: Role | None
    desks: list[str]
    stage: Stage | None
    locked: bool
    team: str | None
    demo: bool
    idle_lock_ms: int
    ends_at_ms: int | None
    may: list[str]


class UnlockBody(Body):
    """The password of whoever is signed in; a demo's needs none."""

    password: Annotated[str, Field(max_length=128)] = ""


class PasswordBody(Body):
    """A new password in place of the old one."""

    old: Password
    new: Password


class FactorView(Body):
    """A second factor that is being set up: for the authenticator as text, as address, and as QR code (SVG)."""

    secret: str
    address: str
    svg: str


class CodeBody(Body):
    """Six digits of an authenticator."""

    code: Code


Encoded = Annotated[str, Field(max_length=16_384, pattern=r"^[A-Za-z0-9_-]*$")]
"""Bytes in base64url without padding, as WebAuthn's JSON has them."""


class PasskeyAsk(Body):
    """What the browser is asked: the JSON of ``parseCreationOptionsFromJSON``, or of its sister for requests."""

    options: dict[str, Any]


class Attested(Body):
    """An authenticator's answer to a creation."""

    clientDataJSON: Encoded  # noqa: N815 (WebAuthn's own name)
    attestationObject: Encoded  # noqa: N815


class Asserted(Body):
    """An authenticator's answer to a sign-in."""

    clientDataJSON: Encoded  # noqa: N815
    authenticatorData: Encoded  # noqa: N815
    signature: Encoded
    userHandle: Encoded | None = None  # noqa: N815


class MadeAnswer(Body):
    """RegistrationResponseJSON of WebAuthn level 3, as far as it is looked at."""

    id: Encoded
    rawId: Encoded  # noqa: N815
    type: Literal["public-key"]
    response: Attested


class EnterAnswer(Body):
    """AuthenticationResponseJSON of WebAuthn level 3, as far as it is looked at."""

    id: Encoded
    rawId: Encoded  # noqa: N815
    type: Literal["public-key"]
    response: Asserted


class PasskeyMadeBody(Body):
    """A passkey that the browser made, and what to call it."""

    answer: MadeAnswer
    name: Name = "passkey"


class PasskeyEnterBody(Body):
    """A passkey's answer to a sign-in, and what kind of screen this is."""

    answer: EnterAnswer
    screen: Screen = Screen.DESK


class PasskeyView(Body):
    """A passkey of one's own."""

    passkey: str
    name: str
    site: str
    made_ms: int


class PasskeysView(Body):
    """One's own passkeys; ``site`` is the host name that new ones are for, null where there can be none."""

    site: str | None
    passkeys: list[PasskeyView]


class AccountBody(Body):
    """A new account; without desks it is for all."""

    name: AccountName
    role: Role
    desks: Desks = Field(default_factory=list)


class RoleBody(Body):
    """Another role and other desks of an account; ``*`` is every desk."""

    role: Role
    desks: Annotated[list[Name], Field(min_length=1, max_length=32)]


class AccountView(Body):
    """An account as administrators see it; ``code``: an authenticator's digits are its second factor."""

    name: str
    role: Role
    desks: list[str]
    stage: Stage
    disabled: bool
    demo: bool
    sessions: int
    passkeys: int
    code: bool


class OneTimeView(Body):
    """A password that is told once and works once."""

    name: str
    one_time_password: str


class DisabledBody(Body):
    """Whether the account is shut out."""

    disabled: bool


class TeamName(Body):
    """A team by its id and its names."""

    team: str
    name: str
    name_en: str


class InviteBody(Body):
    """For which team a tablet is to be enrolled."""

    team: Name


class InviteView(Body):
    """A one-use code: ``url`` has its secret in the fragment, which no browser sends; ``svg`` draws it."""

    team: str
    url: str
    svg: str
    until_ms: int


class EnrolBody(Body):
    """A device's answer to its code: the public P-256 key that it made, and its signature of both."""

    secret: Token
    key: Key
    signature: Signature
    name: Name = "tablet"


class DeviceView(Body):
    """A device; ``check`` is the number that a person compares before confirming.

    ``seen_ms`` is when it was last connected, null where not since the service started; ``battery`` is the
    percentage that its team's latest fix named, null where none did.
    """

    device: str
    team: str
    name: str
    status: DeviceStatus
    check: str
    enrolled_ms: int
    connected: bool
    by: str
    seen_ms: int | None
    battery: float | None


class TrackerBody(Body):
    """Of which team a program is to send the positions, and what to call it."""

    team: Name
    name: Name = "tracker"


class TrackerView(Body):
    """A tracker; its token is never told again. ``seen_ms`` and ``battery`` are as a device's."""

    tracker: str
    team: str
    name: str
    made_ms: int
    by: str
    seen_ms: int | None
    battery: float | None


class TrackerTokenView(Body):
    """A token that is told once: the password of HTTP Basic with any user name, or a Bearer token."""

    tracker: str
    team: str
    token: str


class NonceView(Body):
    """A challenge to sign within 30 s."""

    nonce: str


class ProofBody(Body):
    """A signed challenge."""

    nonce: Token
    signature: Signature


class RotateBody(Body):
    """A new public key, signed by the old one together with the challenge."""

    nonce: Token
    key: Key
    signature: Signature


class TicketView(Body):
    """A ticket for one connection."""

    ticket: str
    until_ms: int


class AuditView(Body):
    """One security event."""

    at_ms: int
    who: str
    what: str
    about: str
    address: str


class Alive(Body):
    """All that a stranger is told: whether the service answers and takes new facts."""

    status: str
