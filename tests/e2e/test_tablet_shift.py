"""A shift in a dead spot, and a network that lets no socket through; in a real browser, its clock moved on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dispatch.adapters.positions import Verdict
from tests.e2e.browser import Browser
from tests.e2e.desks import until
from tests.e2e.leaps import give_clock, leap, weight
from tests.e2e.tablets import Tablet
from tests.live import Service
from tests.push.test_fallback import Proxy

HOUR_S = 3600
LEAK_BYTES = 4_000_000


@pytest.fixture
def proxy(service: Service) -> Iterator[Proxy]:
    made = Proxy(service.base)
    yield made
    made.close()


def test_eight_hours_in_a_dead_spot(browser: Browser, service: Service) -> None:
    """Nothing pressed is lost or doubled, the check-in rings all the while, and the page does not grow."""
    tablet = Tablet(browser, service)
    give_clock(tablet.page)
    page = tablet.enrol()
    incident = tablet.report()
    tablet.do("offered")
    order = tablet.until(incident, "en_route")
    browser.offline = True
    page.see("离线")
    tablet.do("en_route")
    tablet.do("help")
    page.click('[data-chip="more"]')
    tablet.do("send")
    page.wait("document.querySelector('.sheet') === null")
    end_s = time.monotonic() + 10
    while len(outbox := tablet.stored()["outbox"]) < 2:  # writes go one after the other
        assert time.monotonic() < end_s, f"both are kept: {outbox}"
        time.sleep(0.05)
    assert len(outbox) == 2
    tablet.do("menu")
    page.click('[data-check="20"]')
    page.evaluate("[...document.querySelectorAll('.menu button')].at(-1).click()")
    light: dict[str, int] = {}
    for _hour in range(8):
        for _ in range(3):
            before = page.evaluate("tones")
            leap(page, 20 * 60)
            page.see("你安全吗")
            leap(page, 5)
            assert page.evaluate("tones") > before, "it is heard"
            tablet.do("safe")
        assert tablet.stored()["outbox"] == outbox
        light = light or weight(page)
    heavy = weight(page)
    print(f"after one hour {light}, after eight {heavy}")
    assert heavy["heap"] - light["heap"] < LEAK_BYTES
    assert heavy["nodes"] - light["nodes"] < 200
    assert heavy["listeners"] - light["listeners"] < 50
    leap(page, 22 * 60)  # nobody answers
    page.see("没有网络：求助已保存")
    browser.offline = False
    order = tablet.until(incident, "on_scene", 60)
    page.see("求助已送达", 60)
    end_s = time.monotonic() + 20
    while tablet.stored()["outbox"] or not tablet.order(incident).help_asked_at_ms:
        assert time.monotonic() < end_s, page.text()
        time.sleep(0.1)
    kinds = ("order_accepted", "order_departed", "order_arrived", "help_asked")
    assert [tablet.answers(order, kind) for kind in kinds] == [1, 1, 1, 1]
    asked = [each for each in service.station.desk.state.incidents.values() if each.source.startswith("panic")]
    assert len(asked) == 1, "one cry for help is one incident"


def test_without_sockets_the_tablet_polls_and_later_finds_a_socket(
    browser: Browser, service: Service, proxy: Proxy
) -> None:
    tablet = Tablet(browser, replace(service, base=proxy.base))
    give_clock(tablet.page)
    page = tablet.enrol()
    assert proxy.refused >= 3
    incident = tablet.report("不通")
    page.see("不通", 10)
    tablet.do("offered")
    order = tablet.until(incident, "en_route")
    assert order.stored_at_ms is not None
    assert proxy.upgraded == 0
    refused = proxy.refused
    leap(page, 62, step_s=62)  # a socket is tried for once a minute; where it does not open the poll goes on
    page.wait("document.querySelector('.signal.live') !== null", 30)
    end_s = time.monotonic() + 20
    while proxy.refused == refused:
        assert time.monotonic() < end_s
        time.sleep(0.1)
    tablet.live()
    tablet.do("en_route")
    tablet.until(incident, "on_scene", 30)
    assert proxy.upgraded == 0
    proxy.strict = False
    leap(page, 62, step_s=62)
    end_s = time.monotonic() + 20
    while proxy.upgraded == 0:
        assert time.monotonic() < end_s, "it did not go back to a socket"
        time.sleep(0.1)
    tablet.live()
    tablet.do("on_scene")
    page.click('[data-chip="settled"]')
    tablet.do("send")
    order = tablet.until(incident, "closed", 30)
    kinds = ("order_accepted", "order_departed", "order_arrived", "order_reported_back", "order_closed")
    assert [tablet.answers(order, kind) for kind in kinds] == [1, 1, 1, 1, 1]


def test_without_sockets_the_console_hears_of_an_incident(browser: Browser, service: Service, proxy: Proxy) -> None:
    name, _, value = (service.reporter.cookie or "").partition("=")
    page = browser.page()
    page.forgive("WebSocket connection")
    page.forgive("net::ERR_")  # in the end the proxy goes before the page
    page.call("Network.setCookie", name=name, value=value, url=proxy.base, httpOnly=True)
    page.goto(f"{proxy.base}/console?lang=zh-CN")
    page.see("已连接", 40)
    home = service.town.roster[0].home
    incident = service.reporter.report(home.lat, home.lon, note="代理后面")
    page.wait(f"document.querySelector('[data-incident=\"{incident}\"]') !== null", 20)
    assert proxy.refused >= 3
    assert proxy.upgraded == 0


STANDING = """(() => {
  const coords = { longitude: LON, latitude: LAT, accuracy: 5, speed: null };
  navigator.geolocation.getCurrentPosition = (take) => take({ coords, timestamp: Date.now() });
})()"""
"""A device that stands: its watch is silent, and who asks is told the place of now (DevTools tells none then)."""


def test_the_desk_goes_on_hearing_of_a_patrol_that_stands(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    home = service.station.desk.state.teams[tablet.team].home
    standing = STANDING.replace("LON", str(home.lon)).replace("LAT", str(home.lat))
    give_clock(tablet.page)
    tablet.page.call("Page.addScriptToEvaluateOnNewDocument", source=standing)
    tablet.enrol()
    verdicts = service.station.board.verdicts
    until(lambda: verdicts[Verdict.TAKEN] == 1)  # once on the connection, though nothing moves
    for heard in range(2, 6):
        leap(tablet.page, 11)
        until(lambda heard=heard: verdicts[Verdict.TAKEN] == heard)
