"""The one policy: which role may do what, asked by HTTP, push, snapshot and export alike.

Separation of duties: the administrator keeps accounts and devices and cannot read incidents; the auditor reads
everything and changes nothing; nobody else reads the audit; the planner sees numbers and places, no incident.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dispatch.access.refusals import Door, DoorRefusal


class Role(StrEnum):
    """What somebody is here; ``monitor`` is a program that reads metrics, ``tracker`` one that sends positions."""

    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    PATROL = "patrol"
    PLANNER = "planner"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    MONITOR = "monitor"
    TRACKER = "tracker"


class Act(StrEnum):
    """What can be done."""

    OPEN = "open"  # by anybody: the page, signing in, a device's own proofs
    OWN_SESSION = "own_session"  # by whoever is signed in, at any stage
    READ_GROUND = "read_ground"
    READ_BOARD = "read_board"  # incidents, orders, teams, positions: also the console's push stream
    REPORT = "report"
    COMMAND = "command"
    MANAGE_TEAMS = "manage_teams"
    CARRY = "carry"  # the push stream and the answers of one's own team
    TRACK = "track"  # positions of one's own team, by a program with a token
    READ_PLANNING = "read_planning"  # coverage, plans, heat, reports: no text of an incident
    PLAN = "plan"
    EXPORT = "export"
    READ_DEVICES = "read_devices"
    INVITE_DEVICES = "invite_devices"
    CONFIRM_DEVICES = "confirm_devices"
    REVOKE_DEVICES = "revoke_devices"
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_AUDIT = "read_audit"
    READ_METRICS = "read_metrics"


WRITES: Final = frozenset(
    {
        Act.REPORT,
        Act.COMMAND,
        Act.MANAGE_TEAMS,
        Act.PLAN,
        Act.EXPORT,
        Act.INVITE_DEVICES,
        Act.CONFIRM_DEVICES,
        Act.REVOKE_DEVICES,
        Act.MANAGE_ACCOUNTS,
    }
)
"""What a locked screen may not do; an export takes data away, so it counts."""

_DESK: Final = frozenset({Act.READ_GROUND, Act.READ_BOARD, Act.REPORT, Act.COMMAND, Act.READ_DEVICES})

GRANTS: Final[dict[Role, frozenset[Act]]] = {
    Role.DISPATCHER: _DESK,
    Role.SUPERVISOR: _DESK
    | {
        Act.MANAGE_TEAMS,
        Act.READ_PLANNING,
        Act.PLAN,
        Act.EXPORT,
        Act.INVITE_DEVICES,
        Act.CONFIRM_DEVICES,
        Act.REVOKE_DEVICES,
    },
    Role.PATROL: frozenset({Act.READ_GROUND, Act.CARRY}),
    Role.PLANNER: frozenset({Act.READ_GROUND, Act.READ_PLANNING, Act.PLAN, Act.EXPORT}),
    Role.AUDITOR: frozenset(
        {
            Act.READ_GROUND,
            Act.READ_BOARD,
            Act.READ_PLANNING,
            Act.READ_DEVICES,
            Act.READ_AUDIT,
            Act.READ_METRICS,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Act.READ_GROUND,
            Act.MANAGE_ACCOUNTS,
            Act.READ_DEVICES,
            Act.INVITE_DEVICES,
            Act.REVOKE_DEVICES,
            Act.READ_METRICS,
        }
    ),
    Role.MONITOR: frozenset({Act.READ_METRICS}),
    Role.TRACKER: frozenset({Act.TRACK}),
}
"""The whole policy. A tablet that an administrator invited is confirmed by a supervisor: two people, not one."""

EVERY_DESK: Final = "*"


class Stage(StrEnum):
    """How far somebody has come: only ``ready`` may do more than see to their own session."""

    PASSWORD_DUE = "password_due"
    FACTOR_DUE = "factor_due"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody at the door, known: an account by its session, a device by its ticket, a program by its token.

    ``desks`` are the desks whose rows may be seen (``*``: all); ``team`` is the one team of a tablet or a tracker.
    """

    name: str
    role: Role
    desks: frozenset[str]
    session: str | None = None
    device: str | None = None
    team: str | None = None
    stage: Stage = Stage.READY
    locked: bool = False
    demo: bool = False


def may_give(giver: Principal, desks: Collection[str]) -> DoorRefusal | None:
    """None where an administrator may make or change somebody of these desks: only who has them all gives them."""
    if EVERY_DESK in giver.desks or (EVERY_DESK not in desks and set(desks) <= giver.desks):
        return None
    return DoorRefusal(Door.NOT_ALLOWED, f"desks {', '.join(sorted(desks))}")


_DUE: Final = {Stage.PASSWORD_DUE: Door.PASSWORD_DUE, Stage.FACTOR_DUE: Door.FACTOR_DUE}


def allowed(
    principal: Principal | None, act: Act, *, desk: str | None = None, team: str | None = None
) -> DoorRefusal | None:
    """None where ``principal`` (None: nobody) may do ``act`` on rows of ``desk`` and ``team``, else why not.

    Without ``desk``, or for TRACK without ``team``, the answer is of some rows: whoever then has them asks again.

    Law: more is never allowed to a locked screen, to an earlier stage, or to nobody than to the same person ready.
    """
    if act is Act.OPEN:
        return None
    if principal is None:
        return DoorRefusal(Door.SIGN_IN)
    if act is Act.OWN_SESSION:
        return None if principal.session is not None else DoorRefusal(Door.NOT_ALLOWED, f"{principal.role}")
    if principal.stage in _DUE:
        return DoorRefusal(_DUE[principal.stage])
    if act not in GRANTS[principal.role]:
        return DoorRefusal(Door.NOT_ALLOWED, f"{principal.role}: {act}")
    if desk is not None and not {desk, EVERY_DESK} & principal.desks:
        return DoorRefusal(Door.NOT_ALLOWED, f"desk {desk}")
    if act is Act.CARRY and (principal.team is None or team != principal.team):
        return DoorRefusal(Door.NOT_ALLOWED, f"team {team}")
    if act is Act.TRACK and (principal.team is None or team not in (None, principal.team)):
        return DoorRefusal(Door.NOT_ALLOWED, f"team {team}")
    if principal.locked and act in WRITES:
        return DoorRefusal(Door.LOCKED)
    return None
