"""The whole service, behind its doors and on a real socket, killed at random moments while people report."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import threading
from pathlib import Path
from typing import Any

from dispatch.adapters.log_open import SqliteReader
from dispatch.adapters.log_verify import verify
from dispatch.bootstrap import Town, sample_town
from dispatch.sim.reporter import Reporter, ReporterError, new_key
from tests import people
from tests.rig.crashloop_client import Ledger
from tests.rig.part import Effort
from tests.server.test_kill import free_port, service

REPORTERS = 3
BORN_WITHIN_S = 90.0
KILLS_A_LOG = 12


def kill_services(effort: Effort, count: int) -> tuple[int, list[Ledger]]:
    """Kill ``count`` services; returns how many died, and the ledger of each log."""
    town, ledgers, dead = sample_town(lambda _text: None), list[Ledger](), 0
    while dead < count:
        seed = effort.seed * 1_000 + len(ledgers)
        ledger = Ledger(seed)
        folder = effort.folder / f"service-{len(ledgers)}"
        folder.mkdir()
        asyncio.run(_deaths(folder, town, ledger, random.Random(seed), min(KILLS_A_LOG, count - dead)))
        dead += min(KILLS_A_LOG, count - dead)
        ledgers.append(ledger)
        effort.say(f"whole services: {dead} of {count} ended by SIGKILL")
    return dead, ledgers


async def _deaths(folder: Path, town: Town, ledger: Ledger, chance: random.Random, kills: int) -> None:
    people.make_accounts(folder)
    log, port = folder / "desk.sqlite", free_port()
    crowd = _Crowd(f"http://127.0.0.1:{port}", town, ledger, chance)
    for death in range(kills + 1):
        async with asyncio.timeout(BORN_WITHIN_S), service(log, 0, 0, port) as child:
            assert child.stdout is not None and await child.stdout.readline(), "the service did not start"
            if death == 0:
                crowd.signed_in = await asyncio.to_thread(people.person, crowd.base)
            await asyncio.to_thread(crowd.ask_again)
            if death == kills:
                break  # the last one was born to answer for the dead
            crowd.stop.clear()
            threads = [
                threading.Thread(target=crowd.work, args=(chance.getrandbits(32),)) for _ in range(REPORTERS)
            ]
            for thread in threads:
                thread.start()
            await asyncio.sleep(chance.uniform(0.02, 1.0))
            child.send_signal(signal.SIGKILL)
            await child.wait()
            crowd.stop.set()
            for thread in threads:
                await asyncio.to_thread(thread.join)
        with contextlib.closing(SqliteReader(log)) as reader:
            ledger.reopened(reader)
    with contextlib.closing(SqliteReader(log)) as reader:
        verify(reader)
    if crowd.signed_in is not None:
        crowd.signed_in.close()


class _Crowd:
    """Reporters on threads; what they send goes by key, and is sent again by the same key."""

    def __init__(self, base: str, town: Town, ledger: Ledger, chance: random.Random) -> None:
        self.base, self.stop = base, threading.Event()
        self.signed_in: Reporter | None = None
        self._town, self._ledger, self._chance, self._turn = town, ledger, chance, threading.Lock()

    def work(self, seed: int) -> None:
        """Report until the service is gone."""
        chance, door = random.Random(seed), self._door()
        with contextlib.closing(door):
            while not self.stop.is_set():
                point = chance.choice(self._town.places).point
                body = {
                    "key": new_key(),
                    "lat": point.lat,
                    "lon": point.lon,
                    "what": "dispute",
                    "urgency": "urgent",
                }
                with self._turn:
                    self._ledger.pending[body["key"]] = self._ledger.said[body["key"]] = body
                if not self._say(door, body):
                    return

    def ask_again(self) -> None:
        """All that was not answered, and some of what was, to the service that came after."""
        door = self._door()
        known = list(self._ledger.acknowledged)
        again = [self._ledger.said[key] for key in self._chance.sample(known, min(4, len(known)))]
        with contextlib.closing(door):
            for body in [*self._ledger.pending.values(), *again]:
                if not self._say(door, body):
                    self._ledger.fell("lost", f"a service that nobody killed did not answer {body['key']}")

    def _door(self) -> Reporter:
        assert self.signed_in is not None
        door = Reporter(self.base)
        door.cookie = self.signed_in.cookie
        return door

    def _say(self, door: Reporter, body: dict[str, Any]) -> bool:
        """Say it once; False where nobody answers."""
        try:
            answer = door.call("POST", "/api/incidents", body)
        except OSError:
            return False
        except ReporterError as error:
            with self._turn:
                self._ledger.fell("refused", f"a sound report was refused: {error}")
            return True
        with self._turn:
            self._ledger.answered({"answer": body["key"], "kind": answer["outcome"]} | answer)
        return True
