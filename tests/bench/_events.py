"""A long log for the benches: the real service deciding one incident after another, as a busy station would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from dispatch.adapters.log_memory import MemoryLog
from dispatch.adapters.log_snapshots import code_fingerprint
from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.domain import commands as cmd
from dispatch.domain.events import Envelope
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.types import OrderId
from tests.service.driver import DeskDriver, Table, device, key

TEAMS = 18
GROUND = Table(
    {f"T{number:02d}": {"mill": 60 + number, "school": 90 + (7 * number) % 50} for number in range(TEAMS)}
)
WALK = (OrderTrigger.ACCEPT, OrderTrigger.DEPART, OrderTrigger.ARRIVE, OrderTrigger.REPORT_BACK, OrderTrigger.CLOSE)
_BATCH = 1000


class _Tape(MemoryLog):
    """A log that hands its rows on and keeps none."""

    def __init__(self) -> None:
        super().__init__()
        self.rows_new: list[Envelope] = []
        self._seq = 0

    def head(self) -> int:
        return self._seq

    def append(self, envelopes: Sequence[Envelope]) -> None:
        self.rows_new += envelopes
        self._seq += len(envelopes)


def events(count: int) -> Iterator[list[Envelope]]:
    """``count`` events of walks that are carried out, every tenth after a team that was silent, in pieces."""
    tape = _Tape()
    driver = DeskDriver(GROUND, log=tape)
    driver.register(*GROUND.seconds)
    made = number = 0
    while made < count:
        number += 1
        incident = driver.report(("mill", "school")[number % 2], key(10 * number))
        if number % 10 == 0:
            driver.pass_time(driver.settings.accept_within_ms)
        order = driver.live(incident)
        assert order is not None
        _carry_out(driver, order.order, 10 * number)
        piece, tape.rows_new = tape.rows_new[: count - made], []
        made += len(piece)
        yield piece


def _carry_out(driver: DeskDriver, name: OrderId, number: int) -> None:
    order = driver.state.orders[name]
    driver.do(cmd.MarkStored(team=order.team, device=device(order.team), seq=driver.state.seq), key(number + 1))
    driver.do(cmd.MarkShown(team=order.team, device=device(order.team), order=name), key(number + 2))
    for step, verb in enumerate(WALK, number + 3):
        driver.now_ms += 1000
        driver.applied(driver.answering(order, verb, note="两人，无人受伤"), key(step))


def long_log(folder: Path, count: int, snapshot_at: int = 0) -> Path:
    """A log of ``count`` events, with a snapshot at about ``snapshot_at``; made where it is missing."""
    from dispatch.__main__ import main  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{count}-{snapshot_at}-{code_fingerprint()[:12]}.sqlite"
    if path.exists():
        return path
    draft = path.with_suffix(".draft")
    for ending in ("", ".snapshot", "-wal", "-shm"):
        draft.with_name(draft.name + ending).unlink(missing_ok=True)
    log, batch, kept = SqliteLog(draft, reserve_bytes=0), list[Envelope](), not snapshot_at
    for piece in events(count):
        batch += piece
        if len(batch) >= _BATCH or log.head() + len(batch) == count:
            log.append(batch)
            batch = []
            if not kept and log.head() >= snapshot_at:
                assert main(["snapshot", str(draft), "--to", f"{path}.snapshot"]) == 0
                kept = True
    log.close()
    draft.rename(path)
    return path
