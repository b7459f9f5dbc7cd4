"""The HTTP API on a real socket: what it does, and how it says no."""

from __future__ import annotations

import gzip
import json
import urllib.request

import pytest
import shapely

from dispatch.domain.refusals import TABLE, Code
from dispatch.sim.reporter import ReporterError, new_key
from tests.live import Service


def report_body(service: Service, **changes: object) -> dict[str, object]:
    point = service.town.places[0].point
    body: dict[str, object] = {
        "key": new_key(),
        "lat": point.lat,
        "lon": point.lon,
        "what": "dispute",
        "urgency": "urgent",
        "note": "",
    }
    return body | changes


def post(service: Service, path: str, body: object) -> tuple[int, dict[str, object]]:
    status, answer = service.raw("POST", path, json.dumps(body).encode())
    return status, json.loads(answer)


def test_a_report_is_offered_to_a_team_and_listed(service: Service) -> None:
    incident = service.reporter.report(service.town.places[0].point.lat, service.town.places[0].point.lon)
    view = service.reporter.incident(incident)
    assert view["incident"]["place"] == service.town.places[0].name
    assert view["incident"]["tier"] == service.town.places[0].tier
    assert [order["status"] for order in view["orders"]] == ["offered"]
    times = [candidate["eta_ms"] for candidate in view["orders"][0]["choice"]["ranked"]]
    assert times == sorted(times)
    assert view["orders"][0]["eta_ms"] == times[0]
    listed = service.reporter.call("GET", "/api/incidents?status=open")
    assert [row["incident"]["incident"] for row in listed] == [incident]


def test_the_same_key_and_body_has_the_same_answer(service: Service) -> None:
    body = report_body(service)
    first = post(service, "/api/incidents", body)
    again = post(service, "/api/incidents", body)
    assert first[0] == again[0] == 201
    assert again[1] == first[1] | {"outcome": "replayed"}
    assert len(service.station.desk.state.incidents) == 1


def test_the_same_key_with_another_body_is_refused_and_nothing_is_lost(service: Service) -> None:
    body = report_body(service)
    post(service, "/api/incidents", body)
    status, problem = post(service, "/api/incidents", body | {"note": "something else"})
    assert (status, problem["code"]) == (409, Code.KEY_REUSED)
    assert len(service.station.desk.state.incidents) == 1


def test_closing_recalls_the_order_and_frees_the_team(service: Service) -> None:
    incident = service.reporter.report(service.town.places[0].point.lat, service.town.places[0].point.lon)
    service.reporter.call("POST", f"/api/incidents/{incident}/close", {"key": new_key(), "outcome": "false alarm"})
    view = service.reporter.incident(incident)
    assert view["incident"]["status"] == "closed"
    assert view["incident"]["outcome"] == "false alarm"
    assert [order["status"] for order in view["orders"]] == ["recalled"]
    assert all(team["order"] is None for team in service.reporter.call("GET", "/api/teams"))


def test_a_team_without_a_fix_is_shown_at_its_home_and_says_so(service: Service) -> None:
    teams = service.reporter.call("GET", "/api/teams")
    assert len(teams) == len(service.town.roster)
    assert {team["source"] for team in teams} == {"home"}
    assert {team["fix_age_ms"] for team in teams} == {None}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"lat": 91}, 422, Code.OUT_OF_RANGE),
        ({"lon": -181}, 422, Code.OUT_OF_RANGE),
        ({"lat": 0.0, "lon": 0.0}, 422, Code.TOO_FAR_FROM_ROAD),
        ({"lat": "north"}, 422, Code.BAD_REQUEST),
        ({"what": "picnic"}, 422, Code.BAD_REQUEST),
        ({"key": "1"}, 422, Code.BAD_REQUEST),
        ({"note": "x" * 2001}, 422, Code.BAD_REQUEST),
        ({"colour": "red"}, 422, Code.BAD_REQUEST),
        ({"lat": float("nan")}, 422, Code.OUT_OF_RANGE),
    ],
)
def test_a_bad_report_says_what_is_wrong_and_what_to_do(
    service: Service, changes: dict[str, object], status: int, code: Code
) -> None:
    got, problem = post(service, "/api/incidents", report_body(service, **changes))
    assert (got, problem["code"], problem["number"]) == (status, code, TABLE[code].number)
    assert problem["hint"] == TABLE[code].hint
    assert service.station.desk.state.incidents == {}
    assert service.reporter.call("GET", "/healthz")["status"] == "ok"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/incidents/I9999", None, 404, Code.UNKNOWN_INCIDENT),
        ("GET", "/api/teams/nobody/circles", None, 404, Code.UNKNOWN_TEAM),
        ("GET", "/api/teams/V01/circles?minutes=0", None, 422, Code.BAD_REQUEST),
        ("GET", "/api/teams/V01/circles?minutes=abc", None, 422, Code.BAD_REQUEST),
        ("GET", "/api/teams/V01/circles?minutes=1,2,3,4,5,6,7", None, 422, Code.BAD_REQUEST),
        ("GET", "/api/circles?lat=28&lon=999", None, 422, Code.OUT_OF_RANGE),
        ("GET", "/api/circles?lat=0&lon=0", None, 422, Code.TOO_FAR_FROM_ROAD),
        ("GET", "/api/circles?lat=28&lon=120.56&profile=boat", None, 422, Code.BAD_REQUEST),
        ("GET", "/api/incidents?limit=0", None, 422, Code.BAD_REQUEST),
        ("GET", "/api/nothing", None, 404, Code.NOT_FOUND),
        ("POST", "/api/incidents", b"{not json", 422, Code.BAD_REQUEST),
        ("POST", "/api/incidents", b"[]", 422, Code.BAD_REQUEST),
        ("POST", "/api/incidents", b"\xff\xfe", 422, Code.BAD_REQUEST),
        ("POST", "/api/incidents", b"x" * 100_000, 413, Code.BODY_TOO_LARGE),
        ("GET", "/api/circles?lat=28&lon=120.56&minutes=inf", None, 422, Code.BAD_REQUEST),
    ],
)
def test_every_no_has_one_form(  # noqa: PLR0917
    service: Service, method: str, path: str, body: bytes | None, status: int, code: Code
) -> None:
    got, answer = service.raw(method, path, body)
    problem = json.loads(answer)
    assert (got, problem["code"]) == (status, code)
    assert set(problem) == {"code", "number", "message", "hint"}
    assert "Traceback" not in answer.decode()


