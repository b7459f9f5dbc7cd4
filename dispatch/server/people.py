"""Accounts and their sessions: signing in, the second factor, locking, and what an administrator does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from dispatch.access import totp
from dispatch.access.passwords import too_easy
from dispatch.access.policy import EVERY_DESK, Principal, Role, may_give
from dispatch.access.records import ONE_TIME_MS, Account, Screen, Session
from dispatch.access.refusals import Door, DoorRefusal
from dispatch.adapters import secrets_box as box
from dispatch.adapters.codes import otpauth, qr_svg
from dispatch.adapters.known_passwords import is_known
from dispatch.server.guessing import Guesses, SlowThread
from dispatch.server.registry import Registry

MAX_ACCOUNTS: Final = 5_000
MAX_SESSIONS: Final = 10
"""Sessions of one account at a time; the oldest ends."""

MAX_PENDING: Final = 1_000
TOUCH_EVERY_MS: Final = 60_000
"""Activity is written down at most this often."""

ISSUER: Final = "135"
FIRST_ADMINISTRATOR: Final = "administrator"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session and the token that goes into its cookie, told once."""

    session: Session
    account: Account
    token: str


def new_account(
    name: str, role: Role, desks: Sequence[str], now_ms: int, *, demo: bool = False
) -> tuple[Account, str]:
    """An account with a one-time password, which is told once and kept as a hash alone."""
    password = box.one_time_password()
    account = Account(
        name=name,
        role=role,
        desks=tuple(desks),
        password=box.hash_password(password),
        made_ms=now_ms,
        one_time_until_ms=now_ms + ONE_TIME_MS,
        demo=demo,
    )
    return account, password


