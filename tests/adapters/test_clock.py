"""The steady clock: follows the wall, never jumps with it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dispatch.adapters.clock import SLEW, SteadyClock

START_NS = 1_800_000_000_000_000_000


class Machine:
    """A machine whose time is the test's."""

    def __init__(self) -> None:
        self.wall_ns, self.monotonic_ns = START_NS, 7_000

    def pass_ms(self, passed: int, drift_ms: int = 0) -> None:
        self.wall_ns += (passed + drift_ms) * 1_000_000
        self.monotonic_ns += passed * 1_000_000


def clock_of(machine: Machine) -> SteadyClock:
    return SteadyClock(lambda: machine.wall_ns, lambda: machine.monotonic_ns)


@given(st.lists(st.tuples(st.integers(0, 60_000), st.integers(-10_000_000, 10_000_000)), max_size=40))
def test_it_never_goes_back_and_never_runs_more_than_a_tenth_off(steps: list[tuple[int, int]]) -> None:
    machine = Machine()
    clock = clock_of(machine)
    before = clock.now_ms()
    for passed, jump in steps:
        machine.pass_ms(passed, jump if abs(jump) > 5_000 else 0)
        now = clock.now_ms()
        assert passed * (1 - SLEW) - 1 <= now - before
        assert now - before <= passed * (1 + SLEW) + 1_001  # a remainder under a second is followed at once
        before = now


def test_a_clock_set_back_by_a_minute_does_not_hold_up_a_deadline_of_thirty_seconds() -> None:
    machine = Machine()
    clock = clock_of(machine)
    due = clock.now_ms() + 30_000
    machine.pass_ms(1_000, -60_000)
    for _ in range(33):
        machine.pass_ms(1_000)
        clock.now_ms()
    assert clock.now_ms() >= due


def test_it_agrees_with_the_wall_again_within_ten_times_the_step() -> None:
    machine = Machine()
    clock = clock_of(machine)
    machine.pass_ms(1_000, -60_000)
    for _ in range(610):
        machine.pass_ms(1_000)
        clock.now_ms()
    assert abs(clock.now_ms() - machine.wall_ns // 1_000_000) <= 1_000


def test_without_steps_it_is_the_wall_clock() -> None:
    machine = Machine()
    clock = clock_of(machine)
    for drift in (0, 3, 40, 0, 7):
        machine.pass_ms(500, drift)
        assert clock.now_ms() == machine.wall_ns // 1_000_000
