"""A service is one desk: who is of another one sees nothing and does nothing here, by whichever way they come."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from websockets.sync.client import connect

from dispatch.access.policy import GRANTS, Act, Principal, Role, allowed, may_give
from dispatch.access.refusals import Door
from dispatch.server.permissions import RULES, WEBSOCKET
from dispatch.sim.reporter import ReporterError
from tests.live import Service
from tests.server.at_the_door import hello, said
from tests.server.test_trackers import basic, tell

HERE, THERE = "main", "north"


def moved(service: Service, role: Role) -> None:
    """Make a role's account one of another desk."""
    registry = service.access.registry
    registry.accounts[role.value] = replace(registry.accounts[role.value], desks=(THERE,))


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.MONITOR, Role.TRACKER)])
@pytest.mark.parametrize("act", list(Act))
def test_no_act_is_granted_on_rows_of_a_desk_that_is_not_ones_own(role: Role, act: Act) -> None:
    of_there = Principal(name="x", role=role, desks=frozenset({THERE}), session="s", team="V01")
    refusal = allowed(of_there, act, desk=HERE, team="V01")
    assert (refusal is None) == (act in (Act.OPEN, Act.OWN_SESSION))
    if refusal is not None and act in GRANTS[role]:
        assert refusal.about == f"desk {HERE}"


def test_somebody_of_another_desk_gets_nothing_from_any_address(service: Service) -> None:
    one = service.person(Role.SUPERVISOR)
    asked = [
        (m, p) for (m, p), act in RULES.items() if m == "GET" and act in GRANTS[Role.SUPERVISOR] and "{" not in p
    ]
    assert len(asked) >= 10
    moved(service, Role.SUPERVISOR)
    for method, path in asked:
        with pytest.raises(ReporterError, match=said(Door.NOT_ALLOWED)):
            one.call(method, path)
    place = service.town.places[0].point
    with pytest.raises(ReporterError, match=said(Door.NOT_ALLOWED)):
        one.report(place.lat, place.lon)
    headers = {"Origin": service.base, "Cookie": one.cookie or ""}
    with connect(service.ws, proxy=None, additional_headers=headers) as console:
        console.send(json.dumps({"type": "hello", "role": "console", "device": "c"}))
        assert json.loads(console.recv(timeout=10))["code"] == Door.NOT_ALLOWED
    assert (WEBSOCKET, "/ws") in RULES


def test_an_administrator_of_another_desk_keeps_no_accounts_here(service: Service) -> None:
    administrator = service.person(Role.ADMINISTRATOR)
    moved(service, Role.ADMINISTRATOR)
    for method, path, body in (
        ("GET", "/api/accounts", None),
        ("POST", "/api/accounts", {"name": "x", "role": "auditor"}),
        ("POST", "/api/accounts/auditor/reset", None),
        ("POST", "/api/accounts/auditor/disabled", {"disabled": True}),
    ):
        with pytest.raises(ReporterError, match=said(Door.NOT_ALLOWED)):
            administrator.call(method, path, body)


def test_an_administrator_of_this_desk_alone_gives_no_other(service: Service) -> None:
    administrator = service.person(Role.ADMINISTRATOR)
    registry = service.access.registry
    registry.accounts["administrator"] = replace(registry.accounts["administrator"], desks=(HERE,))
    assert administrator.call("POST", "/api/accounts", {"name": "a", "role": "auditor", "desks": [HERE]})
    for path, body in (
        ("/api/accounts", {"name": "b", "role": "auditor", "desks": [THERE]}),
        ("/api/accounts", {"name": "b", "role": "auditor"}),
        ("/api/accounts/a/role", {"role": "auditor", "desks": [HERE, THERE]}),
        ("/api/accounts/administrator/role", {"role": "administrator", "desks": ["*"]}),
        ("/api/accounts/auditor/reset", None),  # an account of every desk
    ):
        with pytest.raises(ReporterError, match=said(Door.NOT_ALLOWED)):
            administrator.call("POST", path, body)
    nobody = Principal(name="n", role=Role.ADMINISTRATOR, desks=frozenset())
    assert may_give(nobody, [HERE]) is not None


def test_a_role_is_changed_at_once_and_an_administrator_remains(service: Service) -> None:
    administrator, one = service.person(Role.ADMINISTRATOR), service.person(Role.DISPATCHER)
    administrator.call("POST", "/api/accounts/dispatcher/role", {"role": "auditor", "desks": ["*"]})
    assert one.call("GET", "/api/session")["role"] == "auditor"
    assert one.call("GET", "/api/audit")
    with pytest.raises(ReporterError, match=said(Door.LAST_ADMINISTRATOR)):
        administrator.call("POST", "/api/accounts/administrator/role", {"role": "auditor", "desks": ["*"]})


def test_a_tablet_and_a_tracker_of_another_desk_are_not_let_in_and_not_listed(service: Service) -> None:
    tablet, token = service.tablet("V01"), service.tracker("V01")
    registry = service.access.registry
    registry.devices[tablet.device] = replace(registry.devices[tablet.device], desk=THERE)
    tracker = token.split(".", 1)[0]
    registry.trackers[tracker] = replace(registry.trackers[tracker], desk=THERE)
    assert hello(service, tablet, tablet.ticket())["code"] == Door.NOT_ALLOWED
    assert tell(service, basic(token), "V01")[0] == 403
    assert service.reporter.call("GET", "/api/devices") == []
    assert service.reporter.call("GET", "/api/trackers") == []
    for path, code in (
        (f"/api/devices/{tablet.device}/revoke", Door.UNKNOWN_DEVICE),
        (f"/api/trackers/{tracker}/revoke", Door.UNKNOWN_TRACKER),
    ):
        with pytest.raises(ReporterError, match=said(code)):
            service.reporter.call("POST", path)
