"""A tablet by HTTP over a real socket: its way, its panic, its photos; and what the desk sees of them."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import secrets
import shutil
import struct
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dispatch.access.policy import Role
from dispatch.access.proofs import connect_message
from dispatch.adapters import photos
from dispatch.adapters.photos import Photo, PhotoStore, media_type_of
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import TeamId
from dispatch.sim.identity import Identity, signed
from dispatch.sim.reporter import ReporterError
from dispatch.wire.keys import uuid7
from dispatch.wire.tablet_bodies import MAX_PART_BYTES
from geo_data.locate import locate
from geo_data.route import route
from geo_data.types import LonLat
from tests.live import Service

TEAM = TeamId("V01")


def new_key() -> str:
    return uuid7(int(time.time() * 1000), secrets.token_bytes(10))


class ByHand:
    """A tablet's HTTP side: the cookie of its own session, by its own key."""

    def __init__(self, service: Service, identity: Identity) -> None:
        self.base, self.cookie = service.base, ""
        door = f"/api/devices/{identity.device}"
        nonce = self.call("POST", f"{door}/challenge", {})[1]["nonce"]
        proof = {"nonce": nonce, "signature": signed(identity.key, connect_message(identity.device, nonce))}
        status, _, headers = self._ask("POST", f"{door}/session", json.dumps(proof).encode())
        assert status == 204
        self.cookie = (headers["Set-Cookie"] or "").split(";")[0]

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        status, text, _ = self._ask(method, path, data)
        return status, json.loads(text)

    def _ask(self, method: str, path: str, data: bytes | None) -> tuple[int, bytes, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection(self.base.removeprefix("http://"), timeout=20)
        try:
            headers = {"Content-Type": "application/json", "Cookie": self.cookie, "Origin": self.base}
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()


@pytest.fixture
def tablet(service: Service) -> ByHand:
    return ByHand(service, service.tablet(TEAM))


def png(size: int) -> bytes:
    """A real picture of about so many bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + secrets.token_bytes(300) for _ in range(size // 301 + 1))
    head = struct.pack(">IIBBBBB", 100, len(rows) // 301, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def report_at_home(service: Service) -> str:
    """An incident at the door of the team, whose order it gets."""
    home = service.station.desk.state.teams[TEAM].home
    body = {"key": new_key(), "lat": home.lat, "lon": home.lon, "what": "dispute", "urgency": "urgent", "note": ""}
    incident = str(service.reporter.call("POST", "/api/incidents", body)["subject"])
    state = service.station.desk.state
    assert any(state.orders[name].team == TEAM for name in state.incidents[incident].orders)  # type: ignore[index]
    return incident


def test_the_way_is_the_grounds_own(service: Service, tablet: ByHand) -> None:
    teams = service.station.desk.state.teams
    a, b = teams[TEAM].home, teams[TeamId("D4")].home
    path = f"/api/route?from_lat={a.lat}&from_lon={a.lon}&to_lat={b.lat}&to_lon={b.lon}&profile=car"
    status, way = tablet.call("GET", path)
    assert status == 200
    graph = service.town.ground.graph("car")
    truth = route(graph, locate(graph, LonLat(a.lon, a.lat)), locate(graph, LonLat(b.lon, b.lat)))
    assert truth is not None
    assert way["travel_ms"] == truth.travel_ms == sum(step["travel_ms"] for step in way["steps"])
    assert (way["steps"][0]["kind"], way["steps"][-1]["kind"][:6]) == ("depart", "arrive")
    assert all(step["zh"] and step["en"] for step in way["steps"])
    assert len(way["line"]) == len(truth.lonlat)
    assert tablet.call("GET", path.replace("car", "hovercraft"))[1]["code"] == "bad_request"
    assert tablet.call("GET", "/api/route?from_lat=0&from_lon=0&to_lat=0&to_lon=0")[0] == 422


def test_panic_without_an_order_brings_others_and_never_the_team_itself(service: Service, tablet: ByHand) -> None:
    home = service.station.desk.state.teams[TEAM].home
    body = {"key": new_key(), "lat": home.lat, "lon": home.lon, "at_ms": int(time.time() * 1000)}
    status, made = tablet.call("POST", "/api/tablet/panic", body)
    assert (status, made["outcome"]) == (201, "applied")
    state = service.station.desk.state
    incident = state.incidents[made["subject"]]
    assert (incident.urgency, incident.source) == ("critical", f"panic {TEAM}")
    assert "SOS" in incident.note
    live = [state.orders[name] for name in incident.orders if state.orders[name].ended_at_ms is None]
    assert live, "somebody comes"
    assert all(state.orders[name].team != TEAM for name in incident.orders), (
        "it was never asked, not even for a moment"
    )
    status, again = tablet.call("POST", "/api/tablet/panic", body)
    assert (status, again["subject"], again["outcome"]) == (201, made["subject"], "replayed")
    assert sum("panic" in each.source for each in state.incidents.values()) == 1


def test_panic_off_the_map_is_reported_at_what_is_known(service: Service, tablet: ByHand) -> None:
    status, made = tablet.call("POST", "/api/tablet/panic", {"key": new_key(), "lat": 0.0, "lon": 0.0, "at_ms": 1})
    assert status == 201
    state = service.station.desk.state
    assert state.incidents[made["subject"]].where == state.teams[TEAM].home
    assert "0.000000,0.000000" in state.incidents[made["subject"]].note
    assert tablet.call("POST", "/api/tablet/panic", {"key": new_key(), "why": "check_in", "at_ms": 1})[0] == 201


def test_a_call_for_help_of_a_team_that_the_restored_log_lacks_is_told_so(service: Service, tablet: ByHand) -> None:
    def forgotten() -> Any:
        return service.station.desk.state.teams.pop(TEAM)

    on_the_loop(service, forgotten)
    status, told = tablet.call("POST", "/api/tablet/panic", {"key": new_key(), "at_ms": 1})
    assert (status, told["code"]) == (404, "unknown_team")
    assert "radio" in told["message"]


def on_the_loop(service: Service, work: Callable[[], Any]) -> None:
    """Do something between two turns of the service, where nobody else reads or writes."""

    async def turn() -> None:
        work()

    asyncio.run_coroutine_threadsafe(turn(), service.loop).result(10)


def test_a_photo_comes_in_parts_and_is_what_the_desk_reads(service: Service, tablet: ByHand) -> None:
    incident, data, key = report_at_home(service), png(120_000), new_key()
    digest = hashlib.sha256(data).hexdigest()
    wish = {"key": key, "digest": digest, "size": len(data), "incident": incident, "taken_ms": 5}
    status, told = tablet.call("POST", "/api/tablet/photos", wish)
    assert (status, told) == (201, {"digest": digest, "have": 0, "size": len(data), "done": False})
    have = 0
    while have < len(data):
        status, told = tablet.call("POST", f"/api/tablet/photos/{digest}?at={have}", data[have:][:MAX_PART_BYTES])
        assert status == 200, told
        assert told["have"] > have
        have = told["have"]
        assert told["done"] or tablet.call("POST", "/api/tablet/photos", wish)[1]["have"] == have, "goes on there"
    assert told["done"]
    (found,) = service.reporter.call("GET", f"/api/incidents/{incident}/photos")
    assert (found["digest"], found["media_type"], found["team"]) == (digest, "image/png", TEAM)
    assert service.raw("GET", f"/api/photos/{digest}") == (200, data)
    assert any(digest in note.note for note in service.station.desk.state.incidents[incident].notes)  # type: ignore[index]
    assert tablet.call("POST", "/api/tablet/photos", wish)[1]["done"], "said again, it is there"
    assert len(service.station.desk.state.incidents[incident].notes) == 1  # type: ignore[index]
    with pytest.raises(ReporterError):
        service.person(Role.PLANNER).call("POST", "/api/tablet/photos", wish)
    assert tablet.call("GET", f"/api/photos/{digest}")[0] == 403, "a tablet reads no other's photos"


def test_what_is_no_photo_of_this_team_is_refused(service: Service, tablet: ByHand) -> None:
    incident, text = report_at_home(service), b"<script>alert(1)</script>"
    digest = hashlib.sha256(text).hexdigest()
    wish = {"key": new_key(), "digest": digest, "size": len(text), "incident": incident, "taken_ms": 5}
    assert tablet.call("POST", "/api/tablet/photos", wish)[0] == 201
    assert tablet.call("POST", f"/api/tablet/photos/{digest}?at=0", text)[1]["code"] == "bad_request"
    other = ByHand(service, service.tablet("D4"))
    assert other.call("POST", "/api/tablet/photos", wish)[1]["code"] == "not_your_order"
    assert tablet.call("POST", "/api/tablet/photos", {**wish, "size": 9 * 1024 * 1024})[0] == 422
    assert tablet.call("POST", "/api/tablet/photos/..%2f..?at=0", text)[0] in (404, 422)
    assert service.stranger().call("GET", "/healthz")["status"] == "ok"


def test_the_store_goes_on_after_a_crash_and_keeps_no_wrong_bytes(tmp_path: Any) -> None:
    data = png(50_000)
    photo = Photo(
        digest=hashlib.sha256(data).hexdigest(), key="k", size=len(data), incident="I/../1", team="T", taken_ms=1
    )
    assert PhotoStore(tmp_path).begin(photo) == 0
    assert PhotoStore(tmp_path).add("T", photo.digest, 0, data[:1000]) == (photo, 1000)
    assert PhotoStore(tmp_path).begin(photo) == 1000
    assert PhotoStore(tmp_path).add("T", photo.digest, 500, b"xx") == (photo, 1000), "not where it ended: nothing"
    PhotoStore(tmp_path).add("T", photo.digest, 1000, bytes(len(data) - 1000))
    assert isinstance(PhotoStore(tmp_path).finish("T", photo.digest), Refusal)
    assert PhotoStore(tmp_path).begin(photo) == 0, "begun anew"
    PhotoStore(tmp_path).add("T", photo.digest, 0, data)
    assert isinstance(PhotoStore(tmp_path).finish("T", photo.digest), Photo)
    assert PhotoStore(tmp_path).read(photo.digest) == data
    assert [held.digest for held in PhotoStore(tmp_path).of_incident("I/../1")] == [photo.digest]
    assert all(tmp_path in file.parents for file in tmp_path.rglob("*"))


def test_a_body_without_a_length_ends_at_the_limit_and_is_no_defect(service: Service, tablet: ByHand) -> None:
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=10)
    headers = {"Cookie": tablet.cookie, "Origin": service.base}
    path = f"/api/tablet/photos/{'0' * 64}?at=0"
    connection.request("POST", path, iter([bytes(16_384)] * 6), headers, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_key_of_something_else_is_no_answer_to_panic(service: Service, tablet: ByHand) -> None:
    home, key = service.station.desk.state.teams[TEAM].home, new_key()
    body = {"key": key, "lat": home.lat, "lon": home.lon, "what": "dispute", "urgency": "urgent", "note": ""}
    service.reporter.call("POST", "/api/incidents", body)
    assert tablet.call("POST", "/api/tablet/panic", {"key": key, "at_ms": 1})[1]["code"] == "key_reused"
    assert tablet.call("POST", "/api/tablet/panic", {"key": new_key(), "at_ms": 1})[0] == 201


def test_parts_leave_the_disk_to_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, store = png(50_000), PhotoStore(tmp_path)
    digest = hashlib.sha256(data).hexdigest()
    store.begin(Photo(digest=digest, key="k", size=len(data), incident="I1", team="T", taken_ms=1))
    full = shutil.disk_usage(tmp_path)._replace(free=photos.MIN_FREE_BYTES)
    monkeypatch.setattr(photos.shutil, "disk_usage", lambda _path: full)
    refused = store.add("T", digest, 0, data[:1000])
    assert isinstance(refused, Refusal) and refused.code is Code.STORAGE_FULL


def test_a_part_that_is_said_twice_at_once_is_taken_once(tmp_path: Path) -> None:
    for _ in range(20):
        data, store = png(2_000), PhotoStore(tmp_path)
        digest = hashlib.sha256(data).hexdigest()
        photo = Photo(digest=digest, key="k", size=len(data), incident="I1", team="T", taken_ms=1)
        assert store.begin(photo) == 0

        def send(_number: int, photo: Photo = photo, data: bytes = data, store: PhotoStore = store) -> None:
            assert store.add("T", photo.digest, 0, data) == (photo, len(data))
            assert isinstance(store.finish("T", photo.digest), Photo)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(send, range(4)))
        assert store.read(digest) == data


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF1234WEBP", "image/webp"),
        (b"<svg", None),
        (b"", None),
    ],
)
def test_the_type_is_told_by_the_bytes(head: bytes, kind: str | None) -> None:
    assert media_type_of(head) == kind
