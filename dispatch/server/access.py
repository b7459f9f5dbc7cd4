"""The doors' own life: people, devices, programs with a token, and what they are asked on each request."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final, Protocol

from dispatch.access.policy import EVERY_DESK, Act, Principal, Role, allowed
from dispatch.access.refusals import DoorRefusal
from dispatch.adapters.access_store import AccessStore
from dispatch.adapters.secrets_box import digest_of, same
from dispatch.server.devices import Devices
from dispatch.server.passkeys import Passkeys
from dispatch.server.people import People
from dispatch.server.registry import LOOK_EVERY_S, Registry
from dispatch.server.trackers import Trackers
from dispatch.service.ports import Clock
from dispatch.wire.frames import Hello

DESK: Final = "main"
"""The name of the one desk that a service has today; rows are asked for by it."""


class Admission(Protocol):
    """Who may speak on a push connection; asked at its hello, and again while it lasts."""

    def admit(self, hello: Hello) -> Principal | DoorRefusal:
        """Who says this hello, or why it may not."""
        ...

    def still(self, principal: Principal) -> DoorRefusal | None:
        """None while the principal may stay, else why it must go."""
        ...


class Access:
    """One service's doors, built on a store of records.

    ``monitor`` is the token of what reads the metrics; ``words`` are names of this service and its place, of which
    no password may be made.
    """

    def __init__(
        self,
        store: AccessStore,
        clock: Clock,
        *,
        desk: str = DESK,
        monitor: str | None = None,
        words: Sequence[str] = (),
    ) -> None:
        self.desk = desk
        self.registry = Registry(store, clock)
        self.people = People(self.registry, words)
        self.passkeys = Passkeys(self.registry, self.people)
        self.devices = Devices(self.registry, desk)
        self.trackers = Trackers(self.registry, desk)
        self._monitor = None if monitor is None else digest_of(monitor)

    @property
    def demo(self) -> bool:
        """Whether anybody may enter without a password."""
        return any(account.demo and not account.disabled for account in self.registry.accounts.values())

    def by_cookie(self, token: str) -> Principal | None:
        """Who a session cookie is."""
        return self.registry.of_session(digest_of(token))

    def by_bearer(self, token: str) -> Principal | None:
        """Who a token of an Authorization header is: the monitor, a tracker, or nobody."""
        if self._monitor is None or not same(digest_of(token), self._monitor):
            return self.trackers.by_token(token)
        return Principal(name="monitor", role=Role.MONITOR, desks=frozenset({EVERY_DESK}))

    def by_password(self, password: str) -> Principal | None:
        """Who the password of HTTP Basic is: a tracker or nobody; its user name is not looked at."""
        return self.trackers.by_token(password)

    def admission(self, principal: Principal | None) -> Admission:
        """The admission of one connection, whose handshake came with ``principal``'s cookie (None: with none)."""
        return _Door(self, principal)

    async def keep_looking(self) -> None:
        """Notice what another process writes and forget what is over, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            with contextlib.suppress(OSError):
                await self.registry.look()

    def close(self) -> None:
        """Release the store."""
        self.people.close()
        self.registry.close()


class _Door:
    def __init__(self, access: Access, principal: Principal | None) -> None:
        self._access, self._principal = access, principal

    def admit(self, hello: Hello) -> Principal | DoorRefusal:
        """A console by its session, a tablet by its ticket."""
        if hello.role == "tablet":
            return self._access.devices.redeem(hello.ticket, hello.device, hello.team or "")
        refusal = allowed(self._principal, Act.READ_BOARD, desk=self._access.desk)
        if refusal is not None:
            return refusal
        assert self._principal is not None
        return self._principal

    def still(self, principal: Principal) -> DoorRefusal | None:
        """As it stands now."""
        return self._access.registry.still(principal, self._access.desk)
