"""People of the tests: an account a role with a real password and a real second factor, who sign in for real."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dispatch.access.policy import EVERY_DESK, Role
from dispatch.access.records import Account
from dispatch.access.totp import secret_of
from dispatch.adapters.access_store import SqliteAccessStore
from dispatch.adapters.secrets_box import hash_password
from dispatch.sim.person import sign_in
from dispatch.sim.reporter import Reporter

PASSWORD = "seventeen lanterns by the river"
ROLES = [role for role in Role if role not in (Role.MONITOR, Role.TRACKER)]


@cache
def _hash() -> str:
    return hash_password(PASSWORD)


def secret(role: Role) -> str:
    """The second factor of a role's account."""
    return secret_of(role.value.encode().ljust(20, b"."))


def make_accounts(data: Path) -> None:
    """Write the accounts into a data folder, before its service starts."""
    store = SqliteAccessStore(data / "access.sqlite")
    store.put(
        [
            Account(
                name=role.value,
                role=role,
                desks=(EVERY_DESK,),
                password=_hash(),
                made_ms=0,
                factor=secret(role),
            )
            for role in ROLES
        ]
    )
    store.close()


def person(base: str, role: Role = Role.SUPERVISOR) -> Reporter:
    """Somebody who has just signed in with password and second factor; once a role and 30 s."""
    made = Reporter(base)
    sign_in(made, role.value, PASSWORD, secret(role))
    return made
