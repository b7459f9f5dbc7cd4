"""Each route × each role × each origin, over a real socket; and no route without a declared permission."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Mount, WebSocketRoute
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from dispatch.access.policy import GRANTS, Act, Role
from dispatch.access.refusals import Door
from dispatch.adapters.access_store import MemoryAccessStore
from dispatch.bootstrap import StationSettings, build_station
from dispatch.server.access import Access
from dispatch.server.app import PAGES, make_app
from dispatch.server.doors import doors_of
from dispatch.server.permissions import RULES, WEBSOCKET, match
from tests.live import Service
from tests.people import ROLES

FOREIGN = ("http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1")
DOOR_CODES = {Door.SIGN_IN, Door.NOT_ALLOWED, Door.LOCKED, Door.PASSWORD_DUE, Door.FACTOR_DUE, Door.FOREIGN_ORIGIN}
ENDS_THE_SESSION = {("DELETE", "/api/session"), ("DELETE", "/api/session/others")}
"""Tried by a stranger only; what they do to a person has its own test."""


def every_route(routes: Any) -> Iterator[tuple[str, str]]:
    """(method, address) of everything that the application answers, however deep it lies."""
    for route in routes:
        if isinstance(route, Mount):
            yield "GET", f"{route.path}/{{path:path}}"
        elif isinstance(route, WebSocketRoute) or type(route).__name__ == "APIWebSocketRoute":
            yield WEBSOCKET, route.path
        elif hasattr(route, "methods") and hasattr(route, "path"):
            yield from ((method, route.path) for method in sorted(route.methods) if method != "HEAD")
        elif hasattr(route, "routes"):
            yield from every_route(route.routes)
        elif hasattr(route, "original_router"):
            yield from every_route(route.original_router.routes)
        else:
            raise AssertionError(f"a kind of route that this walk does not know: {route!r}")


def addresses(app: FastAPI) -> set[tuple[str, str]]:
    return set(every_route(app.routes))


@pytest.fixture(scope="module")
def app(town: Any) -> FastAPI:
    """The application alone, with a page, so that every address is there."""

    async def build() -> FastAPI:
        station = build_station(town, StationSettings())
        return make_app(station, None, Access(MemoryAccessStore(), station.clock), doors_of(1)).app

    return asyncio.run(build())


def test_every_route_has_a_declared_permission(app: FastAPI) -> None:
    undeclared = addresses(app) - set(RULES)
    assert not undeclared, f"add to dispatch/server/permissions.py what each of these is: {sorted(undeclared)}"


def test_every_declared_address_is_there(app: FastAPI) -> None:
    built = {("GET", path) for path in ("/assets/{path:path}", *PAGES)}  # with the built page alone
    assert set(RULES) - addresses(app) <= built, "the table names an address that no longer exists"


def test_a_route_without_a_permission_is_found_and_is_not_served(app: FastAPI) -> None:
    @app.get("/api/planted")
    async def planted() -> str:
        return "secret"

    try:
        assert addresses(app) - set(RULES) == {("GET", "/api/planted")}
        assert match("GET", "/api/planted") is None
    finally:
        app.router.routes.pop()


def filled(template: str) -> str:
    return re.sub(r"\{(\w+)(:path)?\}", "nobody", template)


def ask(
    service: Service, method: str, path: str, *, cookie: str | None = None, **headers: str
) -> tuple[int, str | None, http.client.HTTPMessage]:
    """Status, refusal code and headers; the body is an empty object, which no route takes."""
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=30)
    try:
        sent = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if cookie:
            sent["Cookie"] = cookie
        connection.request(method, path, b"{}" if method in ("POST", "PUT") else None, sent)
        answer = connection.getresponse()
        body = answer.read()
        code = None
        if "json" in (answer.getheader("Content-Type") or "") and body[:1] == b"{":
            code = json.loads(body).get("code")
        return answer.status, code, answer.headers
    finally:
        connection.close()


HTTP_RULES = [(method, template, act) for (method, template), act in RULES.items() if method != WEBSOCKET]


def test_each_route_for_each_role_and_for_nobody(service: Service) -> None:
    """A role is let in exactly where the policy grants the act; elsewhere it is told so, and nothing else."""
    for role in (*ROLES, None):
        person = service.person(role) if role else None
        for method, template, act in HTTP_RULES:
            if person is not None and ((method, template) in ENDS_THE_SESSION or template == "/api/session/lock"):
                continue
            if person is not None and act is Act.OPEN and method == "POST":
                continue  # a device's and a stranger's own; signing in again would end this session
            status, code, _ = ask(
                service, method, filled(template), cookie=person.cookie if person else None, Origin=service.base
            )
            granted = act is Act.OPEN or (person is not None and act is Act.OWN_SESSION)
            granted = granted or (role is not None and act in GRANTS[role])
            where = f"{role} {method} {template}: {status} {code}"
            if granted:
                assert code not in DOOR_CODES or (code == Door.NOT_ALLOWED and act is Act.OWN_SESSION), where
                assert (status not in (405,) and status < 500) or template in PAGES, where
            elif role is None:
                assert (status, code) == (401, Door.SIGN_IN), where
            else:
                assert (status, code) == (403, Door.NOT_ALLOWED), where


def test_each_route_from_each_foreign_origin(service: Service) -> None:
    """Even a supervisor's own browser may not be used by another site, whatever the method."""
    cookie = service.reporter.cookie
    for origin in FOREIGN:
        for method, template, _ in HTTP_RULES:
            status, code, headers = ask(service, method, filled(template), cookie=cookie, Origin=origin)
            assert (status, code) == (403, Door.FOREIGN_ORIGIN), f"{method} {template} from {origin}"
            assert headers.get("Access-Control-Allow-Origin") is None
    state = service.station.desk.state
    assert state.incidents == {}


