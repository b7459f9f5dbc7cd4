"""The simulated world itself: a seed is one run on any machine, and the disk loses what it should."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import pytest

from dispatch.bootstrap import ROOT
from dispatch.service.ports import LogFullError, OutcomeUnknownError
from tests.rig import sim
from tests.rig.door import holes
from tests.rig.sim_disk import Fault, SimDisk, SimLog
from tests.rig.sim_laws import Laws, judge_log
from tests.server.test_group_commit import random_rows
from tests.service.driver import TOWN, DeskDriver

SEEDS = (3, 17, 1_000_005)


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_a_seed_is_the_same_run_in_every_process(hash_seed: str) -> None:
    words = [str(seed) for seed in SEEDS]
    done = subprocess.run(
        [sys.executable, "-m", "tests.rig.sim", *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=200,
    )
    said = [line.strip() for line in done.stdout.splitlines()]
    for seed in SEEDS:
        run = sim.run_seed(seed)
        at = said.index(str(seed))
        assert (run.trace, str(run.turns), str(dict(run.counts))) == tuple(said[at + 1 : at + 4]), done.stderr
        assert not run.broken


def test_a_crash_takes_an_open_transaction_as_a_whole_or_not_at_all() -> None:
    rows, heads = random_rows(1)[:9], set()
    for seed in range(20):
        disk = SimDisk(random.Random(seed))
        log = SimLog(disk)
        log.append(rows[:4])
        log.synced()
        log.append(rows[4:])
        disk.crash()
        heads.add(disk.kept.head())
        assert disk.rows() == rows[: disk.kept.head()]
        assert all(disk.seq_of[row.key] <= disk.kept.head() for row in disk.rows() if row.key)
    assert heads == {4, 9}


def test_a_full_disk_holds_nothing_of_it_and_a_failed_sync_all_or_nothing() -> None:
    rows, heads = random_rows(2)[:6], set()
    for seed in range(20):
        disk = SimDisk(random.Random(seed))
        log = SimLog(disk)
        disk.next_fault = Fault.FULL
        with pytest.raises(LogFullError):
            log.append(rows)
        assert disk.kept.head() == 0
        disk.next_fault = Fault.UNKNOWN
        with pytest.raises(OutcomeUnknownError):
            log.append(rows)
        heads.add(disk.kept.head())
        assert disk.durable == 0
    assert heads == {0, 6}


def test_the_judge_of_the_log_passes_a_true_one_and_sees_a_lost_command() -> None:
    driver = DeskDriver(TOWN)
    driver.register("T1", "T2")
    driver.report("mill", "k")
    laws = Laws(SimDisk(random.Random(0)))
    laws.acknowledge("k")
    judge_log(laws, driver.rows(), driver.state)
    assert laws.broken == []
    judge_log(laws, driver.rows()[:-2], driver.state)
    assert any("acknowledged commands are not on the log" in line for line in laws.broken)


def test_the_door_of_the_socket_is_shut() -> None:
    assert holes() == []
