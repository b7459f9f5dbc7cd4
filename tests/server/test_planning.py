"""The planning API over a real socket, with real roles: who may, what it says, what it refuses."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dispatch.access.policy import Role
from dispatch.adapters import planning_store
from dispatch.adapters.planning_ground import PlanningGround, Stand
from dispatch.domain.refusals import Refusal
from dispatch.planning.coverage import counts
from dispatch.sim.reporter import Reporter, ReporterError
from dispatch.wire.planning_bodies import HistoryBody
from tests.live import Service


def post(number: int, lat: float, lon: float, **more: Any) -> dict[str, Any]:
    return {"post": f"S{number}", "name": f"点{number}", "lat": lat, "lon": lon, **more}


def posts_of(service: Service) -> list[dict[str, Any]]:
    return [post(n, team.home.lat, team.home.lon) for n, team in enumerate(service.town.roster[:5])]


@pytest.fixture
def planner(service: Service) -> Reporter:
    return service.person(Role.PLANNER)


def test_coverage_of_posts_is_what_the_ground_says(service: Service, planner: Reporter) -> None:
    told = planner.call("POST", "/api/planning/coverage", {"posts": posts_of(service)})
    ground = PlanningGround(service.town.ground, service.town.places)
    ms = ground.times([Stand("car", team.home) for team in service.town.roster[:5]])
    count = counts(ms, ground.points().limit_ms)
    assert np.array_equal(np.frombuffer(base64.b64decode(told["count"]), dtype=np.uint8), count)
    whole = next(c for c in told["cells"] if c["k"] == 1 and not (c["wave"] or c["tier"] or c["limit_ms"]))
    assert whole["covered"] == int(ground.points().weight[count > 0].sum())
    demand = planner.call("GET", "/api/planning/demand")
    assert len(demand["lon"]) == len(demand["weight"]) == len(count)
    assert [each["place"] for each in demand["places"]] == [p.place for p in ground.demand().places]


def test_the_live_teams_and_the_roster_are_sources_too(service: Service, planner: Reporter) -> None:
    for source in ("now", "roster"):
        told = planner.call("POST", "/api/planning/coverage", {"source": source})
        assert {each["post"] for each in told["posts"]} == {team.team for team in service.town.roster}


def test_gaps_say_the_nearest_post_and_what_is_missing(service: Service, planner: Reporter) -> None:
    told = planner.call("POST", "/api/planning/gaps", {"posts": posts_of(service)[:2]})
    assert told["total"] >= len(told["gaps"]) > 0
    for gap in told["gaps"]:
        if gap["post"] is not None:
            assert gap["missing_ms"] == gap["travel_ms"] - gap["target_ms"] > 0


def test_what_is_told_to_mend_mends_as_much_as_it_says(service: Service, planner: Reporter) -> None:
    posts = posts_of(service)[:3]

    def covered(asked: list[dict[str, Any]]) -> int:
        cells = planner.call("POST", "/api/planning/coverage", {"posts": asked})["cells"]
        whole = (c for c in cells if c["k"] == 1 and not (c["wave"] or c["tier"] or c["limit_ms"]))
        return int(next(whole)["covered"])

    before = covered(posts)
    added = planner.call("POST", "/api/planning/mend", {"posts": posts, "picks": 2})["picks"]
    assert len(added) == 2
    held = posts
    for number, pick in enumerate(added):
        held = [*held, post(90 + number, pick["lat"], pick["lon"])]
    assert covered(held) == before + sum(pick["gain"] for pick in added)
    for pick in planner.call("POST", "/api/planning/mend", {"posts": posts, "way": "move"})["picks"]:
        moved = [
            each if each["post"] != pick["post"] else {**each, "lat": pick["lat"], "lon": pick["lon"]}
            for each in posts
        ]
        assert covered(moved) == before + pick["gain"]


def test_hours_follow_the_shifts_and_the_past_incidents(service: Service, planner: Reporter) -> None:
    home = service.town.roster[0].home
    rows = [[home.lat, home.lon, 20_000 + n, 9] for n in range(7)] + [[home.lat, home.lon, 20_000, 23]]
    kept = planner.call("POST", "/api/planning/histories/may", {"title": "五月", "rows": rows})
    assert (kept["incidents"], kept["inside"], kept["days"]) == (8, 8, 7)
    day = post(1, home.lat, home.lon, from_min=480, until_min=1200)
    told = planner.call("POST", "/api/planning/hours", {"posts": [day], "demand": "may"})
    by_hour = {each["hour"]: each for each in told["hours"]}
    assert told["incidents"] == 8
    assert [by_hour[9]["incidents"], by_hour[23]["incidents"], by_hour[3]["incidents"]] == [7, 1, 0]
    assert (by_hour[9]["posts"], by_hour[23]["posts"]) == (1, 0)
    assert (by_hour[9]["all_permille"], by_hour[23]["all_permille"]) == (1000, 0)


def test_heat_counts_every_incident_once(service: Service, planner: Reporter) -> None:
    home = service.town.roster[0].home
    rows = [[home.lat + n * 1e-4, home.lon, 20_000 + n % 9, n % 24] for n in range(60)] + [[0.0, 0.0, 20_000, 1]]
    planner.call("POST", "/api/planning/histories/h1", {"title": "h", "rows": rows[:30]})
    more = planner.call("POST", "/api/planning/histories/h1", {"title": "h", "rows": rows[30:], "at": 30})
    assert more["incidents"] == 61 and more["inside"] == 60
    told = planner.call("GET", "/api/planning/heat?history=h1")
    assert sum(count for _, _, count in told["rows"]) == told["incidents"] == 60
    assert told["outside"] == 1
    assert all(0 <= slot < 168 and 0 <= cell < len(told["lon"]) for cell, slot, _ in told["rows"])
    assert [each["history"] for each in planner.call("DELETE", "/api/planning/histories/h1")] == ["log"]
    with pytest.raises(ReporterError, match="no plan or history"):
        planner.call("GET", "/api/planning/heat?history=h1")


def test_a_reported_incident_is_in_the_heat_of_the_log_but_not_its_text(
    service: Service, planner: Reporter
) -> None:
    place = service.town.places[0].point
    secret = "a name and a telephone number"
    service.reporter.report(place.lat, place.lon, note=secret)
    for path in ("heat", "report", "histories", "demand"):
        assert secret not in json.dumps(planner.call("GET", f"/api/planning/{path}"), ensure_ascii=False)
    assert planner.call("GET", "/api/planning/heat")["incidents"] == 1
    told = planner.call("GET", "/api/planning/report")
    assert told["incidents"] == 1
    assert all(leg["p50_ms"] is None and leg["n"] == 0 for group in told["tiers"] for leg in group["legs"])


def test_plans_are_saved_listed_copied_deleted_and_never_overwritten_unseen(
    service: Service, planner: Reporter
) -> None:
    body = {"title": "夜间方案", "posts": posts_of(service)}
    first = planner.call("POST", "/api/planning/plans/night", body)
    assert (first["version"], first["author"]) == (1, "planner")
    supervisor = service.reporter
    second = supervisor.call("POST", "/api/planning/plans/night", {**body, "note": "x", "version": 1})
    assert (second["version"], second["author"]) == (2, "supervisor")
    with pytest.raises(ReporterError, match="saved this plan since"):
        planner.call("POST", "/api/planning/plans/night", {**body, "version": 1})
    planner.call("POST", "/api/planning/plans/night-2", {**body, "title": "副本"})
    heads = planner.call("GET", "/api/planning/plans")
    assert {each["plan"]: each["posts"] for each in heads} == {"night": 5, "night-2": 5}
    assert planner.call("GET", "/api/planning/plans/night") == second
    assert [each["plan"] for each in planner.call("DELETE", "/api/planning/plans/night")] == ["night-2"]
    with pytest.raises(ReporterError, match="no plan or history"):
        planner.call("GET", "/api/planning/plans/night")


def test_a_plan_that_is_damaged_on_the_disk_can_be_saved_anew(service: Service, planner: Reporter) -> None:
    station = service.station
    assert station.planner is not None
    station.planner.store.put("plans", "night", {"title": "no version in it"})
    assert planner.call("GET", "/api/planning/plans") == []
    assert planner.call("POST", "/api/planning/plans/night", {"title": "x", "posts": []})["version"] == 1


def test_a_history_goes_on_from_where_it_is_and_a_part_said_again_counts_once(
    service: Service, planner: Reporter
) -> None:
    home, path = service.town.roster[0].home, "/api/planning/histories/h"
    rows = [[home.lat, home.lon, 20_000 + n, 9] for n in range(9)]
    for at in (0, 3, 3, 6):  # the answer to the second part was lost
        kept = planner.call("POST", path, {"title": "h", "rows": rows[at : at + 3], "at": at})
        assert kept["incidents"] == at + 3
    with pytest.raises(ReporterError, match="h has 9 past incidents, not 8"):
        planner.call("POST", path, {"title": "h", "rows": rows[:3], "at": 8})
    assert planner.call("POST", path, {"title": "h", "rows": rows[:3]})["incidents"] == 3, "begun anew"


def test_of_parts_for_one_place_that_come_at_once_one_is_kept(service: Service, planner: Reporter) -> None:
    assert service.station.planner is not None
    histories, home = service.station.planner.histories, service.town.roster[0].home

    def body(day: int, at: int) -> HistoryBody:
        return HistoryBody(title="h", rows=[(home.lat, home.lon, day, 9)], at=at)

    async def at_once() -> list[object]:
        assert not isinstance(await histories.keep("h", body(1, 0)), Refusal)
        return list(await asyncio.gather(*(histories.keep("h", body(day, 1)) for day in range(2, 10))))

    answers = asyncio.run_coroutine_threadsafe(at_once(), service.loop).result(20)
    assert sum(isinstance(answer, Refusal) for answer in answers) == 7
    heads = {each["history"]: each["incidents"] for each in planner.call("GET", "/api/planning/histories")}
    assert heads["h"] == 2


def test_all_histories_together_have_a_limit_and_what_is_deleted_is_forgotten(
    service: Service, planner: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service.station.planner is not None
    home, histories = service.town.roster[0].home, service.station.planner.histories
    rows = [[home.lat, home.lon, 20_000 + n, 9] for n in range(100)]
    planner.call("POST", "/api/planning/histories/h0", {"title": "h", "rows": rows})
    store = service.station.planner.store
    monkeypatch.setattr(planning_store, "MOST_BYTES_IN_ALL", 3 * store.bytes + 10)
    for name in ("h1", "h2"):
        planner.call("POST", f"/api/planning/histories/{name}", {"title": "h", "rows": rows})
    for path, body in (
        ("histories/h3", {"title": "h", "rows": rows}),
        ("histories/h2", {"title": "h", "rows": rows, "at": 100}),
        ("plans/p", {"title": "p", "posts": posts_of(service)}),
    ):
        with pytest.raises(ReporterError, match="delete what is no longer needed"):
            planner.call("POST", f"/api/planning/{path}", body)
    assert {each["incidents"] for each in planner.call("GET", "/api/planning/histories")} == {0, 100}
    planner.call("DELETE", "/api/planning/histories/h1")
    planner.call("POST", "/api/planning/histories/h3", {"title": "h", "rows": rows})
    planner.call("GET", "/api/planning/heat?history=h3")
    assert set(histories.made) == {"log", "h0", "h2", "h3"}, "nothing of h1 is held"


def test_documents_beyond_the_limit_are_not_read_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = planning_store.PlanningStore(tmp_path)
    for name in "abc":
        assert store.put("histories", name, {"title": name, "rows": [[1.0, 1.0, 1, 1]] * 100})
    monkeypatch.setattr(planning_store, "MOST_BYTES_IN_ALL", store.bytes - 1)
    again = planning_store.PlanningStore(tmp_path)
    assert set(again.all("histories")) == {"a", "b"}
    assert len(again.damaged) == 1 and "bytes" in again.damaged[0]


def test_who_only_reads_may_look_but_not_save(service: Service) -> None:
    auditor = service.person(Role.AUDITOR)
    assert auditor.call("GET", "/api/planning/plans") == []
    assert auditor.call("POST", "/api/planning/coverage", {"source": "roster"})["posts"]
    with pytest.raises(ReporterError, match="your role may not"):
        auditor.call("POST", "/api/planning/plans/mine", {"title": "x", "posts": []})
    for role in (Role.DISPATCHER, Role.ADMINISTRATOR, Role.PATROL):
        with pytest.raises(ReporterError, match="your role may not"):
            service.person(role).call("GET", "/api/planning/plans")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("coverage", {"posts": [{"post": "A", "lat": 91.0, "lon": 0.0}]}),
        ("coverage", {"posts": [{"post": "A", "lat": 1.0, "lon": 0.0}] * 2}),
        ("coverage", {"posts": [{"post": f"P{n}", "lat": 1.0, "lon": 0.0} for n in range(301)]}),
        ("coverage", {"hour": 24}),
        ("coverage", {"demand": "../etc"}),
        ("coverage", {"demand": "unknown"}),
        ("mend", {"profile": "boat"}),
        ("mend", {"picks": 11}),
        ("plans/UPPER", {"title": "x", "posts": []}),
        ("plans/ok", {"title": " ", "posts": []}),
        ("histories/log", {"title": "x", "rows": [[1, 1, 1, 1]]}),
        ("histories/ok", {"title": "x", "rows": [[1, 1, 1, 25]]}),
        ("histories/ok", {"title": "x", "rows": [[1, 1, 1, 1]], "at": 1}),
    ],
)
def test_bad_input_is_told_what_to_do(service: Service, planner: Reporter, path: str, body: dict[str, Any]) -> None:
    with pytest.raises(ReporterError, match=r": .+"):
        planner.call("POST", f"/api/planning/{path}", body)
    assert planner.call("GET", "/api/planning/plans") == []
