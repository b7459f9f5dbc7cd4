"""What an operator does over HTTP: merge, note, send, recall, undo, help, standby, tasks; and the refusals."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from dispatch.domain.refusals import Code
from dispatch.sim.reporter import new_key
from tests.live import Service


def post(service: Service, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    status, answer = service.raw("POST", path, json.dumps({"key": new_key(), **body}).encode())
    return status, json.loads(answer)


def applied(service: Service, path: str, **body: Any) -> dict[str, Any]:
    status, answer = post(service, path, **body)
    assert status in (200, 201), answer
    return answer


def reported(service: Service, what: str = "dispute") -> str:
    point = service.town.places[0].point
    return service.reporter.report(point.lat, point.lon, what=what)


def idle(service: Service) -> str:
    teams = service.reporter.call("GET", "/api/teams")
    return next(team["team"] for team in teams if team["duty"] == "on_patrol" and team["order"] is None)


@pytest.fixture
def incident(service: Service) -> Any:
    name = reported(service)
    yield name
    service.raw("POST", f"/api/incidents/{name}/close", json.dumps({"key": new_key()}).encode())


def test_a_team_is_sent_by_hand_and_that_is_undone(service: Service, incident: str) -> None:
    team = idle(service)
    applied(service, f"/api/incidents/{incident}/send", team=team, reason="knows the family")
    order = next(row for row in service.reporter.incident(incident)["orders"] if row["team"] == team)
    assert (order["by"], order["choice"]["policy"]) == ("operator", "manual")
    done = applied(service, f"/api/orders/{order['order']}/undo")
    assert done["subject"] == order["order"]
    assert service.reporter.call("GET", f"/api/orders/{order['order']}")["end_reason"] == "undo"


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_sending_by_hand_needs_a_reason(service: Service, incident: str, reason: str | None) -> None:
    status, told = post(service, f"/api/incidents/{incident}/send", team=idle(service), reason=reason)
    assert (status, told["code"]) == (422, Code.BAD_REQUEST)


def test_an_order_is_recalled_with_a_reason_and_another_team_is_asked(service: Service, incident: str) -> None:
    (order,) = service.reporter.incident(incident)["orders"]
    applied(service, f"/api/orders/{order['order']}/recall", reason="its car has a flat tyre")
    first, second = service.reporter.incident(incident)["orders"]
    assert (first["status"], first["end_reason"], second["status"]) == ("recalled", "operator", "offered")
    assert second["team"] != order["team"]
    undone = applied(service, f"/api/orders/{order['order']}/undo")
    assert undone["subject"] == incident, "what its first fact is about: a replay names the same"


def test_two_reports_of_one_incident_are_merged_and_unmerged(service: Service, incident: str) -> None:
    again = reported(service)
    assert incident in service.reporter.incident(again)["incident"]["similar"]
    applied(service, f"/api/incidents/{again}/merge", into=incident)
    view = service.reporter.incident(incident)
    assert (view["incident"]["merged"], len(view["orders"])) == ([again], 2)
    assert post(service, f"/api/incidents/{again}/close")[1]["code"] == Code.INCIDENT_NOT_OPEN
    applied(service, f"/api/incidents/{again}/unmerge")
    assert service.reporter.incident(again)["incident"]["status"] == "open"
    applied(service, f"/api/incidents/{again}/close")


def test_a_closing_is_undone(service: Service, incident: str) -> None:
    applied(service, f"/api/incidents/{incident}/close", outcome="?")
    applied(service, f"/api/incidents/{incident}/reopen")
    assert service.reporter.incident(incident)["incident"]["status"] == "open"


def test_a_note_a_wave_and_help(service: Service, incident: str) -> None:
    applied(service, f"/api/incidents/{incident}/notes", note="门口有狗")
    applied(service, f"/api/incidents/{incident}/wave")
    view = service.reporter.incident(incident)
    assert [note["note"] for note in view["incident"]["notes"]] == ["门口有狗"]
    assert len(view["incident"]["waves"]) == 2
    order = view["orders"][0]["order"]
    assert post(service, f"/api/orders/{order}/help")[1]["code"] == Code.WRONG_STATE
    assert post(service, "/api/orders/O9999/help")[1]["code"] == Code.UNKNOWN_ORDER


def test_nothing_is_recommended_where_the_desk_sends_by_itself(service: Service, incident: str) -> None:
    status, told = post(service, f"/api/incidents/{incident}/confirm", teams=[idle(service)])
    assert (status, told["code"]) == (409, Code.RECOMMENDATION_CHANGED)
    assert post(service, f"/api/incidents/{incident}/confirm", teams=[])[0] == 422


def test_a_team_stands_by_patrols_again_and_has_a_task_that_is_ended(service: Service) -> None:
    team, point = idle(service), service.town.places[1].point
    applied(service, f"/api/teams/{team}/standby", lat=point.lat, lon=point.lon)
    assert view_of(service, team)["duty"] == "standby"
    assert view_of(service, team)["post_name"]
    applied(service, f"/api/teams/{team}/standby")
    assert view_of(service, team)["duty"] == "on_patrol"
    assert post(service, f"/api/teams/{team}/standby", lat=point.lat)[1]["code"] == Code.BAD_REQUEST
    now_ms = time.time_ns() // 1_000_000
    hours = {"starts_at_ms": now_ms + 3_600_000, "ends_at_ms": now_ms + 7_200_000}
    applied(service, f"/api/teams/{team}/task", task="消防检查", **hours)
    assert view_of(service, team)["task"]["task"] == "消防检查"
    assert post(service, f"/api/teams/{team}/task", task="x", **hours)[1]["code"] == Code.TASK_EXISTS
    applied(service, f"/api/teams/{team}/task/end")
    assert post(service, f"/api/teams/{team}/task/end")[1]["code"] == Code.NO_TASK


def view_of(service: Service, team: str) -> dict[str, Any]:
    return next(row for row in service.reporter.call("GET", "/api/teams") if row["team"] == team)


def test_a_team_is_registered_with_what_it_can_do(service: Service) -> None:
    home = service.town.roster[0].home
    facts = {"skills": ["mediation"], "vehicle": "van", "staff": 4, "shift": {"from_min": 1200, "until_min": 480}}
    applied(service, "/api/teams", team="N01", name="夜班", lat=home.lat, lon=home.lon, unit="station", **facts)
    view = view_of(service, "N01")
    assert {name: view[name] for name in facts} == facts
    bad = {"team": "N02", "name": "x", "lat": home.lat, "lon": home.lon}
    assert post(service, "/api/teams", **bad, shift={"from_min": 1440, "until_min": 0})[0] == 422
    assert post(service, "/api/teams", **bad, staff=0)[0] == 422