def test_a_change_by_cookie_without_an_origin_is_refused(service: Service) -> None:
    for method, template, act in HTTP_RULES:
        if method in ("POST", "DELETE") and act is not Act.OPEN:
            status, code, _ = ask(service, method, filled(template), cookie=service.reporter.cookie)
            assert (status, code) == (403, Door.FOREIGN_ORIGIN), f"{method} {template}"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_the_browser_says_of_another_site_is_believed(service: Service, site: str) -> None:
    fetched = ask(service, "GET", "/api/teams", cookie=service.reporter.cookie, Sec_Fetch_Site=site)
    assert fetched[:2] == (403, Door.FOREIGN_ORIGIN)
    followed = ask(service, "GET", "/healthz", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate")
    assert followed[0] == 200


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_foreign_origin_never_opens_a_socket(service: Service, origin: str, signed_in: bool) -> None:
    headers = {"Cookie": service.reporter.cookie or ""} if signed_in else {}
    before = len(service.station.everyone())
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(service.ws, proxy=None, origin=origin, additional_headers=headers),  # type: ignore[arg-type]
    ):
        pass
    assert refused.value.response.status_code == 403
    assert len(service.station.everyone()) == before


def test_a_console_cookie_without_an_origin_opens_no_socket(service: Service) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(service.ws, proxy=None, additional_headers={"Cookie": service.reporter.cookie or ""}),
    ):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:80", ""])
def test_another_name_is_not_answered(service: Service, host: str) -> None:
    status, code, _ = ask(service, "GET", "/healthz", Host=host)
    assert (status, code) == (421, Door.FOREIGN_HOST)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/teams/", 404), ("//api/teams", 404), ("/api/../api/teams", 404), ("/API/teams", 404),
     ("/api/teams%2f", 404), ("/ws", 405), ("/api/nothing", 404), ("/x" * 1500, 414)],
)  # fmt: skip
def test_no_address_goes_around_the_table(service: Service, path: str, status: int) -> None:
    assert ask(service, "GET", path)[0] == status


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"])
def test_a_method_that_is_not_in_the_table_is_refused(service: Service, method: str) -> None:
    status, code, _ = ask(service, method, "/api/teams", cookie=service.reporter.cookie, Origin=service.base)
    assert (status, code) == (405, Door.WRONG_METHOD)


def test_every_answer_wears_the_headers(service: Service) -> None:
    for method, path in (("GET", "/"), ("GET", "/healthz"), ("GET", "/api/teams"), ("GET", "/none"), ("PUT", "/")):
        _, _, headers = ask(service, method, path)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy and "*" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert len(headers["X-Request-ID"]) == 16
        assert headers["Cache-Control"] in ("no-store", "no-cache")
        assert headers["Server"] is None


def test_request_ids_are_never_those_of_the_client(service: Service) -> None:
    first = ask(service, "GET", "/healthz", X_Request_ID="mine")[2]["X-Request-ID"]
    second = ask(service, "GET", "/healthz", X_Request_ID="mine")[2]["X-Request-ID"]
    assert len({first, second, "mine"}) == 3


def test_a_stranger_learns_no_figures_from_healthz(service: Service) -> None:
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=10)
    connection.request("GET", "/healthz")
    assert json.loads(connection.getresponse().read()) == {"status": "ok"}
    connection.close()
    assert service.reporter.call("GET", "/healthz")["teams"] == len(service.town.roster)
    assert Role.SUPERVISOR in GRANTS
