"""Bad days of the console: the service is gone, the session ended, no WebGL, no teams, too much of everything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dispatch import bootstrap
from dispatch.access.policy import Role
from dispatch.adapters.places import RosterTeam
from dispatch.domain.commands import ReportIncident
from dispatch.domain.types import IncidentKind, Mode, Point, Urgency
from dispatch.service.settings import DeskSettings
from tests.e2e.browser import Browser, find_chromium
from tests.e2e.desks import Desk, command, let_in, report
from tests.e2e.tablets import Tablet
from tests.live import Service, serving

LOST = ("WebSocket connection", "net::ERR_")
LONG = "很长的名字" * 40
SKEWED = """(() => {
  const Real = Date, ahead = HOURS * 3600e3;
  window.Date = class extends Real {
    constructor(...given) { if (given.length === 0) super(Real.now() + ahead); else super(...given); }
    static now() { return Real.now() + ahead; }
  };
})()"""
"""A machine whose clock is hours ahead, or behind."""

MOST = 5_000
"""Open incidents in the list."""


def row_of(incident: str) -> str:
    """The row of an incident, as an expression."""
    return f"document.querySelector('[data-incident={json.dumps(incident)}]')"


def test_a_service_that_is_gone_is_said_and_what_was_known_stays_grey(
    town: bootstrap.Town, browser: Browser, tmp_path: Path
) -> None:
    with serving(town, tmp_path / "gone") as service:
        desk = Desk(browser, service)
        wall = Desk.__new__(Desk)
        wall.page = browser.page(stranger=True)
        let_in(wall.page, service, Role.SUPERVISOR)
        wall.page.goto(f"{service.base}/wall?lang=zh-CN")
        incident = report(service, service.town.roster[0].home)
        desk.select(incident)
        wall.page.wait("document.querySelector('.wall-line') !== null")
        for page in (desk.page, wall.page):
            for part in LOST:
                page.forgive(part)
    said = desk.page.wait("document.querySelector('.banner-lost')?.innerText", 40)
    since = desk.page.evaluate("document.querySelector('.link-lost span').innerText")
    assert since.removesuffix("起").strip()[-8:] in said, "the banner says since when"
    assert desk.page.evaluate(f"{row_of(incident.incident)} !== null"), "what was known stays"
    for part in (".map", ".queue .scroll", ".board .scroll"):
        style = desk.page.evaluate(f"getComputedStyle(document.querySelector('{part}')).filter")
        assert "grayscale" in style, part
    assert desk.page.evaluate("document.querySelector('.queue .primary').disabled"), "nothing can be sent"
    wall.page.wait("document.querySelector('.wall.is-old .wall-old')?.innerText.match(/[0-9]{2}:[0-9]{2}/)")
    assert wall.page.evaluate("document.querySelector('.wall-line') !== null")


def test_a_session_that_ended_leads_to_the_door_and_back(service: Service, browser: Browser) -> None:
    desk = Desk(browser, service, Role.DISPATCHER)
    for part in ("status of 401", *LOST):
        desk.page.forgive(part)
    incident = report(service, service.town.roster[0].home)
    desk.select(incident)
    service.person(Role.DISPATCHER).call("DELETE", "/api/session")
    desk.page.wait("document.querySelector('.door form') !== null", 40)
    assert incident.incident not in desk.page.text(), "whoever is signed out sees no incident"
    let_in(desk.page, service, Role.SUPERVISOR)
    desk.page.reload()
    desk.live()
    desk.select(incident)


def test_a_clock_that_is_hours_wrong_changes_no_time_that_is_shown_or_told(
    service: Service, browser: Browser
) -> None:
    tablet = Tablet(browser, service)
    behind, ahead = SKEWED.replace("HOURS", "-3"), SKEWED.replace("HOURS", "3")
    tablet.page.call("Page.addScriptToEvaluateOnNewDocument", source=behind)
    tablet.enrol()
    desk = Desk(browser, service)
    desk.page.call("Page.addScriptToEvaluateOnNewDocument", source=ahead)
    desk.page.reload()
    desk.live()
    incident = tablet.report()
    desk.select(incident)
    clock = desk.page.wait("document.querySelector('.queue .clock b')?.innerText")
    assert clock.startswith("0:"), f"the clock of an incident of now shows {clock}"
    since, now = (
        desk.page.evaluate(f"document.querySelector('{where}').innerText")
        for where in (".link span", ".head-clock")
    )
    assert since[:2] == now[:2], f"connected since {since}, and it is {now}"
    tablet.do("offered")
    order = tablet.until(incident, "en_route")
    assert order.accepted_at_ms is not None
    assert abs(order.accepted_at_ms - incident.reported_at_ms) < 60_000
    desk.sees("en_route")


def test_without_webgl_the_lists_work(service: Service, tmp_path: Path) -> None:
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium: apt-get install chromium, or name one in DISPATCH135_CHROMIUM")
    browser = Browser(program, tmp_path / "flat", "--disable-3d-apis")
    try:
        desk = Desk(browser, service)
        desk.page.see("WebGL")
        assert desk.page.evaluate("document.querySelector('.map canvas') === null")
        desk.press("r")
        desk.page.wait("document.querySelector('.report select') !== null")
        place = service.town.places[0]
        desk.page.evaluate(
            "(() => { const box = document.querySelector('.report select');"
            f"box.value = {json.dumps(place.place)};"
            "box.dispatchEvent(new Event('change', {bubbles: true})); return 0; })()"
        )
        desk.page.click(".report [type=submit]")
        desk.page.wait("document.querySelector('.case .order.order-offered') !== null")
        (incident,) = service.station.desk.state.incidents.values()
        assert incident.place == place.name
        browser.check()
    finally:
        browser.stop()


def test_a_name_of_two_hundred_letters_breaks_no_screen(
    town: bootstrap.Town, browser: Browser, tmp_path: Path
) -> None:
    first = town.roster[0]
    wordy = RosterTeam(
        team=first.team, name=LONG, name_en="Patrol" * 33, unit=first.unit, profile=first.profile, home=first.home
    )
    with serving(town, tmp_path / "long", roster=[wordy, *town.roster[1:]]) as service:
        for language in ("zh-CN", "en"):
            desk = Desk(browser, service, language=language)
            incident = report(service, first.home, note=LONG)
            desk.select(incident)
            desk.sees("offered")
            assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            outside = desk.page.evaluate(
                "[...document.querySelectorAll('.panel button, .panel p, .case p, .case button')].filter((one) =>"
                " one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)"
                ".map((one) => one.className)"
            )
            assert outside == []
            desk.page.goto("about:blank")


@pytest.mark.slow
def test_thousands_of_incidents_and_no_team_cost_a_screenful_of_rows(
    town: bootstrap.Town, browser: Browser, tmp_path: Path
) -> None:
    settings = DeskSettings(mode=Mode.RECOMMEND, retry_after_ms=3_600_000)
    with serving(town, tmp_path / "crowd", settings, roster=[]) as service:
        places = [place.point for place in town.places]
        for number in range(MOST):
            spot = places[number % len(places)]
            where = Point(spot.lon + 1e-5 * (number % 50), spot.lat)
            command(service, ReportIncident(where=where, what=IncidentKind.OTHER, urgency=Urgency.ROUTINE))
        desk = Desk(browser, service)
        desk.page.wait(f"document.querySelector('.count-open dd')?.innerText === '{MOST}'", 30)
        rows = "document.querySelectorAll('.queue .row').length"
        assert 0 < desk.page.evaluate(rows) < 60
        desk.page.evaluate("document.querySelector('.queue .scroll').scrollTop = 1e9; 0")
        desk.page.wait("document.querySelector('.queue .row:last-of-type') !== null")
        last = desk.page.evaluate(
            "[...document.querySelectorAll('.queue [data-incident]')].at(-1).dataset.incident"
        )
        assert last == f"I{MOST:04d}"
        assert 0 < desk.page.evaluate(rows) < 60
        browser.check()
        desk.page.goto("about:blank")
