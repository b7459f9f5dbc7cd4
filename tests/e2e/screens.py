"""Every screen in one play: who sits at it, what is to be seen on it, and how it gets there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Self

from dispatch.access.policy import Role
from dispatch.adapters.places import RosterTeam
from dispatch.domain.commands import AnswerOrder, CloseIncident, ConfirmRecommendation
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.state import Incident
from dispatch.domain.types import Point, Urgency
from dispatch.sim.store import FileStore
from dispatch.sim.tablet import Crew, PatrolTablet
from tests import people
from tests.e2e.browser import Browser, Page
from tests.e2e.desks import command, let_in, orders_of, report, until
from tests.e2e.tablets import Tablet
from tests.live import Parked, Service

LANGUAGES: Final = ("zh-CN", "en")
STYLES: Final = ("day", "night")
NOTE: Final = "1204"
"""What a caller said: a figure, so that it belongs to no language."""

MAP: Final = "document.querySelector('.map canvas') !== null"
SETTLE_S: Final = 0.45
"""So long a map takes at most to follow its window where it is drawn in software (map/pace.ts)."""

NAMES_S: Final = 0.1
"""Names of teams find their places a frame after the ground's."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: its address, who signs in (None: nobody), what is there once it is ready, what is pressed."""

    name: str
    path: str
    role: Role | None
    ready: str
    press: tuple[str, ...] = ()
    then: str = ""
    hash: str = ""
    map: bool = False
    size: tuple[int, int] = (1280, 800)


def there(selector: str) -> str:
    """Whether there is such an element, as an expression of the page."""
    return f"document.querySelector('{selector}') !== null"


def drawn(page: Page) -> None:
    """Wait until the map, if there is one, has drawn all of the ground that is in sight."""
    time.sleep(SETTLE_S)
    page.wait("[...document.querySelectorAll('.map')].every((one) => one.dataset.drawn === 'yes')", 30)
    time.sleep(NAMES_S)


_TAB: Final = "document.querySelector('[role=tab][aria-selected=true]') !== null"
_LIVE: Final = "document.querySelector('.link-live') !== null"
_ROW: Final = f"{_LIVE} && document.querySelector('.row') !== null"
SCREENS: Final = (
    Screen("sign-in", "/console", None, "document.querySelector('.door form') !== null"),
    Screen("enrol", "/enrol", None, "document.querySelector('.door [role=status]') !== null"),
    Screen("console", "/console", Role.SUPERVISOR, _ROW, ("1",), there(".pick"), map=True),
    Screen("console-map", "/console?view=map", Role.SUPERVISOR, MAP, map=True),
    Screen("console-queue", "/console?view=queue", Role.SUPERVISOR, _LIVE, size=(480, 800)),
    Screen("console-board", "/console?view=board", Role.SUPERVISOR, _LIVE, size=(480, 800)),
    Screen(
        "console-report", "/console", Role.SUPERVISOR, f"{_LIVE} && {MAP}", ("r",),
        "document.querySelector('.report') !== null", map=True,
    ),
    Screen("console-keys", "/console", Role.SUPERVISOR, _LIVE, ("?",), there("dialog[open]")),
    Screen("wall", "/wall", Role.SUPERVISOR, there(".wall-line"), map=True, size=(1600, 900)),
    Screen("planner-cover", "/planner", Role.PLANNER, _TAB, hash="#cover", map=True),
    Screen("planner-gaps", "/planner", Role.PLANNER, _TAB, hash="#gaps", map=True),
    Screen("planner-heat", "/planner", Role.PLANNER, _TAB, hash="#heat", map=True),
    Screen("planner-report", "/planner", Role.PLANNER, _TAB, hash="#report", map=True),
    Screen("admin-accounts", "/admin", Role.ADMINISTRATOR, there("table"), hash="#accounts"),
    Screen("admin-tablets", "/admin", Role.SUPERVISOR, there("table"), hash="#tablets"),
    Screen("admin-trackers", "/admin", Role.SUPERVISOR, _TAB, hash="#trackers"),
    Screen("admin-mine", "/admin", Role.SUPERVISOR, _TAB, hash="#mine"),
)  # fmt: skip
TABLETS: Final = (("tablet-order", "offered"), ("tablet-en-route", "en_route"), ("tablet-on-scene", "on_scene"))
SOME_WAY_DEG: Final = 0.004
"""About 450 m to the north and 400 m to the west: the way has turns."""

LANDSCAPE: Final = (1280, 800)
PORTRAIT: Final = (800, 1280)


