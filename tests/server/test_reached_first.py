"""Whom a tablet reaches: what the desk knows of it when it decides, and keeps with the choice."""

from __future__ import annotations

import time

from dispatch.domain.types import IncidentId, OrderId, TeamId
from tests.live import Service
from tests.server.at_the_door import live


def test_the_choice_says_which_teams_no_tablet_reached(service: Service) -> None:
    identity = service.tablet("V01")
    state = service.station.desk.state
    home = state.teams[TeamId("V01")].home

    def chosen() -> dict[str, bool]:
        incident = state.incidents[IncidentId(service.reporter.report(home.lat, home.lon))]
        choice = state.orders[OrderId(incident.orders[0])].choice
        assert choice is not None
        return {candidate.team: candidate.unreached for candidate in choice.ranked}

    with live(service, identity):
        told = chosen()
        assert told["V01"] is False
        assert all(unreached for team, unreached in told.items() if team != "V01")
    until_s = time.monotonic() + 10
    while service.station.connected(TeamId("V01")):
        assert time.monotonic() < until_s
        time.sleep(0.02)
    assert all(chosen().values()), "it has gone"
