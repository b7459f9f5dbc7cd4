"""A tablet in the browser: how it is enrolled, what its crew does, and what of it is on the disk."""

from __future__ import annotations

import secrets
import time
from typing import Any

from dispatch.domain.state import Incident, Order
from dispatch.domain.types import IncidentId, TeamId
from dispatch.sim.reporter import new_key
from dispatch.wire.keys import uuid7
from tests.e2e.browser import Browser, Page
from tests.live import Service

TEAM = TeamId("V01")
OFFLINE = ("ERR_INTERNET_DISCONNECTED", "WebSocket connection", "net::ERR_", "status of 401")
"""What the browser itself notes where the cable is out, and where a session is not there yet."""


class Tablet:
    """One browser as the tablet of a team, beside the service that it talks to."""

    def __init__(self, browser: Browser, service: Service, team: str = TEAM, language: str = "zh-CN") -> None:
        self.browser, self.service, self.team = browser, service, TeamId(team)
        self.language = language
        browser.grant(service.base, "geolocation", "videoCapture", "durableStorage")
        self.page = self._page("about:blank")

    def _page(self, url: str) -> Page:
        page = self.browser.page(width=800, height=1100)
        home = self.service.station.desk.state.teams[self.team].home
        page.place(home.lat, home.lon)
        for part in OFFLINE:
            page.forgive(part)
        if url != "about:blank":
            page.goto(url)
        return page

    def enrol(self) -> Page:
        """The whole way: code, key, six figures that a person compares, confirmation."""
        invite = self.service.reporter.call("POST", "/api/devices/invites", {"team": self.team})
        secret = str(invite["url"]).split("#", 1)[1]
        self.page.goto(f"{self.service.base}/tablet?lang={self.language}&style=day#{secret}")
        shown = self.page.wait("document.querySelector('.check')?.innerText")
        (device,) = [
            each for each in self.service.reporter.call("GET", "/api/devices") if each["status"] == "pending"
        ]
        assert shown == device["check"]
        self.service.reporter.call("POST", f"/api/devices/{device['device']}/confirm")
        self.page.click(".enter")
        self.live()
        return self.page

    def live(self) -> None:
        """Wait until it is connected."""
        self.page.wait("document.querySelector('.signal.live') !== null", 30)

    def again(self) -> Page:
        """Open the page once more, as after a crash."""
        self.page = self._page(f"{self.service.base}/tablet?lang={self.language}&style=day")
        return self.page

    def do(self, what: str) -> None:
        """Press the button of that name."""
        self.page.click(f'[data-do="{what}"]')

    def report(self, note: str = "") -> Incident:
        """Something happens at the team's own door, so that the order is theirs."""
        home = self.service.station.desk.state.teams[self.team].home
        body = {
            "key": uuid7(int(time.time() * 1000), secrets.token_bytes(10)),
            "lat": home.lat,
            "lon": home.lon,
            "what": "dispute",
            "urgency": "urgent",
            "note": note,
        }
        made = self.service.reporter.call("POST", "/api/incidents", body)
        return self.service.station.desk.state.incidents[IncidentId(made["subject"])]

    def order(self, incident: Incident) -> Order:
        """The team's order of an incident, as the desk has it now."""
        state = self.service.station.desk.state
        held = [state.orders[name] for name in state.incidents[incident.incident].orders]
        return next(order for order in held if order.team == self.team)

    def until(self, incident: Incident, status: str, within_s: float = 20.0) -> Order:
        """Wait until the desk has the order at that status."""
        end_s = time.monotonic() + within_s
        while (order := self.order(incident)).status != status:
            assert time.monotonic() < end_s, f"the order is {order.status}, not {status}\n{self.page.text()}"
            time.sleep(0.05)
        return order

    def answers(self, order: Order, kind: str) -> int:
        """How often the log has a fact of that kind about an order."""
        feed = self.service.station.desk.feed
        rows = feed.after(feed.first - 1, feed.head)
        return sum(getattr(row.event, "order", None) == order.order and row.event.kind == kind for row in rows)

    def shown_after_ms(self, orders: int) -> list[int]:
        """For each of so many orders, from its row on the log to drawn (stored before), in ms, by the log alone."""
        took_ms: list[int] = []
        for _ in range(orders):
            incident = self.report()
            end_s = time.monotonic() + 20
            while (order := self.order(incident)).shown_at_ms is None:
                assert time.monotonic() < end_s, f"not shown within 20 s\n{self.page.text()}"
                time.sleep(0.02)
            assert order.stored_at_ms is not None
            took_ms.append(order.shown_at_ms - order.offered_at_ms)
            path = f"/api/incidents/{incident.incident}/close"
            self.service.reporter.call("POST", path, {"key": new_key(), "outcome": "x"})
            self.page.wait("document.querySelector('[data-do=\"offered\"]') === null")
        return took_ms

    def stored(self) -> Any:
        """What the tablet's disk holds: the order's name and the keys of its unanswered commands."""
        return self.page.evaluate(
            "new Promise((done, no) => { const asked = indexedDB.open('patrol');"
            "asked.onerror = () => no(asked.error); asked.onsuccess = () => {"
            "const got = asked.result.transaction('tablet').objectStore('tablet').get('state');"
            "got.onsuccess = () => { asked.result.close(); const held = got.result; done(held && {"
            "order: held.order && held.order.order, outbox: [...held.outbox.keys()]}); }; }; })"
        )
