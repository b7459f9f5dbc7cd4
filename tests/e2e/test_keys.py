"""How many keys and taps a task takes: done for real, counted, and compared with ``docs/keys.md``.

With ``DISPATCH135_IMAGES=1`` the page is written anew.
"""

from __future__ import annotations

import os
from typing import Final

from dispatch import bootstrap
from dispatch.domain.commands import AnswerOrder, ConfirmRecommendation
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.types import Urgency
from tests.e2e.browser import Browser
from tests.e2e.desks import Desk, command, orders_of, report, until
from tests.e2e.tablets import Tablet
from tests.live import Service

REPORT: Final = ('[data-do="on_scene"]', '[data-chip="settled"]', '[data-do="send"]')
PAGE: Final = bootstrap.ROOT / "docs" / "keys.md"
HEAD: Final = """# Keys and taps

Each task was done in a real browser by `tests/e2e/test_keys.py`, which counts every key and tap and compares them
with this page. An incident is chosen by its figure in the queue; letters that are typed count one each.

| task | where | presses | how |
|---|---|---|---|
"""


def test_the_five_incident_script_with_the_keyboard_alone(asking: Service, browser: Browser) -> None:
    """Five incidents: two are sent as recommended, one by hand, one gets a note, one is closed as false; undo."""
    state = asking.station.desk.state
    homes = [team.home for team in asking.town.roster]
    desk = Desk(browser, asking)
    five = [report(asking, homes[2 * number], urgency=Urgency.URGENT) for number in range(5)]
    rows: list[tuple[str, str, int, str]] = []

    def done(task: str, how: str) -> None:
        rows.append((task, "console", desk.keys, how))
        desk.keys = 0

    for incident in five[:2]:
        desk.select(incident)
        desk.press("Enter")
        until(lambda at=incident: orders_of(asking, at))
        desk.sees("offered")
        assert desk.keys == 2
        if incident is five[0]:
            done("send the recommended team", "figure, Enter")
    desk.keys = 0
    desk.press("u")
    until(lambda: state.orders[orders_of(asking, five[1])[0]].status == "recalled")
    done("undo what was just sent", "U")
    desk.select(five[2])
    desk.press("/")
    desk.page.wait("document.activeElement?.closest('.bar') !== null")
    desk.type("send v09")
    desk.page.wait("document.querySelector('.bar .good') !== null")
    desk.press("Enter")
    until(lambda: orders_of(asking, five[2]))
    assert state.orders[orders_of(asking, five[2])[0]].team == "V09"
    done("send another team by hand", "figure, `/send v09`, Enter")
    desk.select(five[3])
    desk.press("i")
    desk.page.wait("document.activeElement?.matches('.case input, .case textarea')")
    desk.type("gate 4")
    desk.press("Enter")
    until(lambda: state.incidents[five[3].incident].notes)
    desk.page.wait("document.activeElement === document.body")
    done("add a note of six letters", "figure, I, the note, Enter")
    desk.press("Escape")
    desk.keys = 0
    desk.select(five[4])
    desk.press("c")
    desk.page.wait("document.activeElement?.matches('.case input, .case textarea')")
    desk.press("Enter")
    until(lambda: state.incidents[five[4].incident].status == "closed")
    done("close an incident", "figure, C, Enter")
    _report_by_keys(desk, asking)
    done("report at the middle of the map", "R, Enter")
    rows += _taps(Tablet(browser, asking), asking)
    lines = "".join(f"| {task} | {where} | {count} | {how} |\n" for task, where, count, how in rows)
    if os.environ.get("DISPATCH135_IMAGES"):
        PAGE.write_text(HEAD + lines, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == HEAD + lines, "write it anew: DISPATCH135_IMAGES=1 ./run test …"


def _report_by_keys(desk: Desk, service: Service) -> None:
    before = len(service.station.desk.state.incidents)
    desk.page.evaluate("document.activeElement?.blur(); 0")
    desk.page.wait("document.querySelector('.map canvas') !== null")
    desk.press("Escape", "Escape")
    desk.keys = 0
    desk.press("r")
    desk.page.wait("document.activeElement?.closest('.report') !== null")
    desk.press("Enter")
    until(lambda: len(service.station.desk.state.incidents) == before + 1)


def _taps(tablet: Tablet, service: Service) -> list[tuple[str, str, int, str]]:
    """The tasks of a patrol; the page itself counts what touched it."""
    page = tablet.enrol()
    state = service.station.desk.state
    for order in [order for order in state.orders.values() if order.team == tablet.team]:
        for verb in (OrderTrigger.ACCEPT, OrderTrigger.DEPART, OrderTrigger.ARRIVE, OrderTrigger.REPORT_BACK):
            now_ms = service.station.clock.now_ms()
            command(service, AnswerOrder(order=order.order, team=order.team, verb=verb, occurred_at_ms=now_ms))
        now_ms = service.station.clock.now_ms()
        close = AnswerOrder(order=order.order, team=order.team, verb=OrderTrigger.CLOSE, occurred_at_ms=now_ms)
        command(service, close)
    incident = tablet.report()
    picks = until(lambda: service.station.desk.state.incidents[incident.incident].recommended)
    teams = tuple(pick.team for pick in picks)
    assert tablet.team in teams
    command(service, ConfirmRecommendation(incident=incident.incident, teams=teams))
    page.evaluate("window.taps = 0; addEventListener('pointerdown', () => { window.taps += 1; }, true); 0")
    counted = []
    for task, how, taps, status in (
        ("accept and go", "出发 / Go", ('[data-do="offered"]',), "en_route"),
        ("arrive", "到达 / Arrived", ('[data-do="en_route"]',), "on_scene"),
        ("report back and close", "反馈 / Report back, what it was, 发送 / Send", REPORT, "closed"),
    ):
        page.evaluate("window.taps = 0")
        for tap in taps:
            page.click(tap)
        tablet.until(incident, status)
        counted.append((task, "tablet", int(page.evaluate("window.taps")), how))
    return counted