class Stage:
    """A town at work whose operator confirms: orders at every step, one that waits for the key, one closed."""

    def __init__(self, browser: Browser, service: Service) -> None:
        self.browser, self.service = browser, service
        homes = [Point(team.home.lon + 0.0012, team.home.lat - 0.0008) for team in service.town.roster]
        self._crews = [self._crew(team) for team in service.town.roster[1:15]]
        until(lambda: all(service.station.connected(team.team) for team in service.town.roster[1:15]))
        self._at(homes[4], Urgency.URGENT, OrderTrigger.ACCEPT, OrderTrigger.DEPART, OrderTrigger.ARRIVE)
        self._at(homes[6], Urgency.URGENT, OrderTrigger.ACCEPT, OrderTrigger.DEPART)
        self._at(homes[8], Urgency.ROUTINE)
        ended = self._at(homes[10], Urgency.URGENT, OrderTrigger.ACCEPT, OrderTrigger.DEPART, OrderTrigger.ARRIVE)
        self._close(ended)
        report(service, homes[7], urgency=Urgency.CRITICAL, note=NOTE)  # waits for the operator's key
        self.tablet: Tablet | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        for crew in self._crews:
            crew.cancel()
        until(lambda: not any(self.service.station.connected(team.team) for team in self.service.town.roster[1:15]))

    def _crew(self, team: RosterTeam) -> Future[None]:
        """The connected tablet of a team that stands at home and leaves every answer to the play."""
        service = self.service
        tablet = PatrolTablet(
            service.ws,
            service.tablet(team.team),
            Parked(service.town.ground.graph(team.profile), team.home, 1.0, 0),
            FileStore(service.folder / "tablets" / f"{team.team}.json"),
            Crew(answers=lambda _order: False),
        )
        return asyncio.run_coroutine_threadsafe(tablet.run(), service.loop)

    def _at(self, where: Point, urgency: Urgency, *verbs: OrderTrigger) -> Incident:
        incident = report(self.service, where, urgency=urgency, note=NOTE)
        self._send(incident)
        for verb in verbs:
            state = self.service.station.desk.state
            order = state.orders[orders_of(self.service, incident)[0]]
            now_ms = self.service.station.clock.now_ms()
            wish = AnswerOrder(order=order.order, team=order.team, verb=verb, occurred_at_ms=now_ms)
            command(self.service, wish)
        return incident

    def _send(self, incident: Incident) -> None:
        state = self.service.station.desk.state
        teams = tuple(pick.team for pick in state.incidents[incident.incident].recommended)
        command(self.service, ConfirmRecommendation(incident=incident.incident, teams=teams))

    def _close(self, incident: Incident) -> None:
        command(self.service, CloseIncident(incident=incident.incident, outcome=NOTE))

    def data(self) -> list[str]:
        """Every text that comes from the ground or the roster and belongs to no language of the page."""
        town = self.service.town
        roads = [name for profile in town.ground.profiles for name in town.ground.graph(profile).names]
        places = [text for place in town.places for text in (place.name, place.name_en)]
        teams = [text for team in town.roster for text in (team.name, team.name_en, team.vehicle)]
        return sorted(
            {
                *roads,
                *places,
                *teams,
                town.ground.meta.source,
                town.ground.meta.licence,
                *(f"sim-{team.team}" for team in town.roster),
                *people.ROLES,
            }
            - {""},
            key=len,
            reverse=True,
        )

    def desk_screens(self, language: str, style: str, names: set[str] | None = None) -> Iterator[tuple[str, Page]]:
        """Each screen of people at a desk, in one language and one style."""
        page = self.browser.page(stranger=True)
        page.forgive("status of 401")
        for screen in SCREENS:
            if names is None or screen.name in names:
                self._show(page, screen, language, style)
                yield screen.name, page
        page.close()

    def _show(self, page: Page, screen: Screen, language: str, style: str) -> None:
        page.call("Network.clearBrowserCookies")
        if screen.role is not None:
            let_in(page, self.service, screen.role)
        page.size(*screen.size)
        page.call("Page.navigate", url="about:blank")  # so that a change of the hash alone opens the page anew
        joint = "&" if "?" in screen.path else "?"
        page.goto(f"{self.service.base}{screen.path}{joint}lang={language}&style={style}{screen.hash}")
        page.wait(screen.ready, 30)
        for key in screen.press:
            page.press(key)
        if screen.then:
            page.wait(screen.then, 30)
        page.wait("document.querySelector('.computing, .wait') === null", 30)
        if screen.map:
            page.wait(MAP)
            drawn(page)

    def tablet_screens(self, language: str, style: str) -> Iterator[tuple[str, Page]]:
        """The tablet's screens from idle to on the scene, lying and standing."""
        if self.tablet is None:
            self.tablet = Tablet(self.browser, self.service)
            home = self.service.station.desk.state.teams[self.tablet.team].home
            self.tablet.page.place(home.lat + SOME_WAY_DEG, home.lon - SOME_WAY_DEG)
            self.tablet.enrol()
        page = self.tablet.page
        page.goto(f"{self.service.base}/tablet?lang={language}&style={style}")
        self.tablet.live()
        self._away(self.tablet)
        yield from self._both("tablet-idle", page)
        incident = self.tablet.report(NOTE)
        self._send(incident)
        for name, status in TABLETS:
            page.wait(f"document.querySelector('[data-do={status}]') !== null")
            yield from self._both(name, page)
            if status != "on_scene":
                self.tablet.do(status)
        self._close(incident)
        page.wait("document.querySelector('.idle') !== null")

    def _away(self, tablet: Tablet) -> None:
        """Wait until the desk knows that the tablet is not at its team's home."""
        home = self.service.station.desk.state.teams[tablet.team].home
        clock, board = self.service.station.clock, self.service.station.board
        until(
            lambda: (fix := board.latest(tablet.team, clock.now_ms())) and fix[0].lat > home.lat + SOME_WAY_DEG / 2
        )

    @staticmethod
    def _both(name: str, page: Page) -> Iterator[tuple[str, Page]]:
        for size, way in ((LANDSCAPE, "landscape"), (PORTRAIT, "portrait")):
            page.size(*size)
            drawn(page)
            yield f"{name}-{way}", page
