"""Who may come in, in memory: people, sessions, devices, trackers; written to their store before they count."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog

from dispatch.access.policy import Act, Principal, allowed
from dispatch.access.records import Account, Device, Invite, Session, Tracker, principal_of, tablet_of
from dispatch.access.refusals import Door, DoorRefusal
from dispatch.adapters.access_store import AccessStore, AuditRow, Record
from dispatch.service.ports import Clock

LOOK_EVERY_S: Final = 0.5
"""How often the file is looked at for what ``./run account`` wrote: a revocation must bite within 2 s."""

log = structlog.get_logger("access")


class Registry:
    """The records by kind. Whoever checks and then writes holds ``turn`` in between."""

    def __init__(self, store: AccessStore, clock: Clock) -> None:
        self.clock = clock
        self.turn = asyncio.Lock()
        self.seen: dict[str, int] = {}
        """When a device (by its id) or a tracker was last there, ms since the epoch; in memory alone."""

        self.changed = asyncio.Event()
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="access-writer")
        self._version = store.version()
        self._take(store.load())

    def _take(self, records: Sequence[Record]) -> None:
        self.accounts = {each.name: each for each in records if isinstance(each, Account)}
        self.sessions = {each.session: each for each in records if isinstance(each, Session)}
        self.devices = {each.device: each for each in records if isinstance(each, Device)}
        self.invites = {each.invite: each for each in records if isinstance(each, Invite)}
        self.trackers = {each.tracker: each for each in records if isinstance(each, Tracker)}

    async def save(self, *records: Record, gone: Sequence[Record] = ()) -> None:
        """Write durably, then let it count; call with ``turn`` held."""
        assert self.turn.locked(), "hold the turn while you check and write"
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store.put, records, gone)
        for record in gone:
            match record:
                case Account():
                    self.accounts.pop(record.name, None)
                case Session():
                    self.sessions.pop(record.session, None)
                case Device():
                    self.devices.pop(record.device, None)
                case Invite():
                    self.invites.pop(record.invite, None)
                case Tracker():
                    self.trackers.pop(record.tracker, None)
        for record in records:
            match record:
                case Account():
                    self.accounts[record.name] = record
                case Session():
                    self.sessions[record.session] = record
                case Device():
                    self.devices[record.device] = record
                case Invite():
                    self.invites[record.invite] = record
                case Tracker():
                    self.trackers[record.tracker] = record
        self.changed.set()

    async def note(self, who: str, what: str, about: str = "", address: str = "") -> None:
        """Put a security event on the audit and in the service's own log; never with a secret in it."""
        log.info("security", who=who, what=what, about=about, address=address)
        row = AuditRow(self.clock.now_ms(), who, what, about, address)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store.note, row)

    async def audit(self, limit: int) -> list[AuditRow]:
        """The latest rows of the audit."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._store.audit, limit)

    async def look(self) -> None:
        """Read the file again where another process has written it, and forget what is over."""
        loop = asyncio.get_running_loop()
        async with self.turn:
            version = await loop.run_in_executor(self._thread, self._store.version)
            if version != self._version:
                self._version = version
                self._take(await loop.run_in_executor(self._thread, self._store.load))
                self.changed.set()
            now_ms = self.clock.now_ms()
            over: list[Record] = [each for each in self.sessions.values() if each.over(now_ms)]
            over += [each for each in self.invites.values() if each.until_ms <= now_ms]
            if over:
                await self.save(gone=over)

    def close(self) -> None:
        """Release the store after what is under way."""
        self._thread.shutdown(wait=True)
        self._store.close()

    # ── who is who ────────────────────────────────────────────────────────────────────────────────────────

    def of_session(self, session: str) -> Principal | None:
        """Who a session is now, None where it is over, unknown, or its account or device is shut out."""
        found = self.sessions.get(session)
        if found is None:
            return None
        now_ms = self.clock.now_ms()
        if found.device is not None:
            device = self.devices.get(found.device)
            return None if device is None or found.over(now_ms) else tablet_of(device, found.session)
        account = self.accounts.get(found.account)
        return None if account is None else principal_of(account, found, now_ms)

    def still(self, principal: Principal, desk: str) -> DoorRefusal | None:
        """None while a connected principal may stay on a desk's stream, else why it must go."""
        if principal.device is not None:
            device = self.devices.get(principal.device)
            now = None if device is None else tablet_of(device)
            if now is None:
                return DoorRefusal(Door.DEVICE_REVOKED, principal.device)
            return allowed(now, Act.CARRY, desk=desk, team=principal.team)
        now = self.of_session(principal.session or "")
        return allowed(now, Act.READ_BOARD, desk=desk)
