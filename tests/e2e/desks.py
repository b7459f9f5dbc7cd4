"""A console in the browser: whoever sits at it signs in, and every key that is pressed is counted."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Final

from dispatch.access.policy import Role
from dispatch.domain.commands import Command, ReportIncident
from dispatch.domain.refusals import Refusal
from dispatch.domain.state import Incident
from dispatch.domain.types import IncidentId, IncidentKind, Mode, OrderId, Point, Urgency
from dispatch.service.settings import DeskSettings
from tests.e2e.browser import Browser, Page
from tests.live import Service

RECOMMEND: Final = DeskSettings(accept_within_ms=600_000, mode=Mode.RECOMMEND)
"""An operator confirms each choice, and nobody is hurried: browsers on a busy machine are slow."""


def let_in(page: Page, service: Service, role: Role) -> None:
    """Give a tab the session of somebody who has signed in with password and second factor."""
    cookie = service.person(role).cookie
    assert cookie is not None
    name, value = cookie.split("=", 1)
    page.call(
        "Network.setCookie", name=name, value=value, url=service.base, httpOnly=True, sameSite="Strict", path="/"
    )


def command(service: Service, wish: Command) -> str:
    """What a command is about, once it is on the log; a "no" fails the test."""

    async def post() -> Any:
        return await service.station.desk.post(wish)

    answer = asyncio.run_coroutine_threadsafe(post(), service.loop).result(30)
    assert not isinstance(answer, Refusal), answer
    return str(answer.subject)


def report(service: Service, where: Point, *, urgency: Urgency = Urgency.URGENT, note: str = "") -> Incident:
    """Something happens there."""
    wish = ReportIncident(where=where, what=IncidentKind.DISPUTE, urgency=urgency, note=note)
    return service.station.desk.state.incidents[IncidentId(command(service, wish))]


class Desk:
    """An operator's console; ``keys`` is how many keys were pressed since it was last set to 0."""

    def __init__(
        self,
        browser: Browser,
        service: Service,
        role: Role = Role.SUPERVISOR,
        *,
        path: str = "/console",
        language: str = "zh-CN",
        style: str = "day",
    ) -> None:
        self.service, self.keys = service, 0
        self.page = browser.page(stranger=True)
        let_in(self.page, service, role)
        self.page.goto(f"{service.base}{path}?lang={language}&style={style}")
        self.live()

    def live(self) -> None:
        """Wait until it shows what is now."""
        self.page.wait("document.querySelector('.link-live') !== null", 30)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.keys += 1
            self.page.press(key)

    def type(self, text: str) -> None:
        """Type letters; each is a key."""
        self.keys += len(text)
        self.page.type(text)

    def select(self, incident: Incident) -> None:
        """Press the figure of an incident's row, once it is there."""
        row = self.page.wait(
            f"(() => {{ const row = document.querySelector('[data-incident={json.dumps(incident.incident)}]');"
            "return row && row.querySelector('.row-number').innerText; })()"
        )
        self.press(str(row))
        self.selected(incident)

    def selected(self, incident: Incident) -> None:
        """Wait until an incident is in the panel."""
        self.page.wait(
            f"document.querySelector('.case .case-head')?.innerText.includes({json.dumps(incident.incident)})"
        )

    def sees(self, status: str) -> None:
        """Wait until an order of the selected incident is shown at a status."""
        self.page.wait(f"document.querySelector('.case .order.order-{status}') !== null")


def orders_of(service: Service, incident: Incident) -> list[OrderId]:
    """The orders of an incident, as the desk has them now."""
    return list(service.station.desk.state.incidents[incident.incident].orders)


def until(what: Any, within_s: float = 20.0) -> Any:
    """The value of a call as soon as it is true."""
    end_s = time.monotonic() + within_s
    while not (value := what()):
        assert time.monotonic() < end_s, "it never came"
        time.sleep(0.05)
    return value
