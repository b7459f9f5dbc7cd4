"""Positions over HTTP: what phones send, on a real socket, and what decisions make of it."""

from __future__ import annotations

import base64
import http.client
import json
import time
from urllib.parse import urlencode

import pytest

from dispatch.access.refusals import Door
from dispatch.domain.refusals import Code
from geo_data.coordinates import wgs84_to_gcj02
from tests.live import Service

HUGE = 10**400
"""More than a double can hold; JSON allows it."""

OWNTRACKS = {"_type": "location", "lat": 28, "lon": 120, "tst": 1, "tid": "V01"}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def send(
    service: Service, method: str, path: str, body: str = "", *, team: str = "V01", kind: str = JSON
) -> tuple[int, object]:
    """What a phone of ``team`` hears; its token goes as the password of HTTP Basic, as OwnTracks does it."""
    password = base64.b64encode(f"{team}:{service.tracker(team)}".encode()).decode()
    headers = {"Authorization": f"Basic {password}"} | ({"Content-Type": kind} if body else {})
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, body.encode() or None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def track(service: Service, team: str) -> dict:
    return next(row for row in service.reporter.call("GET", "/api/positions") if row["team"] == team)


def test_a_phone_that_speaks_osmand_moves_its_team_by_query_form_or_json(service: Service) -> None:
    team, home = service.town.roster[0].team, service.town.roster[0].home
    now_s = int(time.time())
    query = urlencode({"id": team, "lat": home.lat, "lon": home.lon, "timestamp": now_s - 30, "batt": 50})
    assert send(service, "GET", f"/api/positions/osmand?{query}", team=team) == (200, {"verdict": "taken"})
    form = urlencode({"id": team, "lat": home.lat + 0.0001, "lon": home.lon, "timestamp": now_s - 20})
    assert send(service, "POST", "/api/positions/osmand", form, team=team, kind=FORM) == (200, {"verdict": "taken"})
    client = {
        "device_id": team,
        "location": {"timestamp": now_s - 10, "coords": {"latitude": home.lat + 0.0002, "longitude": home.lon}},
    }
    sent = send(service, "POST", "/api/positions/osmand", json.dumps(client), team=team)
    assert sent == (200, {"verdict": "taken"})
    held = track(service, team)["fix"]
    assert held["lat"] == pytest.approx(home.lat + 0.0002)
    assert 9_000 <= held["age_ms"] <= 60_000
    # traccar#4417: a late fix never moves it back
    assert send(service, "GET", f"/api/positions/osmand?{query}", team=team) == (200, {"verdict": "late"})
    still = track(service, team)["fix"]
    assert still == held | {"age_ms": still["age_ms"]}


def test_a_fix_off_the_ground_moves_nobody_and_says_so(service: Service) -> None:
    team, home = service.town.roster[0].team, service.town.roster[0].home
    at = {"id": team, "lat": home.lat, "lon": home.lon}
    assert send(service, "GET", f"/api/positions/osmand?{urlencode(at)}", team=team)[1] == {"verdict": "taken"}
    assert track(service, team)["fix"]["accuracy_m"] is None, "what is not said is not 0"
    away = urlencode(at | {"lat": home.lat - 5})
    assert send(service, "GET", f"/api/positions/osmand?{away}", team=team)[1] == {"verdict": "off_ground"}
    held = track(service, team)
    assert (held["fix"]["lat"], held["doubted"]) == (home.lat, None)


def test_the_description_of_the_api_names_what_trackers_send(service: Service) -> None:
    paths = json.loads(service.raw("GET", "/openapi.json")[1])["paths"]
    asked = {each["name"] for each in paths["/api/positions/osmand"]["get"]["parameters"]}
    assert {"id", "lat", "lon", "timestamp", "accuracy", "speed", "bearing", "batt", "datum"} <= asked
    media = paths["/api/positions/osmand"]["post"]["requestBody"]["content"]
    assert set(media) == {FORM, JSON}
    assert "_type" in json.dumps(paths["/api/positions/owntracks"]["post"]["requestBody"])


