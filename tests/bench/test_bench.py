"""The harness itself, on the sample town: ours beside SciPy, which the product's own environment has."""

from __future__ import annotations

import importlib.util
import json
import math
import statistics
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.__main__ import main
from dispatch.cli import bench
from dispatch.cli.bench import Result
from geo_data import samples
from geo_data.isochrone import isochrones
from geo_data.locate import locate
from geo_data.sources.bundle import load_ground
from geo_data.types import LonLat
from tests.bench._contest import Contestant, Turn, alternate, contestant, p99, versus
from tests.bench._eta import APART, AVOIDS, NOT_ROUTED, PREFERS, SAME, Trip, class_of
from tests.bench._field import Field, lay_field
from tests.bench._growth import tiled
from tests.bench._peers import LOCK, _without, find_python
from tests.bench._truth import Score, cases_of, our_scores

OWN = Path(sys.executable)
PEERS_ALONE = ("valhalla", "osrm", "igraph", "rustworkx", "pandana")


@pytest.fixture(scope="module")
def field() -> Field:
    return lay_field(samples.TOWN_OSM, lambda _text: None)


@pytest.fixture(scope="module")
def ours(field: Field) -> Iterator[Contestant]:
    with contestant("ours", OWN, "tests.bench._ours", **field.spec()) as child:
        yield child


def test_ratios_and_goals() -> None:
    faster = Result(measure="m", ours=2.0, unit="ms", peer="p", peer_value=30.0, at_least=10.0)
    assert (faster.ratio, faster.goal, faster.holds, faster.verdict) == (15.0, "≥ 10 ×", True, "holds")
    floors = Result(measure="m", ours=12.0, unit="ms", peer="p", peer_value=2.0, at_most=5.0)
    assert (floors.ratio, floors.holds, floors.verdict) == (6.0, False, "MISSED")
    heavy = Result(measure="m", ours=160.0, unit="B/arc", limit=150.0)
    assert (heavy.goal, heavy.holds) == ("≤ 150 B/arc", False)
    exact = Result(measure="m", ours=0.98, unit="", peer="p", peer_value=0.8, floor=0.97)
    assert (exact.goal, exact.holds) == ("≥ 0.97", True)
    assert exact.ratio == pytest.approx(1.225)
    told = Result(measure="m", ours=1.0, unit="ms", peer="p", peer_value=1.0)
    assert (told.goal, told.holds, told.verdict) == ("told only", True, "")


def test_a_missing_peer_neither_holds_nor_fails() -> None:
    row = Result(measure="m", ours=2.0, unit="ms", peer="p", at_least=10.0, missing="peer not available")
    assert (row.holds, row.verdict, row.row()["ratio"]) == (None, "no peer", None)


PLANTED = """
from dispatch.cli.bench import Options, Result

def run(say, options):
    options.notes.append("on two stones")
    fast = dict(measure="m", unit="ms", peer="p", peer_value=10.0, queries=3)
    gone = Result(measure="gone", ours=1.0, unit="ms", peer="q", at_least=2.0, missing="not here")
    slow = [] if options.quick else [Result(ours=4.0, at_least=5.0, **fast)]
    return [Result(ours=1.0, at_least=5.0, **fast), gone, *slow]
"""


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "stones.py").write_text(PLANTED)
    (tmp_path / "_helper.py").touch()
    (tmp_path / "test_stones.py").touch()
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    monkeypatch.setattr(bench, "DOCS", tmp_path / "docs" / "measured.md")
    return tmp_path


