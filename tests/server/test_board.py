"""The board: the latest fix of each team by when it was taken, whatever the clocks of tablets and desk do.

The fixes are some ten metres apart: a team that flies is another matter (tests/adapters/test_positions).
"""

from __future__ import annotations

from dispatch.domain.types import FixSource, Point, TeamId
from dispatch.server.board import Board
from dispatch.wire.frames import Fix

T1 = TeamId("T1")


def fix(at_ms: int, lon: float = 120.0, team: str = "T1") -> Fix:
    return Fix(team=team, lon=lon, lat=28.0, at_ms=at_ms)


def lon(board: Board, now_ms: int, team: TeamId = T1) -> float:
    found = board.latest(team, now_ms)
    assert found is not None
    return found[0].lon


def test_where_nothing_was_put_nothing_is_known() -> None:
    board = Board()
    assert board.latest(T1, 5) is None
    assert board.all() == board.take_changed() == []


def test_an_older_fix_never_replaces_a_newer_one() -> None:
    board = Board()
    board.put([fix(1000, 1.0)], 2000)
    board.put([fix(999, 1.0001)], 2001)
    assert board.latest(T1, 3000) == (Point(1.0, 28.0), FixSource.FIX, 2000)
    board.put([fix(1001, 1.0002), fix(1000, 1.0003)], 2002)
    assert lon(board, 3000) == 1.0002
    board.put([fix(1001, 1.0004)], 2003)
    assert lon(board, 3000) == 1.0004, "of two that were taken at once, the one that came later"


def test_a_fix_from_the_future_counts_as_taken_now() -> None:
    board = Board()
    board.put([fix(9_000_000, 1.0)], 1000)
    assert board.latest(T1, 1000) == (Point(1.0, 28.0), FixSource.FIX, 0)
    assert board.latest(T1, 1500) == (Point(1.0, 28.0), FixSource.FIX, 500)
    assert [held.at_ms for held in board.all()] == [1000]
    board.put([fix(1200, 1.0001)], 1300)
    assert lon(board, 1300) == 1.0001, "a tablet whose clock was ahead is not stuck where it was"


def test_a_clock_that_was_set_back_does_not_freeze_the_board() -> None:
    board = Board()
    board.put([fix(100_000, 1.0)], 100_000)
    assert board.latest(T1, 50_000) == (Point(1.0, 28.0), FixSource.FIX, 0), "an age is never negative"
    board.put([fix(50_000, 1.0001)], 50_000)
    assert board.latest(T1, 50_000) == (Point(1.0001, 28.0), FixSource.FIX, 0)
    board.put([fix(49_999, 1.0002)], 50_001)
    assert lon(board, 50_001) == 1.0001


def test_changes_are_taken_once_the_last_of_each_team() -> None:
    board = Board()
    board.put([fix(1, 1.0, "T2"), fix(1, 1.0), fix(2, 1.0001)], 10)
    assert [(held.team, held.lon) for held in board.take_changed()] == [("T1", 1.0001), ("T2", 1.0)]
    assert board.take_changed() == []
    board.put([fix(1, 1.0005)], 10)
    assert board.take_changed() == [], "an older fix is no change"
    board.put([fix(3, 1.0002)], 10)
    assert [held.lon for held in board.take_changed()] == [1.0002]
    assert {(held.team, held.lon) for held in board.all()} == {("T1", 1.0002), ("T2", 1.0)}