def test_closing_an_unknown_incident_is_refused(service: Service) -> None:
    status, problem = post(service, "/api/incidents/I0404/close", {"key": new_key(), "outcome": ""})
    assert (status, problem["code"]) == (404, Code.UNKNOWN_INCIDENT)


def test_an_unknown_team_cannot_go_on_duty(service: Service) -> None:
    status, problem = post(service, "/api/teams/Z99/duty", {"key": new_key(), "on_duty": True})
    assert (status, problem["code"]) == (404, Code.UNKNOWN_TEAM)


def test_a_team_with_an_order_cannot_go_off_duty(service: Service) -> None:
    service.reporter.report(service.town.places[0].point.lat, service.town.places[0].point.lon)
    busy = next(team["team"] for team in service.reporter.call("GET", "/api/teams") if team["order"])
    with pytest.raises(ReporterError, match="live order"):
        service.reporter.call("POST", f"/api/teams/{busy}/duty", {"key": new_key(), "on_duty": False})


def test_circles_are_nested_and_hold_the_team(service: Service) -> None:
    found = service.reporter.call("GET", "/api/teams/V01/circles?minutes=5,1,3")
    areas = {
        feature["properties"]["limit_s"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in found["features"]
    }
    assert set(areas) == {60, 180, 300}
    assert areas[180].covers(areas[60])
    assert areas[300].covers(areas[180])
    home = next(team.home for team in service.town.roster if team.team == "V01")
    assert areas[60].distance(shapely.Point(home.lon, home.lat)) < 1e-4


def test_the_walk_is_told_as_far_as_it_has_come(service: Service) -> None:
    incident = service.reporter.report(service.town.places[0].point.lat, service.town.places[0].point.lon)
    walk = service.reporter.call("GET", f"/api/incidents/{incident}/walk")
    assert [step["step"] for step in walk] == list(range(1, 14))
    done = {step["name"] for step in walk if step["at_ms"] is not None}
    assert done == {"report", "locate", "record", "reach", "candidates", "assign", "order", "append"}
    times = [step["at_ms"] for step in walk if step["at_ms"] is not None]
    assert times == sorted(times)


def test_the_ground_is_drawn_from_the_ground(service: Service) -> None:
    view = service.reporter.call("GET", "/api/ground")
    assert view["synthetic"] is True
    status, body = service.raw("GET", "/api/ground/roads")
    assert status == 200
    roads = json.loads(body)
    classes = {feature["properties"]["class"] for feature in roads["features"]}
    assert {"residential", "trunk"} <= classes
    west, south, east, north = view["bounds"]
    lon, lat = roads["features"][0]["geometry"]["coordinates"][0][0]
    assert west - 1e-4 <= lon <= east + 1e-4
    assert south - 1e-4 <= lat <= north + 1e-4
    assert {place["tier"] for place in service.reporter.call("GET", "/api/ground/places")} == {"T1", "T2", "T3"}


def test_a_drawing_is_zipped_for_who_takes_that(service: Service) -> None:
    headers = {**service.reporter.headers(), "Accept-Encoding": "gzip"}
    asked = urllib.request.Request(f"{service.base}/api/ground/roads", headers=headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.headers["Content-Encoding"] == "gzip" and answer.headers["Vary"] == "Accept-Encoding"
        zipped = answer.read()
    assert gzip.decompress(zipped) == service.raw("GET", "/api/ground/roads")[1]


def test_openapi_names_every_path(service: Service) -> None:
    paths = service.reporter.call("GET", "/openapi.json")["paths"]
    assert {"/api/incidents", "/api/incidents/{incident}/close", "/api/teams", "/healthz"} <= set(paths)
