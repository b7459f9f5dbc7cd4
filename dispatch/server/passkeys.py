"""Passkeys: made by who has just signed in, and then enough to sign in with; one is two factors by itself."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, Final, NamedTuple

from dispatch.access.policy import Principal, Stage
from dispatch.access.records import FRESH_MS, MINUTE_MS, Account, Passkey, Screen
from dispatch.access.refusals import Door, DoorRefusal
from dispatch.adapters import passkeys as webauthn
from dispatch.server.challenges import Challenges
from dispatch.server.people import People, SignedIn
from dispatch.server.registry import Registry

MAX_PASSKEYS: Final = 8
"""Passkeys of one account."""

ASKED_MS: Final = 2 * MINUTE_MS
"""How long a person may take to touch their authenticator."""


class Here(NamedTuple):
    """Where a browser is: its site for WebAuthn (None: it has none), and the origin of its page."""

    site: str | None
    origin: str


class Passkeys:
    """What is done with passkeys; answers with what came of it or with a DoorRefusal."""

    def __init__(self, registry: Registry, people: People) -> None:
        self._registry, self._people = registry, people
        self._challenges = Challenges(registry.clock, ASKED_MS)

    def _answered(self, answer: dict[str, Any], about: str) -> bytes | None:
        """The challenge that an answer names, where it is one for this and still holds."""
        challenge = webauthn.challenge_of(str(answer.get("response", {}).get("clientDataJSON", "")))
        return challenge if challenge is not None and self._challenges.holds(challenge, about) else None

    async def begin(
        self, principal: Principal, site: str | None, password: str, address: str
    ) -> dict[str, Any] | DoorRefusal:
        """What the browser is asked to make a passkey of ``site``; a first factor needs no password again."""
        account = await self._may_change(principal, password, address)
        if isinstance(account, DoorRefusal):
            return account
        if site is None:
            return DoorRefusal(Door.NO_PASSKEYS)
        if len(account.passkeys) >= MAX_PASSKEYS:
            return DoorRefusal(Door.NO_ROOM, f"{MAX_PASSKEYS} passkeys")
        handle = hashlib.sha256(f"{account.name} {account.made_ms}".encode()).digest()
        challenge = self._challenges.make(_about(site, principal.session))
        return webauthn.asks_new(site, account.name, handle, challenge, account.passkeys)

    async def _may_change(self, principal: Principal, password: str, address: str) -> Account | DoorRefusal:
        """The account whose factors this person may change: setting it up, or fresh from a sign-in and proven."""
        registry = self._registry
        account = registry.accounts.get(principal.name)
        session = registry.sessions.get(principal.session or "")
        if account is None or account.demo or session is None or session.device is not None:
            return DoorRefusal(Door.NOT_ALLOWED, "no second factor here")
        if principal.stage is Stage.PASSWORD_DUE:
            return DoorRefusal(Door.PASSWORD_DUE)
        if principal.stage is Stage.FACTOR_DUE:
            return account
        if registry.clock.now_ms() - session.opened_ms > FRESH_MS:
            return DoorRefusal(Door.SIGN_IN_AGAIN)
        return await self._people.proven(principal, password, address)

    async def confirm(
        self, principal: Principal, answer: dict[str, Any], here: Here, name: str, address: str
    ) -> DoorRefusal | None:
        """Keep the passkey that the browser made."""
        registry, (site, origin) = self._registry, here
        challenge = None if site is None else self._answered(answer, _about(site, principal.session))
        if site is None or challenge is None:
            return DoorRefusal(Door.BAD_PASSKEY, "challenge")
        made = webauthn.made(answer, challenge, site, origin, name=name, now_ms=registry.clock.now_ms())
        if made is None:
            return DoorRefusal(Door.BAD_PASSKEY)
        self._challenges.spend(challenge)
        async with registry.turn:
            account = registry.accounts.get(principal.name)
            if account is None or account.disabled or self._holder(made.passkey) is not None:
                return DoorRefusal(Door.BAD_PASSKEY)
            if len(account.passkeys) >= MAX_PASSKEYS:
                return DoorRefusal(Door.NO_ROOM, f"{MAX_PASSKEYS} passkeys")
            await registry.save(replace(account, passkeys=(*account.passkeys, made)))
        await registry.note(principal.name, "passkey_added", f"{name} of {site}", address)
        return None

    async def remove(self, principal: Principal, passkey: str, password: str, address: str) -> DoorRefusal | None:
        """Forget a passkey; the last factor of an account stays, an administrator resets it."""
        registry = self._registry
        proven = await self._may_change(principal, password, address)
        if isinstance(proven, DoorRefusal):
            return proven
        async with registry.turn:
            account = registry.accounts.get(principal.name)
            if account is None or passkey not in {each.passkey for each in account.passkeys}:
                return DoorRefusal(Door.BAD_PASSKEY)
            left = tuple(each for each in account.passkeys if each.passkey != passkey)
            if not left and account.factor is None:
                return DoorRefusal(Door.NOT_ALLOWED, "the last second factor: add another one first")
            await registry.save(replace(account, passkeys=left))
        await registry.note(principal.name, "passkey_removed", "", address)
        return None

    def held(self, principal: Principal) -> tuple[Passkey, ...]:
        """The passkeys of whoever is signed in."""
        account = self._registry.accounts.get(principal.name)
        return () if account is None or principal.device is not None else account.passkeys

    def begin_sign_in(self, site: str | None) -> dict[str, Any] | DoorRefusal:
        """What the browser is asked to sign in; it tells nothing about any account."""
        if site is None:
            return DoorRefusal(Door.NO_PASSKEYS)
        return webauthn.asks_known(site, self._challenges.make(_about(site, None)))

    def _holder(self, passkey: str) -> tuple[Account, Passkey] | None:
        for account in self._registry.accounts.values():
            for each in account.passkeys:
                if each.passkey == passkey:
                    return account, each
        return None

    async def sign_in(
        self, answer: dict[str, Any], origin: str, screen: Screen, address: str
    ) -> SignedIn | DoorRefusal:
        """Open a session for who answered with a passkey of theirs."""
        registry = self._registry
        async with registry.turn:
            holder = self._holder(str(answer.get("id", "")))
            challenge = None if holder is None else self._answered(answer, _about(holder[1].site, None))
            if challenge is None or holder is None or holder[0].disabled:
                count = None
            else:
                count = webauthn.counted(answer, challenge, holder[1], origin)
            if count is not None and challenge is not None and holder is not None:
                self._challenges.spend(challenge)
                account, used = holder
                keys = tuple(replace(each, count=count) if each is used else each for each in account.passkeys)
                opened = await self._people.open(replace(account, passkeys=keys), None, screen)
        if count is None or holder is None:
            await registry.note(
                holder[0].name if holder else "passkey", "sign_in_failed", Door.BAD_PASSKEY, address
            )
            return DoorRefusal(Door.BAD_PASSKEY)
        await registry.note(opened.account.name, "signed_in", f"{screen}, passkey", address)
        return opened


def _about(site: str, session: str | None) -> str:
    """What a challenge is for: a site, and the session that adds a passkey (None: a sign-in)."""
    return f"{site} {session or ''}"
