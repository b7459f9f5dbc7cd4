"""The memory of wrong tries, and the one slow thread in which passwords are looked at."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from dispatch.access import guesses
from dispatch.access.refusals import Door, DoorRefusal

R = TypeVar("R")

MAX_REMEMBERED: Final = 20_000
MAX_WAITING: Final = 16
"""Passwords that wait to be looked at; more are turned away at once."""

_NICE: Final = 10


def _step_back() -> None:
    """On Linux a thread can be less urgent than its process: orders go before guesses."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


class SlowThread:
    """Runs what takes a core for a tenth of a second, one at a time, behind everything else."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="passwords", initializer=_step_back)
        self._waiting = 0

    async def run(self, work: Callable[..., R], *args: str) -> R | DoorRefusal:
        """The result of ``work``, or TOO_MANY where 16 wait already."""
        if self._waiting >= MAX_WAITING:
            return DoorRefusal(Door.TOO_MANY, "many sign in at once", 1000)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End after what is under way."""
        self._thread.shutdown(wait=True)


class Guesses:
    """Failures by (name, address), by address and by name; the oldest subjects are forgotten first."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, ...], tuple[int, ...]] = OrderedDict()

    @staticmethod
    def _subjects(name: str, address: str) -> tuple[tuple[tuple[str, ...], int], ...]:
        return (
            (("both", name, address), guesses.FREE_TRIES),
            (("address", address), guesses.ADDRESS_FREE_TRIES),
            (("name", name), guesses.NAME_FREE_TRIES),
        )

    def begin(self, name: str, address: str, now_ms: int) -> DoorRefusal | None:
        """Count a try as failed before it is looked at, so that many at once all count; or say how long to wait."""
        subjects = self._subjects(name, address)
        wait_ms = max(guesses.wait_ms(self._failures.get(key, ()), now_ms, free) for key, free in subjects)
        if wait_ms:
            return DoorRefusal(Door.SLOW_DOWN, f"{-(-wait_ms // 1000)} s", wait_ms)
        for key, _ in subjects:
            self._failures[key] = (*guesses.recent(self._failures.pop(key, ()), now_ms), now_ms)
        while len(self._failures) > MAX_REMEMBERED:
            self._failures.popitem(last=False)
        return None

    def succeeded(self, name: str, address: str) -> None:
        """The try was right: its name at this address starts anew, and it does not count elsewhere."""
        self._failures.pop(("both", name, address), None)
        self.uncount(name, address)

    def uncount(self, name: str, address: str) -> None:
        """The last try was no guess."""
        for key, _ in self._subjects(name, address):
            if key in self._failures:
                self._failures[key] = self._failures[key][:-1]
