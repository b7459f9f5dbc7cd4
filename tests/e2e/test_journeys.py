"""Desk and tablets together, in real browsers against the real service."""

from __future__ import annotations

import time
from pathlib import Path

from dispatch import bootstrap
from dispatch.access.policy import Role
from dispatch.domain.commands import AnswerOrder, RecallOrder
from dispatch.domain.order_machine import OrderTrigger
from dispatch.sim.fleet import made_up_roster
from dispatch.wire.frames import Fix
from tests.e2e.browser import Browser
from tests.e2e.desks import Desk, command, orders_of, report, until
from tests.e2e.tablets import Tablet
from tests.live import Service, serving


def test_an_incident_from_the_report_to_its_end_and_a_reload_at_every_step(
    asking: Service, browser: Browser
) -> None:
    tablet = Tablet(browser, asking)
    tablet.enrol()
    desk = Desk(browser, asking)
    incident = tablet.report("路口争执")
    desk.select(incident)
    desk.keys = 1
    desk.press("Enter")
    order = until(lambda: orders_of(asking, incident) and tablet.order(incident))
    assert desk.keys == 2, "the recommended team goes by two keys"
    for status, tap in (("offered", "offered"), ("en_route", "en_route"), ("on_scene", "on_scene")):
        assert tablet.until(incident, status).order == order.order
        desk.sees(status)
        tablet.page.wait(f"document.querySelector('[data-do={status}]') !== null")
        for page in (desk.page, tablet.page):
            page.reload()
        desk.live()
        tablet.live()
        desk.select(incident)
        desk.sees(status)
        tablet.page.wait(f"document.querySelector('[data-do={status}]') !== null")
        tablet.do(tap)
    tablet.page.click('[data-chip="settled"]')
    tablet.do("send")
    tablet.until(incident, "closed")
    tablet.page.see("暂无指令")
    until(lambda: asking.station.desk.state.incidents[incident.incident].status == "closed")
    for page in (desk.page, tablet.page):
        page.reload()
    desk.live()
    tablet.page.see("暂无指令")
    desk.page.click(".closed summary")
    desk.page.wait("document.querySelectorAll('.closed-line').length === 1")
    assert desk.page.evaluate("document.querySelectorAll('.row').length") == 0
    assert browser.hosts == {asking.base.removeprefix("http://")}


def test_a_reload_shows_the_same_in_the_states_that_have_no_button(service: Service, browser: Browser) -> None:
    tablet = Tablet(browser, service)
    tablet.enrol()
    desk = Desk(browser, service)
    incident = tablet.report()
    order = tablet.until(incident, "offered")
    tablet.page.wait("document.querySelector('[data-do=offered]') !== null")
    for verb, status in ((OrderTrigger.ACCEPT, "accepted"), (OrderTrigger.DEPART, "en_route")):
        wish = AnswerOrder(order=order.order, team=order.team, verb=verb, occurred_at_ms=int(time.time() * 1000))
        command(service, wish)
        desk.select(incident)
        desk.sees(status)
        for page in (desk.page, tablet.page):
            page.reload()
        desk.live()
        desk.select(incident)
        desk.sees(status)
        tablet.page.wait(f"document.querySelector('[data-do={status}]') !== null")
    command(service, RecallOrder(order=order.order, reason="a mistake"))
    desk.sees("recalled")
    tablet.page.wait("document.querySelector('[data-do=en_route]') === null")
    for page in (desk.page, tablet.page):
        page.reload()
    desk.live()
    desk.select(incident)
    desk.sees("recalled")
    tablet.live()
    assert tablet.page.evaluate("document.querySelector('[data-do=en_route]') === null")


def test_two_consoles_race_for_one_team_and_one_is_told_so(asking: Service, browser: Browser) -> None:
    """The second wish is on its way already when the first one wins."""
    first, second = Desk(browser, asking), Desk(browser, asking, Role.DISPATCHER)
    second.page.forgive("409")
    incident = report(asking, asking.town.roster[0].home)
    for desk in (first, second):
        desk.select(incident)
        desk.page.wait("document.querySelector('.advice .primary') !== null")
    second.page.evaluate(
        "window.real = window.fetch; window.fetch = (...given) => String(given[0]).endsWith('/confirm')"
        " ? new Promise((go) => { window.go = go; }).then(() => real(...given)) : real(...given); 0"
    )
    second.press("Enter")
    second.page.wait("window.go !== undefined")
    first.press("Enter")
    until(lambda: orders_of(asking, incident))
    second.page.evaluate("window.go(); 0")
    told = second.page.wait("document.querySelector('.notice-refused')?.innerText")
    assert "推荐已经变化" in told
    assert len(orders_of(asking, incident)) == 1
    for desk in (first, second):
        desk.sees("offered")


def test_five_hundred_teams_move_and_the_page_lives(browser: Browser, town: bootstrap.Town, tmp_path: Path) -> None:
    roster = made_up_roster(town.ground, 500)
    with serving(town, tmp_path / "many", roster=roster) as service:
        desk = Desk(browser, service)
        desk.page.wait("document.querySelector('.count-free dd')?.innerText === '500'", 30)
        board, clock = service.station.board, service.station.clock

        def move(round_: int) -> None:
            now_ms = clock.now_ms()
            board.put(
                [
                    Fix(
                        team=team.team,
                        lon=team.home.lon + 1e-5 * round_,
                        lat=team.home.lat,
                        at_ms=now_ms,
                        accuracy_m=5,
                    )
                    for team in roster
                ],
                now_ms,
            )

        for round_ in range(8):
            service.loop.call_soon_threadsafe(move, round_)
            time.sleep(0.5)
        frames = desk.page.evaluate(
            "new Promise((done) => { let count = 0; const end = performance.now() + 2000;"
            "const next = (now) => { count += 1; now < end ? requestAnimationFrame(next) : done(count); };"
            "requestAnimationFrame(next); })"
        )
        assert frames >= 4, "even a busy machine without a graphics card draws some"
        rows = desk.page.evaluate("document.querySelectorAll('.board .teams > li').length")
        assert 0 < rows < 120, "only the rows in sight are made"
        incident = report(service, roster[0].home)
        desk.select(incident)
        desk.sees("offered")
        browser.check()
        desk.page.goto("about:blank")