def test_an_owntracks_phone_in_gcj02_stands_where_it_is_and_says_where_that_came_from(service: Service) -> None:
    team, home = service.town.roster[1].team, service.town.roster[1].home
    lon, lat = (float(each) for each in wgs84_to_gcj02(home.lon, home.lat))
    body = {"_type": "location", "lat": lat, "lon": lon, "tst": int(time.time()), "topic": f"owntracks/x/{team}"}
    sent = send(service, "POST", "/api/positions/owntracks?datum=gcj02", json.dumps([body]), team=team)
    assert sent == (200, [])
    held = track(service, team)["fix"]
    assert (held["lat"], held["lon"]) == (pytest.approx(home.lat, abs=1e-7), pytest.approx(home.lon, abs=1e-7))
    assert held["datum"] == "GCJ-02"


def test_an_impossible_jump_is_marked_and_the_next_order_counts_with_the_place_that_is_believed(
    service: Service,
) -> None:
    team, home = service.town.roster[2].team, service.town.roster[2].home
    now_s = int(time.time())
    for lat, verdict in ((home.lat, "taken"), (home.lat + 0.15, "jump")):
        query = urlencode({"id": team, "lat": lat, "lon": home.lon, "timestamp": now_s})
        sent = send(service, "GET", f"/api/positions/osmand?{query}", team=team)
        assert sent == (200, {"verdict": verdict})
    row = track(service, team)
    assert row["fix"]["lat"] == pytest.approx(home.lat)
    assert row["doubted"]["lat"] == pytest.approx(home.lat + 0.15)
    incident = service.reporter.report(home.lat, home.lon)
    order = service.reporter.incident(incident)["orders"][0]
    ranked = {each["team"]: each for each in order["choice"]["ranked"]}
    assert ranked[team]["position"]["lat"] == pytest.approx(home.lat)
    assert ranked[team]["fix"] == "fix"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (("GET", "/api/positions/osmand?id=V02&lat=28&lon=120", ""), 403, Door.NOT_ALLOWED),
        (("GET", "/api/positions/osmand?id=nobody&lat=28&lon=120", ""), 403, Door.NOT_ALLOWED),
        (("GET", "/api/positions/osmand?lat=28&lon=120", ""), 422, Code.BAD_REQUEST),
        (("GET", "/api/positions/osmand?id=V01&lat=95&lon=120", ""), 422, Code.OUT_OF_RANGE),
        (("POST", "/api/positions/osmand", "{"), 422, Code.BAD_REQUEST),
        (("POST", "/api/positions/osmand", "[]"), 422, Code.BAD_REQUEST),
        (("POST", "/api/positions/owntracks", "nonsense"), 422, Code.BAD_REQUEST),
        (("POST", "/api/positions/owntracks", json.dumps([{}] * 65)), 422, Code.BAD_REQUEST),
        (("POST", "/api/positions/owntracks", '{"_type": "location"}'), 422, Code.BAD_REQUEST),
        *[
            (("POST", "/api/positions/owntracks", json.dumps(OWNTRACKS | wrong)), 422, Code.BAD_REQUEST)
            for wrong in ({"lat": HUGE}, {"tst": HUGE}, {"acc": -HUGE}, {"tid": "\ud800"}, {"topic": "a/\udfff"})
        ],
        *[
            (
                ("POST", "/api/positions/osmand", json.dumps({"device_id": "V01", "location": wrong})),
                422,
                Code.BAD_REQUEST,
            )
            for wrong in (
                {"coords": {"latitude": HUGE, "longitude": 120}},
                {"coords": {"latitude": 28, "longitude": 120}, "battery": {"level": HUGE}},
                {"coords": {"latitude": 28, "longitude": 120}, "timestamp": HUGE},
            )
        ],
    ],
)
def test_what_is_no_position_is_refused_and_moves_nobody(
    service: Service, asked: tuple[str, str, str], status: int, code: Code | Door
) -> None:
    answered, problem = send(service, *asked)
    assert isinstance(problem, dict)
    assert (answered, problem["code"]) == (status, code)
    assert problem["hint"]
    assert service.reporter.call("GET", "/api/positions") == []


def test_other_owntracks_messages_and_empty_ones_are_taken_and_ignored(service: Service) -> None:
    assert send(service, "POST", "/api/positions/owntracks", '{"_type": "lwt", "tst": 5}') == (200, [])
    assert send(service, "POST", "/api/positions/owntracks") == (200, [])
    assert service.reporter.call("GET", "/api/positions") == []
