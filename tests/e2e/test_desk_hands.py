"""The console by hand: teams dragged off the map, places found by initials, a patrol that calls for help."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from dispatch.access.policy import Role
from dispatch.sim.reporter import new_key
from tests.e2e.browser import Browser, Page
from tests.live import Service
from tests.server.test_tablet_routes import ByHand


def opened(browser: Browser, service: Service, path: str, role: Role = Role.SUPERVISOR) -> Page:
    """A page of ours for somebody who has signed in."""
    page = browser.page(width=1400, height=900)
    name, value = (service.person(role).cookie or "").split("=", 1)
    page.call("Network.setCookie", name=name, value=value, url=service.base, httpOnly=True, path="/")
    page.goto(f"{service.base}{path}?lang=zh-CN&style=day")
    return page


def console(browser: Browser, service: Service) -> Page:
    page = opened(browser, service, "/console")
    page.wait("document.querySelector('.link-live') !== null", 30)
    return page


def drag(page: Page, from_x: float, from_y: float, to_x: float, to_y: float) -> None:
    """The left button down, moved in steps, and up."""
    mouse: dict[str, Any] = {"button": "left", "clickCount": 1}
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=from_x, y=from_y)
    page.call("Input.dispatchMouseEvent", type="mousePressed", x=from_x, y=from_y, **mouse)
    for step in range(1, 6):
        x, y = from_x + (to_x - from_x) * step / 5, from_y + (to_y - from_y) * step / 5
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y, button="left", buttons=1)
    page.call("Input.dispatchMouseEvent", type="mouseReleased", x=to_x, y=to_y, **mouse)


def test_a_team_is_dragged_from_the_map_onto_an_incident_of_the_list(browser: Browser, service: Service) -> None:
    team, far = service.town.roster[0], service.town.roster[-1]
    incident = service.reporter.report(far.home.lat, far.home.lon)
    other = service.reporter.report(service.town.roster[8].home.lat, service.town.roster[8].home.lon)
    page = console(browser, service)
    page.click(f"[data-incident={json.dumps(other)}]")  # what is dropped on counts, not what is selected
    page.wait(f"document.querySelector('.case .case-head')?.innerText.includes({json.dumps(other)})")
    row = page.box(f"[data-incident={json.dumps(incident)}]")
    page.wait(f"document.querySelectorAll('.teams button').length >= {min(5, len(service.town.roster))}")
    page.press("/")
    page.wait("document.querySelector('.bar input') !== null")
    page.type(f"go {team.team}")
    page.wait("document.querySelector('.bar .good') !== null")
    page.press("Enter")  # the map centres on the team
    time.sleep(1.5)
    area = page.evaluate(
        "(() => { const r = document.querySelector('.map').getBoundingClientRect();"
        "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
    )
    drag(page, area[0], area[1], row["x"], row["y"])
    page.wait("document.querySelector('.case .assign') !== null")
    head = page.evaluate("document.querySelector('.case .case-head').innerText")
    assert incident in head and other not in head
    assert team.name.split(" ")[0] in page.text()


def test_places_are_found_by_initials_in_the_bar_and_in_the_report(browser: Browser, service: Service) -> None:
    page = console(browser, service)
    page.press("/")
    page.wait("document.querySelector('.bar input') !== null")
    page.type("go cxzx")
    page.wait("document.querySelector('.bar .good')?.innerText.includes('澄溪')")
    page.press("Enter")
    page.wait("document.querySelector('.bar') === null")
    page.press("r")
    page.click(".report [role=combobox]")
    page.type("cxzx")
    page.wait("document.querySelectorAll('.report [role=option]').length > 0")
    first = page.evaluate("document.querySelector('.report .place-search-name').firstChild.textContent")
    page.press("Enter")
    page.wait("document.querySelector('.report ul').hidden")
    assert page.evaluate("document.querySelector('.report') !== null"), "choosing a place reports nothing yet"
    assert not service.station.desk.state.incidents
    page.click(".report [type=submit]")
    page.wait("document.querySelector('.case') !== null")
    (made,) = service.station.desk.state.incidents.values()
    (found,) = service.reporter.call("GET", "/api/ground/search?q=cxzx&limit=1")
    assert first == found["name"]
    assert abs(made.where.lat - found["lat"]) < 1e-5 and abs(made.where.lon - found["lon"]) < 1e-5


def test_a_patrol_that_needs_help_stands_over_everything(
    browser: Browser, service: Service, tmp_path: Path
) -> None:
    page = console(browser, service)
    team = service.town.roster[0].team
    body = {"key": new_key(), "why": "button", "at_ms": int(time.time() * 1000)}
    assert ByHand(service, service.tablet(team)).call("POST", "/api/tablet/panic", body)[0] == 201
    page.wait("document.querySelector('.sos-bar button') !== null")
    assert page.evaluate("document.querySelector('.queue .row').classList.contains('is-sos')")
    page.click(".sos-bar button")
    page.wait("document.querySelector('.case .sos-note') !== null")
    page.screenshot(tmp_path / "sos.png")


def test_the_planner_says_off_the_roads_and_is_shown_nothing_of_incidents(
    browser: Browser, service: Service
) -> None:
    home = service.town.roster[0].home
    service.reporter.report(home.lat, home.lon, note="a secret of somebody")
    page = opened(browser, service, "/planner", Role.PLANNER)
    page.wait("document.querySelector('.map-search input') !== null", 30)
    page.wait("document.querySelectorAll('.posts .post').length > 0", 30)
    page.forgive("status of 422")
    for tab in ("gaps", "heat", "report", "cover"):
        page.click(f"#tab-{tab}")
        time.sleep(0.5)
        assert "a secret" not in page.text()
    assert page.evaluate("fetch('/api/incidents').then((answer) => answer.status)") == 403
    page.forgive("status of 403")
    post = page.box(".posts .post")
    edge = page.evaluate(
        "(() => { const r = document.querySelector('.map').getBoundingClientRect();"
        "return [r.x + 6, r.y + r.height - 90]; })()"
    )
    drag(page, post["x"], post["y"], edge[0], edge[1])
    page.see("不在道路附近")
