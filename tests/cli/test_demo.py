"""The demo lets more tablets in than the gate lets enrol in a minute, each by a key of its own."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from dispatch.access.policy import Principal, Role
from dispatch.access.proofs import connect_message
from dispatch.adapters.access_store import MemoryAccessStore
from dispatch.adapters.clock import SteadyClock
from dispatch.cli.demo import let_in
from dispatch.server.access import Access
from dispatch.server.rates import SIGN_INS
from dispatch.sim.identity import signed


def test_more_tablets_than_a_minute_of_the_gate_are_let_in_and_each_proves_its_own_key() -> None:
    async def work() -> None:
        access = Access(MemoryAccessStore(), SteadyClock())
        names = [f"T{number:03d}" for number in range(2 * SIGN_INS.amount)]
        identities = [await let_in(access, "http://127.0.0.1:1", name) for name in names]
        assert len({each.device for each in identities}) == len(names)
        assert not access.registry.invites, "every code is used up"
        for one, other in pairwise(identities):
            nonce = access.devices.challenge(one.device)
            foreign = access.devices.ticket(
                one.device, nonce, signed(other.key, connect_message(one.device, nonce))
            )
            assert not isinstance(foreign, tuple), "another tablet's key opens nothing"
            nonce = access.devices.challenge(one.device)
            made = access.devices.ticket(one.device, nonce, signed(one.key, connect_message(one.device, nonce)))
            assert isinstance(made, tuple)
            who = access.devices.redeem(made[0], one.device, one.team)
            assert isinstance(who, Principal)
            assert (who.role, who.team) == (Role.PATROL, one.team)
        access.close()

    asyncio.run(work())
