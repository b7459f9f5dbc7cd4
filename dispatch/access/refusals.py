"""Every "no" of the doors: rows 5xx of the one numbered table, kept beside the policy that says them.

The desk's rows are in ``dispatch/domain/refusals.py``; a test keeps codes and numbers of both apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dispatch.domain.refusals import Row


class Door(StrEnum):
    """The machine-readable name of a refusal at the door."""

    SIGN_IN = "sign_in"
    WRONG_SECRET = "wrong_secret"
    CODE_NEEDED = "code_needed"
    SLOW_DOWN = "slow_down"
    TOO_MANY = "too_many"
    NOT_ALLOWED = "not_allowed"
    LOCKED = "locked"
    PASSWORD_DUE = "password_due"
    FACTOR_DUE = "factor_due"
    FOREIGN_HOST = "foreign_host"
    FOREIGN_ORIGIN = "foreign_origin"
    BAD_TICKET = "bad_ticket"
    DEVICE_REVOKED = "device_revoked"
    DEVICE_UNCONFIRMED = "device_unconfirmed"
    BAD_INVITE = "bad_invite"
    BAD_PROOF = "bad_proof"
    WEAK_PASSWORD = "weak_password"
    UNKNOWN_ACCOUNT = "unknown_account"
    ACCOUNT_EXISTS = "account_exists"
    UNKNOWN_DEVICE = "unknown_device"
    ONLY_DEMO = "only_demo"
    NO_ROOM = "no_room"
    LAST_ADMINISTRATOR = "last_administrator"
    ADDRESS_TOO_LONG = "address_too_long"
    WRONG_METHOD = "wrong_method"
    HEADERS_TOO_LARGE = "headers_too_large"
    UNKNOWN_TRACKER = "unknown_tracker"
    BAD_PASSKEY = "bad_passkey"
    NO_PASSKEYS = "no_passkeys"
    SIGN_IN_AGAIN = "sign_in_again"


DOOR_TABLE: Final[dict[Door, Row]] = {
    Door.SIGN_IN: Row(501, "nobody is signed in", "sign in first", 401, 4501, reconnect=False),
    Door.WRONG_SECRET: Row(502, "name, password or code is wrong", "try again; an administrator can reset it", 401),
    Door.CODE_NEEDED: Row(503, "the second factor is needed", "add the six digits of your authenticator", 401),
    Door.SLOW_DOWN: Row(504, "too many wrong tries", "wait as long as the message says, then try again", 429),
    Door.TOO_MANY: Row(
        505, "too many requests", "wait a second, then try again", 429, 4505, reconnect=True, settled=False
    ),
    Door.NOT_ALLOWED: Row(506, "your role may not do this", "ask an administrator", 403, 4506, reconnect=False),
    Door.LOCKED: Row(507, "the screen is locked", "unlock it with your password", 423),
    Door.PASSWORD_DUE: Row(
        508, "a new password is due", "choose your own password first", 403, 4508, reconnect=False
    ),
    Door.FACTOR_DUE: Row(
        509, "a second factor is due", "set up your authenticator first", 403, 4509, reconnect=False
    ),
    Door.FOREIGN_HOST: Row(510, "this is no name of this service", "add it with --allow-host", 421),
    Door.FOREIGN_ORIGIN: Row(
        511, "another site may not use this service", "open the service's own page", 403, 4511, reconnect=False
    ),
    Door.BAD_TICKET: Row(
        512, "the ticket is unknown, used or too old", "ask for a new ticket and connect within 30 s", 401, 4512
    ),
    Door.DEVICE_REVOKED: Row(
        513, "this tablet was revoked", "enrol it anew with a new code", 403, 4513, reconnect=False
    ),
    Door.DEVICE_UNCONFIRMED: Row(
        514, "nobody has confirmed this tablet yet", "compare the check number and confirm it", 403, 4514
    ),
    Door.BAD_INVITE: Row(515, "the code is unknown, used or too old", "ask for a new QR code", 410),
    Door.BAD_PROOF: Row(516, "the signature does not fit", "sign a new challenge with the device's key", 401),
    Door.WEAK_PASSWORD: Row(517, "this password is too easy", "take a longer one that nobody guesses", 422),
    Door.UNKNOWN_ACCOUNT: Row(518, "no account has this name", "GET /api/accounts lists them", 404),
    Door.ACCOUNT_EXISTS: Row(519, "an account has this name", "choose another name", 409),
    Door.UNKNOWN_DEVICE: Row(520, "no device has this id", "GET /api/devices lists them", 404),
    Door.ONLY_DEMO: Row(521, "only a demo is entered without a password", "sign in", 403),
    Door.NO_ROOM: Row(522, "no more of these can be kept", "remove what is no longer needed", 409),
    Door.LAST_ADMINISTRATOR: Row(523, "nobody else is administrator", "make another administrator first", 409),
    Door.ADDRESS_TOO_LONG: Row(524, "the address is too long", "send less in it", 414),
    Door.WRONG_METHOD: Row(525, "this address knows no such method", "see /openapi.json", 405),
    Door.HEADERS_TOO_LARGE: Row(526, "the headers are too large", "send fewer and shorter ones", 431),
    Door.UNKNOWN_TRACKER: Row(527, "no tracker has this id", "GET /api/trackers lists them", 404),
    Door.BAD_PASSKEY: Row(
        531,
        "this passkey is not known here or its answer does not fit",
        "try again, or sign in with password and code",
        401,
    ),
    Door.NO_PASSKEYS: Row(
        532, "passkeys do not work at this address", "open the service by a host name over TLS, or use a code", 409
    ),
    Door.SIGN_IN_AGAIN: Row(
        533, "this needs a sign-in of the last minutes", "sign out, sign in, and do it at once", 403
    ),
}


@dataclass(frozen=True, slots=True)
class DoorRefusal:
    """A "no" at the door as a value; it reads like ``dispatch.domain.refusals.Refusal``.

    ``wait_ms`` is how long to wait before the next try, 0 where waiting changes nothing.
    """

    code: Door
    about: str = ""
    wait_ms: int = 0

    @property
    def row(self) -> Row:
        """The row of the table that explains this refusal."""
        return DOOR_TABLE[self.code]

    def sentence(self) -> str:
        """What is wrong and what to do, for a person."""
        about = f" ({self.about})" if self.about else ""
        return f"{self.row.meaning}{about}: {self.row.hint}"