def test_a_missed_goal_exits_1_and_a_missing_peer_does_not(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.names() == ["stones"]
    assert main(["bench", "stones"]) == 1
    assert "MISSED" in capsys.readouterr().out
    assert main(["bench", "stones", "--quick"]) == 0
    assert "not here" in capsys.readouterr().out


def test_the_json_has_every_row_and_the_machine(planted: Path) -> None:
    file = planted / "f.json"
    main(["bench", "stones", "--json", str(file)])
    told = json.loads(file.read_text())
    assert told["bench"] == "stones"
    assert told["notes"] == ["on two stones"]
    assert {"cpu", "cores", "memory_gib", "python"} <= set(told["machine"])
    wanted = {"measure", "ours", "unit", "peer", "peer_value", "ratio", "goal", "holds", "queries", "missing"}
    assert [set(row) for row in told["results"]] == [wanted] * 3
    assert [(row["ratio"], row["holds"]) for row in told["results"]] == [(10.0, True), (None, None), (2.5, False)]


def test_the_docs_keep_other_sections(planted: Path) -> None:
    page = planted / "docs" / "measured.md"
    main(["bench", "stones", "--write-docs"])
    page.write_text(page.read_text() + "\n<!-- bench other -->\nkept\n<!-- end of bench other -->\n")
    main(["bench", "stones", "--write-docs", "--quick"])
    text = page.read_text()
    assert text.count("## `./run bench stones`") == 1
    assert "kept" in text
    assert "| m | 1 ms | p | 10 ms | 10 × | ≥ 5 × | holds | 3 |" in text
    assert "| gone | 1 ms | q (not here) |  |  | ≥ 2 × | no peer |  |" in text
    assert "**missed**" not in text


def test_ours_and_scipy_reach_the_same_on_the_same_graph(ours: Contestant, field: Field) -> None:
    with contestant("scipy", OWN, "tests.bench._graphs", library="scipy", **field.spec()) as scipy:
        assert scipy.told["version"].startswith("scipy ")
        mine, theirs = alternate([(ours, {"task": "bare"}), (scipy, {"task": "bare"})], 30, 4)
        task = {"task": "coverage", "teams": 20, "limit_ms": 600_000}
        covered, theirs_covered = alternate([(ours, task), (scipy, task)], 3, 3)
    assert covered.checks == theirs_covered.checks
    assert len(mine.took_ms) == len(theirs.took_ms) == 30
    assert mine.checks == theirs.checks
    assert min(mine.checks) >= 1
    assert min(mine.took_ms) > 0.0
    median, tail = versus("bare", mine, "scipy", theirs, at_least=2.0)
    assert median.ratio == statistics.median(theirs.took_ms) / statistics.median(mine.took_ms)
    assert tail.peer_value == p99(theirs.took_ms) >= statistics.median(theirs.took_ms)


def test_every_task_of_ours_answers(ours: Contestant) -> None:
    tasks = [
        ({"task": "circles"}, 2),
        ({"task": "circles_text"}, 2),
        ({"task": "ranking", "teams": 18, "scope": "district"}, 2),
        ({"task": "ranking_from_points", "teams": 18, "scope": "district"}, 2),
        ({"task": "coverage", "teams": 20, "limit_ms": 600_000}, 1),
        ({"task": "moved", "teams": 20, "limit_ms": 600_000, "anywhere": False}, 2),
        ({"task": "load"}, 1),
        ({"task": "memory"}, 1),
        ({"task": "first_query"}, 1),
    ]
    turns = {task["task"]: alternate([(ours, task)], count, 1, warm_up=0)[0] for task, count in tasks}
    assert not [name for name, turn in turns.items() if turn.missing]
    assert turns["ranking"].checks == turns["ranking_from_points"].checks
    small, middle, large = turns["circles"].checks[0]
    assert 0.0 < small < middle < large
    assert turns["memory"].checks[0]["bytes_an_arc"] > 40.0


def test_a_task_of_ours_that_fails_is_a_missed_goal(ours: Contestant) -> None:
    (turn,) = alternate([(ours, {"task": "ranking", "teams": 18, "scope": "nowhere"})], 1, 1)
    assert turn.missing.startswith("failed: KeyError")
    peer = Turn([1.0], [None], 0.0)
    (row,) = versus("ranking", turn, "p", peer, at_least=2.0, picks=("median",))
    assert row.holds is False
    assert "nowhere" in row.measure
    assert row.row()["ours"] is None


def test_a_peer_that_is_not_there_says_so(field: Field) -> None:
    with contestant("igraph", OWN, "tests.bench._graphs", library="igraph", **field.spec()) as child:
        assert "igraph is not available" in child.missing
        (turn,) = alternate([(child, {"task": "bare"})], 5, 1)
        assert turn.missing == child.missing
    with contestant("Valhalla", None, "tests.bench._valhalla", **field.spec()) as child:
        assert child.missing


def test_no_peer_is_in_the_products_own_environment() -> None:
    assert not [name for name in PEERS_ALONE if importlib.util.find_spec(name)]


def test_a_lock_can_leave_a_package_out() -> None:
    lock = LOCK.read_text()
    without = _without(lock, ("pandana",))
    assert "\npandana==" in lock
    assert "\npandana==" not in without
    assert lock.count("\nscipy==") == without.count("\nscipy==") == 1
    assert lock.count("--hash") > without.count("--hash") > 100
    assert find_python().exists()


def test_copies_side_by_side_answer_as_one(field: Field) -> None:
    graph = load_ground(field.ground).graph("car")
    one, four = tiled(graph, 1, 1), tiled(graph, 2, 2)
    one.check()
    four.check()
    assert one.n_arcs == graph.n_arcs
    assert four.n_arcs == 4 * graph.n_arcs + 2 * 4
    spot = LonLat(*json.loads(field.places.read_text())["incidents"]["ground"][0])
    areas = [isochrones(g, locate(g, spot), (60,))[60].area for g in (one, four)]
    assert areas[0] == pytest.approx(areas[1], rel=1e-9)


def test_truth_is_counted_both_ways(field: Field) -> None:
    score = Score(both=8, only_polygon=2, only_truth=0, neither=5)
    assert (score.precision, score.recall) == (0.8, 1.0)
    assert score.f1 == pytest.approx(16 / 18)
    assert math.isnan(Score().f1)
    graph = load_ground(field.ground).graph("car")
    places = json.loads(field.places.read_text())["incidents"]["ground"][:2]
    cases = cases_of(graph, places, 50)
    assert [case.limit_s for case in cases] == [60, 180, 300] * 2
    assert all(score.f1 > 0.8 for score in our_scores(graph, cases).values())


def test_disagreements_have_classes() -> None:
    ours = Trip(100.0, 1000.0, (0.0, 0.0), (0.01, 0.0))
    moved = replace(ours, seconds=120.0, start=(0.0, 0.001))
    longer = replace(ours, seconds=120.0, metres=1100.0)
    assert class_of(ours, replace(ours, seconds=105.0, metres=2000.0), None, 0.1) == ""
    assert class_of(ours, None, None, 0.1) == NOT_ROUTED
    assert class_of(None, None, None, 0.1) == ""
    assert class_of(ours, moved, None, 0.1) == APART
    assert class_of(ours, replace(ours, seconds=120.0, metres=1010.0), None, 0.1) == SAME
    assert class_of(ours, longer, ours, 0.1) == PREFERS
    assert class_of(ours, longer, longer, 0.1) == AVOIDS