class People:
    """What people may do at the door; every method answers with what came of it or with a DoorRefusal."""

    def __init__(self, registry: Registry, words: Sequence[str] = ()) -> None:
        self._registry, self._guesses, self._slow = registry, Guesses(), SlowThread()
        self._words = tuple(words)
        self._pending: dict[str, str] = {}
        """Secrets of second factors that are being set up, by session."""

    async def sign_in(
        self, name: str, password: str, code: str | None, screen: Screen, address: str
    ) -> SignedIn | DoorRefusal:
        """Open a session for who knows the password and, where it is set up, has the second factor."""
        registry = self._registry
        now_ms = registry.clock.now_ms()
        if (wait := self._guesses.begin(name, address, now_ms)) is not None:
            await registry.note(name, "sign_in_slowed", wait.about, address)
            return wait
        account = registry.accounts.get(name)
        stored = account.password if account is not None and not account.demo else box.NOBODY
        fits = await self._slow.run(box.password_fits, stored, password)
        if isinstance(fits, DoorRefusal):
            self._guesses.uncount(name, address)
            return fits
        async with registry.turn:
            account = registry.accounts.get(name)
            refusal = self._judge(account, fits and account is not None and account.password == stored, code)
            if refusal is None and account is not None:
                self._guesses.succeeded(name, address)
                opened = await self.open(account, code, screen)
            elif refusal is not None and refusal.code is Door.CODE_NEEDED:
                self._guesses.uncount(name, address)
        if refusal is not None or account is None:
            await registry.note(name, "sign_in_failed", refusal.code if refusal else "", address)
            return refusal or DoorRefusal(Door.WRONG_SECRET)
        await registry.note(name, "signed_in", screen, address)
        if box.needs_rehash(account.password):
            await self._rehash(account, password)
        return opened

    def _judge(self, account: Account | None, fits: bool, code: str | None) -> DoorRefusal | None:
        now_ms = self._registry.clock.now_ms()
        if account is None or not fits or account.disabled or account.demo:
            return DoorRefusal(Door.WRONG_SECRET)
        if account.one_time_until_ms is not None and account.one_time_until_ms <= now_ms:
            return DoorRefusal(Door.WRONG_SECRET)
        if account.factor is None:
            # who has passkeys alone signs in with one; a password by itself is half of it
            return DoorRefusal(Door.CODE_NEEDED, "your passkey") if account.passkeys else None
        if not code:
            return DoorRefusal(Door.CODE_NEEDED)
        if totp.matching_step(account.factor, code, now_ms, account.factor_step) is None:
            return DoorRefusal(Door.WRONG_SECRET)
        return None

    async def open(self, account: Account, code: str | None, screen: Screen) -> SignedIn:
        """A new session of somebody who has proven who they are; call with the registry's turn held."""
        registry, now_ms = self._registry, self._registry.clock.now_ms()
        if account.factor is not None and code:
            step = totp.matching_step(account.factor, code, now_ms, account.factor_step)
            account = replace(account, factor_step=step or account.factor_step)
        token = box.new_token()
        session = Session(
            session=box.digest_of(token), account=account.name, screen=screen, opened_ms=now_ms, active_ms=now_ms
        )
        held = [each for each in registry.sessions.values() if each.account == account.name and each.device is None]
        oldest = sorted(held, key=lambda each: each.opened_ms)[: max(0, len(held) - MAX_SESSIONS + 1)]
        await registry.save(account, session, gone=oldest)
        return SignedIn(session, account, token)

    async def _rehash(self, account: Account, password: str) -> None:
        fresh = await self._slow.run(box.hash_password, password)
        async with self._registry.turn:
            now = self._registry.accounts.get(account.name)
            if isinstance(fresh, str) and now is not None and now.password == account.password:
                await self._registry.save(replace(now, password=fresh))

    async def sign_in_demo(self, address: str) -> SignedIn | DoorRefusal:
        """Open a session of the demo's own account, without a password; only a demo has such an account."""
        async with self._registry.turn:
            account = next(
                (each for each in self._registry.accounts.values() if each.demo and not each.disabled), None
            )
            if account is None:
                return DoorRefusal(Door.ONLY_DEMO)
            opened = await self.open(account, None, Screen.DESK)
        await self._registry.note(account.name, "signed_in_demo", "", address)
        return opened

    async def sign_out(self, principal: Principal, *, others: bool = False) -> None:
        """End this session, or with ``others`` every other session of the same account."""
        registry = self._registry
        async with registry.turn:
            mine = registry.sessions.get(principal.session or "")
            gone = [
                each
                for each in registry.sessions.values()
                if mine is not None
                and (
                    (each.account == mine.account and each is not mine and each.device is None)
                    if others
                    else each is mine
                )
            ]
            await registry.save(gone=gone)
        self._pending.pop(principal.session or "", None)
        await registry.note(principal.name, "signed_out_others" if others else "signed_out")

    async def touch(self, session: str) -> None:
        """Somebody is at this screen; a screen that has locked stays locked."""
        registry = self._registry
        async with registry.turn:
            found, now_ms = registry.sessions.get(session), registry.clock.now_ms()
            if found is not None and not found.locked(now_ms) and now_ms - found.active_ms >= TOUCH_EVERY_MS:
                await registry.save(replace(found, active_ms=now_ms))

    async def lock(self, principal: Principal) -> None:
        """Lock this screen now."""
        registry = self._registry
        async with registry.turn:
            if (found := registry.sessions.get(principal.session or "")) is not None:
                await registry.save(replace(found, active_ms=0))

    async def unlock(self, principal: Principal, password: str, address: str) -> DoorRefusal | None:
        """Open a locked screen with its person's password; a demo's with nothing."""
        registry = self._registry
        if not principal.demo:
            account = await self.proven(principal, password, address)
            if isinstance(account, DoorRefusal):
                return account
        async with registry.turn:
            if (found := registry.sessions.get(principal.session or "")) is None:
                return DoorRefusal(Door.SIGN_IN)
            await registry.save(replace(found, active_ms=registry.clock.now_ms()))
        await registry.note(principal.name, "unlocked", "", address)
        return None

    async def proven(self, principal: Principal, password: str, address: str) -> Account | DoorRefusal:
        """The principal's account where the password is theirs; wrong ones count as guesses."""
        registry = self._registry
        account = registry.accounts.get(principal.name)
        if account is None or principal.session is None:
            return DoorRefusal(Door.SIGN_IN)
        if (wait := self._guesses.begin(account.name, address, registry.clock.now_ms())) is not None:
            return wait
        fits = await self._slow.run(box.password_fits, account.password, password)
        if fits is not True:
            if isinstance(fits, DoorRefusal):
                self._guesses.uncount(account.name, address)
                return fits
            await registry.note(account.name, "wrong_password", "", address)
            return DoorRefusal(Door.WRONG_SECRET)
        self._guesses.succeeded(account.name, address)
        return account

    async def change_password(self, principal: Principal, old: str, new: str, address: str) -> DoorRefusal | None:
        """Take a new password from who knows the old one; every other session of the account ends."""
        registry = self._registry
        if (why := too_easy(new, principal.name, self._words)) is not None:
            return DoorRefusal(Door.WEAK_PASSWORD, why)
        if is_known(new):
            return DoorRefusal(Door.WEAK_PASSWORD, "known from a breach elsewhere")
        if new == old:
            return DoorRefusal(Door.WEAK_PASSWORD, "the old one")
        account = await self.proven(principal, old, address)
        if isinstance(account, DoorRefusal):
            return account
        fresh = await self._slow.run(box.hash_password, new)
        if isinstance(fresh, DoorRefusal):
            return fresh
        async with registry.turn:
            now = registry.accounts.get(account.name)
            if now is None or now.password != account.password:
                return DoorRefusal(Door.WRONG_SECRET)
            await registry.save(
                replace(now, password=fresh, one_time_until_ms=None), gone=self._sessions(now, principal.session)
            )
        await registry.note(principal.name, "password_changed", "", address)
        return None

    def _sessions(self, account: Account, but: str | None = None) -> list[Session]:
        held = self._registry.sessions.values()
        return [
            each for each in held if each.account == account.name and each.device is None and each.session != but
        ]

    def begin_factor(self, principal: Principal) -> tuple[str, str, str] | DoorRefusal:
        """A new second factor as (secret in base32, address for the authenticator, the same as SVG)."""
        account = self._registry.accounts.get(principal.name)
        if account is None or account.demo or principal.session is None:
            return DoorRefusal(Door.NOT_ALLOWED, "no second factor here")
        if (
            account.factor is not None or account.passkeys
        ):  # a stolen session must not replace the factor: an administrator resets it
            return DoorRefusal(Door.NOT_ALLOWED, "an administrator resets a second factor")
        secret = totp.secret_of(box.random_bytes(totp.SECRET_BYTES))
        self._pending[principal.session] = secret
        while len(self._pending) > MAX_PENDING:
            del self._pending[next(iter(self._pending))]
        address = otpauth(secret, account.name, ISSUER)
        return secret, address, qr_svg(address)

    async def confirm_factor(self, principal: Principal, code: str, address: str) -> DoorRefusal | None:
        """Keep the second factor that was begun, by its first code."""
        registry = self._registry
        now_ms = registry.clock.now_ms()
        secret = self._pending.get(principal.session or "")
        if secret is None:
            return DoorRefusal(Door.FACTOR_DUE, "begin again")
        if (wait := self._guesses.begin(principal.name, address, now_ms)) is not None:
            return wait
        if (step := totp.matching_step(secret, code, now_ms, 0)) is None:
            return DoorRefusal(Door.WRONG_SECRET)
        self._guesses.succeeded(principal.name, address)
        async with registry.turn:
            account = registry.accounts.get(principal.name)
            if account is None or account.factor is not None or account.passkeys:
                return DoorRefusal(Door.NOT_ALLOWED)
            await registry.save(replace(account, factor=secret, factor_step=step))
        del self._pending[principal.session or ""]
        await registry.note(principal.name, "factor_set", "", address)
        return None

    # ── what an administrator does ────────────────────────────────────────────────────────────────────────

    async def add(self, name: str, role: Role, desks: Sequence[str], by: Principal) -> str | DoorRefusal:
        """Make an account; returns its one-time password, which is told this once."""
        registry = self._registry
        if (refusal := may_give(by, desks or (EVERY_DESK,))) is not None:
            return refusal
        async with registry.turn:
            if name in registry.accounts:
                return DoorRefusal(Door.ACCOUNT_EXISTS, name)
            if len(registry.accounts) >= MAX_ACCOUNTS:
                return DoorRefusal(Door.NO_ROOM, f"{MAX_ACCOUNTS} accounts")
            account, password = new_account(name, role, desks or (EVERY_DESK,), registry.clock.now_ms())
            await registry.save(account)
        await registry.note(by.name, "account_added", f"{name}: {role}")
        return password

    async def change(self, name: str, role: Role, desks: Sequence[str], by: Principal) -> DoorRefusal | None:
        """Give an account another role and other desks, at once; one administrator remains."""
        registry = self._registry
        async with registry.turn:
            account = self._in_reach(name, by)
            if isinstance(account, DoorRefusal):
                return account
            if (refusal := may_give(by, desks)) is not None:
                return refusal
            if role is not Role.ADMINISTRATOR and not self._others(account):
                return DoorRefusal(Door.LAST_ADMINISTRATOR)
            await registry.save(replace(account, role=role, desks=tuple(desks)))
        await registry.note(by.name, "account_changed", f"{name}: {role}, {', '.join(desks)}")
        return None

    def _in_reach(self, name: str, by: Principal) -> Account | DoorRefusal:
        """An account that this administrator may change: one of their own desks."""
        if (account := self._registry.accounts.get(name)) is None:
            return DoorRefusal(Door.UNKNOWN_ACCOUNT, name)
        return may_give(by, account.desks) or account

    async def reset(self, name: str, by: Principal) -> str | DoorRefusal:
        """Give an account a new one-time password and no second factor; its sessions end."""
        registry = self._registry
        async with registry.turn:
            if isinstance(account := self._in_reach(name, by), DoorRefusal):
                return account
            fresh, password = new_account(name, account.role, account.desks, registry.clock.now_ms())
            await registry.save(replace(fresh, made_ms=account.made_ms), gone=self._sessions(account))
        await registry.note(by.name, "account_reset", name)
        return password

    async def disable(self, name: str, by: Principal, *, disabled: bool) -> DoorRefusal | None:
        """Shut an account out, at once and with its sessions, or let it in again; one administrator remains."""
        registry = self._registry
        async with registry.turn:
            if isinstance(account := self._in_reach(name, by), DoorRefusal):
                return account
            if disabled and not self._others(account):
                return DoorRefusal(Door.LAST_ADMINISTRATOR)
            await registry.save(
                replace(account, disabled=disabled), gone=self._sessions(account) if disabled else ()
            )
        await registry.note(by.name, "account_disabled" if disabled else "account_enabled", name)
        return None

    def _others(self, account: Account) -> bool:
        """Whether the service still has an administrator without this one."""
        return account.role is not Role.ADMINISTRATOR or any(
            each.role is Role.ADMINISTRATOR and not each.disabled and each.name != account.name
            for each in self._registry.accounts.values()
        )

    def close(self) -> None:
        """End the thread of passwords."""
        self._slow.close()
