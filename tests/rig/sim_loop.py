"""An event loop of one thread in virtual time: the same seed gives the same run, and waiting costs nothing."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

MOST_TURNS = 400_000
"""Turns of the loop in one run; far more than any needs, so that a run that never ends is found."""


class EndlessError(Exception):
    """A run takes more turns than any needs, or all wait for each other."""


class _Jump(selectors.DefaultSelector):
    """Waits for nothing: what would be waited for is a jump of the clock. No system call is made."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s, self.turns = 0.0, 0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.turns += 1
        if self.turns > MOST_TURNS or timeout is None:
            self.turns = 0  # the end takes some turns, too
            raise EndlessError("all wait for each other" if timeout is None else f"more than {MOST_TURNS} turns")
        if timeout > 0:
            self.now_s += timeout
        return []


class SimLoop(asyncio.SelectorEventLoop):
    """A thread's work is done at once and told of later: ``work`` says when, and what lies between.

    After the first figure, in seconds, it has landed on the disk (the callable is called then); after the second
    it is told.
    """

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)
        self.work: Callable[[], tuple[float, Callable[[], None], float]] = lambda: (0.0, lambda: None, 0.0)

    def time(self) -> float:
        return self._jump.now_s

    @property
    def turns(self) -> int:
        return self._jump.turns

    def run_in_executor(self, executor: Executor | None, func: Any, *args: Any) -> Any:
        del executor
        future: asyncio.Future[Any] = self.create_future()
        try:
            result, error = func(*args), None
        except Exception as raised:
            result, error = None, raised

        def tell() -> None:
            if future.done():
                return
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        lands_s, landed, told_s = self.work()
        if error is None:
            self.call_later(lands_s, landed)
        self.call_later(lands_s + told_s, tell)
        return future
