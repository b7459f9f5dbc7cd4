"""The desk in the past and the live cover over HTTP: the past is the fold of the log; looking writes nothing."""

from __future__ import annotations

import asyncio
import json

import pytest

from dispatch.domain.cover import CoverPicture
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState
from dispatch.server import desk_past as module
from dispatch.server import routes_past
from dispatch.server.desk_past import DeskPast
from dispatch.sim.reporter import new_key
from dispatch.wire import snapshot
from tests.live import Service
from tests.service.random_day import new_desk


def say(service: Service, path: str) -> dict:
    found = service.reporter.call("GET", path)
    assert isinstance(found, dict)
    return found


def some_incident(service: Service) -> str:
    at = next(place.point for place in service.town.places)
    return service.reporter.report(at.lat, at.lon)


def test_the_past_before_a_report_does_not_have_it_and_the_present_does(service: Service) -> None:
    before = service.station.desk.state.seq
    incident = some_incident(service)
    head = service.station.desk.state.seq
    then, now = say(service, f"/api/past?seq={before}"), say(service, f"/api/past?seq={head + 1000}")
    assert then["seq"] == before
    assert incident not in {one["incident"] for one in then["snapshot"]["incidents"]}
    assert incident in {one["incident"] for one in now["snapshot"]["incidents"]}
    assert now["seq"] == now["head"] >= head


def test_the_loop_that_sends_orders_sorts_nothing_of_the_past(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def visible(state: DeskState, audience: None) -> object:
        threads.append(asyncio._get_running_loop())
        return snapshot.visible(state, audience)

    monkeypatch.setattr(routes_past, "visible", visible)
    say(service, "/api/past?seq=1")
    assert threads == [None]


def test_the_past_at_a_time_is_that_of_its_last_event(service: Service) -> None:
    some_incident(service)
    events = say(service, "/api/events?limit=50")["events"]
    chosen = events[len(events) // 2]
    last = max(event["seq"] for event in events if event["at_ms"] <= chosen["at_ms"])
    assert say(service, f"/api/past?at_ms={chosen['at_ms']}")["seq"] == last


def test_events_page_backwards_without_a_gap(service: Service) -> None:
    some_incident(service)
    late = say(service, "/api/events?limit=3")
    early = say(service, f"/api/events?limit=3&before={late['events'][0]['seq']}")
    seqs = [event["seq"] for event in (*early["events"], *late["events"])]
    assert seqs == list(range(seqs[0], seqs[0] + 6))
    assert late["events"][-1]["seq"] == late["head"]
    assert say(service, "/api/events?before=1")["events"] == []


@pytest.mark.parametrize("query", ["", "?seq=1&at_ms=1", "?seq=-1", "?seq=x"])
def test_a_question_that_names_no_moment_is_refused(service: Service, query: str) -> None:
    status, problem = service.raw("GET", f"/api/past{query}")
    assert (status, json.loads(problem)["code"]) == (422, Code.BAD_REQUEST)


def test_looking_writes_nothing(service: Service) -> None:
    seq = service.station.desk.state.seq
    for path in ("/api/coverage", f"/api/past?seq={seq}", "/api/events"):
        say(service, path)
    assert service.station.desk.state.seq == seq


def test_cover_shrinks_as_teams_go_off_duty_and_is_nothing_without_any(service: Service) -> None:
    full = say(service, "/api/coverage")["picture"]
    check_laws(full)
    for team in service.town.roster:
        service.reporter.call("POST", f"/api/teams/{team.team}/duty", {"key": new_key(), "on_duty": False})
    none = say(service, "/api/coverage")["picture"]
    check_laws(none)
    assert (none["teams"], none["expected_micro"]) == (0, 0)
    assert {row["once"] for row in none["tiers"]} == {0}
    assert none["n_uncovered"] == sum(row["places"] for row in none["tiers"]) == len(service.town.places)
    assert set(none["level"]) == {len(none["limits_ms"])}
    assert full["expected_micro"] > 0


def check_laws(picture: dict) -> None:
    assert set(picture) == set(CoverPicture.__dataclass_fields__)
    covered = [row["covered_m"] for row in picture["streets"]]
    assert covered == sorted(covered)
    assert all(row["covered_m"] <= row["all_m"] for row in picture["streets"])
    for row in picture["tiers"]:
        assert row["twice"] <= row["once"] <= row["places"]
    missing = sum(row["places"] - row["once"] for row in picture["tiers"])
    assert picture["n_uncovered"] == missing
    assert all(gap["nearest_ms"] is None or gap["nearest_ms"] > gap["target_ms"] for gap in picture["uncovered"])
    assert len(picture["lon_e5"]) == len(picture["lat_e5"]) == len(picture["level"])
    assert 0 <= picture["expected_micro"] <= picture["possible_micro"]


def test_every_past_is_the_fold_from_nothing_whatever_was_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MARK_EVERY", 3)
    monkeypatch.setattr(module, "MOST_MARKS", 3)
    log = new_desk(teams=6).log
    assert log.head() >= 12
    history = DeskPast(log.read)
    for seq in (log.head(), 0, 4, 11, 7, 2, log.head(), 5):
        fresh = DeskState()
        for row in log.read():
            if row.seq <= seq:
                fresh.apply(row)
        found = asyncio.run(history.at(seq, None))
        assert not isinstance(found, Refusal)
        assert found.state == fresh


def test_a_log_that_cannot_be_read_is_a_refusal_not_a_traceback() -> None:
    def away(_after: int):  # type: ignore[no-untyped-def]
        raise OSError("gone")
        yield

    found = asyncio.run(DeskPast(away).at(1, None))
    assert isinstance(found, Refusal)
    assert found.code is Code.LOG_AWAY
