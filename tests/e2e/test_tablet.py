"""The tablet in a real browser against the real service: what a patrol does, in a net and in a dead spot."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.e2e.browser import Browser
from tests.e2e.tablets import Tablet
from tests.live import Service
from tests.server.test_tablet_routes import png


def test_an_order_from_the_alarm_to_the_report(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    incident = tablet.report("两人争吵")
    page.see("两人争吵", 5)
    shown = tablet.order(incident)
    assert page.box('[data-do="offered"]')["height"] >= 96
    tablet.do("offered")  # 出发: one tap
    order = tablet.until(incident, "en_route")
    assert order.accepted_at_ms is not None
    assert order.departed_at_ms is not None
    page.see("到达目的地")  # the next turn of a way whose end is at the door
    tablet.do("help")
    page.click('[data-chip="more"]')
    tablet.do("send")
    page.wait("document.querySelector('.sheet') === null")  # it closes once its words are on the disk
    tablet.do("en_route")
    tablet.until(incident, "on_scene")
    tablet.do("on_scene")
    page.click('[data-chip="settled"]')
    page.click("textarea")
    page.type("双方和解")
    tablet.do("send")
    order = tablet.until(incident, "closed")
    assert order.report == "当场化解 · 双方和解"
    assert order.help_asked_at_ms is not None
    assert order.shown_at_ms is not None
    assert shown.stored_at_ms is None or order.stored_at_ms <= order.shown_at_ms  # type: ignore[operator]
    for kind in ("order_accepted", "order_departed", "order_arrived", "order_reported_back", "order_closed"):
        assert tablet.answers(order, kind) == 1
    page.see("暂无指令")
    assert browser.hosts == {service.base.removeprefix("http://")}


def test_a_tap_in_a_dead_spot_is_answered_once(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    incident = tablet.report()
    page.wait("document.querySelector('[data-do=\"offered\"]') !== null")
    browser.offline = True
    page.see("离线")
    tablet.do("offered")
    page.see("已保存")
    assert len(tablet.stored()["outbox"]) == 2
    tablet.do("en_route")  # arrives without a network, too
    assert len(tablet.stored()["outbox"]) == 3
    time.sleep(0.5)
    assert tablet.order(incident).status == "offered"
    browser.offline = False
    order = tablet.until(incident, "on_scene", 30)
    page.wait("!document.body.innerText.includes('已保存')")
    assert [tablet.answers(order, kind) for kind in ("order_accepted", "order_departed", "order_arrived")] == [
        1,
        1,
        1,
    ]
    assert tablet.stored()["outbox"] == []


def test_the_page_starts_without_a_network_and_knows_its_order(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    page.wait("navigator.serviceWorker.ready.then(() => caches.match('/tablet')).then(Boolean)")
    page.reload()  # now the worker has the page, and the ground passes through it
    tablet.live()
    incident = tablet.report("断网时也要看得到")
    page.see("断网时也要看得到")
    page.wait("caches.match('/api/ground').then(Boolean)")
    browser.offline = True
    page.reload()
    page.see("断网时也要看得到")
    page.see("离线")
    tablet.do("offered")
    page.see("已保存")
    browser.offline = False
    assert tablet.answers(tablet.until(incident, "en_route", 30), "order_accepted") == 1


def test_photos_are_kept_until_the_desk_has_them(browser: Browser, service: Service, tmp_path: Path) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    incident = tablet.report()
    tablet.do("offered")
    tablet.until(incident, "en_route")
    browser.offline = True
    (tmp_path / "scene.png").write_bytes(png(40_000))
    page.upload("input[type=file]", tmp_path / "scene.png")
    page.see("1 张照片待传")
    browser.kill()
    browser.offline = False
    browser.start()
    tablet.again()
    tablet.live()
    end_s = time.monotonic() + 30
    path = f"/api/incidents/{incident.incident}/photos"
    while not (photos := service.reporter.call("GET", path)):
        assert time.monotonic() < end_s, tablet.page.text()
        time.sleep(0.2)
    assert photos[0]["media_type"] == "image/jpeg"
    status, data = service.raw("GET", f"/api/photos/{photos[0]['digest']}")
    assert (status, len(data)) == (200, photos[0]["size"])


def test_panic_needs_a_second_and_no_order(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    page.click(".sos", hold_s=0.3)
    time.sleep(1)
    assert not service.station.desk.state.incidents, "a brush is no cry for help"
    page.click(".sos", hold_s=2.0)
    page.see("求助已送达")
    (incident,) = service.station.desk.state.incidents.values()
    assert incident.source == f"panic {tablet.team}"
    orders = service.station.desk.state.orders
    own = [orders[name] for name in incident.orders if orders[name].team == tablet.team]
    assert all(order.status == "declined" for order in own)


def test_a_locked_screen_still_shows_an_order_and_a_revoked_tablet_says_so(
    browser: Browser, service: Service
) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    tablet.do("menu")
    tablet.do("lock")
    page.see("已锁屏")
    incident = tablet.report()
    page.see("新指令")
    assert tablet.order(incident).status == "offered"
    page.click(".unlock", hold_s=2.0)
    tablet.do("decline")
    page.click('[data-chip="vehicle"]')
    tablet.do("send")
    tablet.until(incident, "declined")
    (device,) = [each for each in service.reporter.call("GET", "/api/devices") if each["team"] == tablet.team]
    service.reporter.call("POST", f"/api/devices/{device['device']}/revoke")
    page.see("已被停用", 10)


def test_a_disk_that_takes_nothing_is_said_and_nothing_is_promised(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    page.evaluate(
        "window.put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...given) {"
        "const asked = window.put.apply(this, given); this.transaction.abort(); return asked; }; 0"
    )  # as the browser itself ends a transaction that has no room
    incident = tablet.report("河边")
    page.see("存储已满")
    assert tablet.order(incident).stored_at_ms is None, "what was not stored is not said to be"
    assert "河边" not in page.text()
    page.evaluate("IDBObjectStore.prototype.put = window.put; 0")
    page.see("河边", 30)
    tablet.do("offered")
    order = tablet.until(incident, "en_route")
    assert order.stored_at_ms is not None


def test_without_geolocation_it_is_said_and_all_else_works(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    for name in ("geolocation", "persistent-storage"):
        wish = {"permission": {"name": name}, "setting": "denied", "origin": service.base}
        browser.devtools.call("Browser.setPermission", **wish)
    page = tablet.enrol()
    page.see("没有定位权限")
    page.see("浏览器可能清除本机数据")
    incident = tablet.report()
    tablet.do("offered")
    tablet.until(incident, "en_route")
    page.see("到达目的地")  # the way begins at the team's home


def test_two_windows_are_one_tablet(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    first = tablet.enrol()
    second = tablet.again()
    second.see("已在另一个窗口打开")
    first.close()
    tablet.live()


WRITES = (
    "window.writes = { tablet: 0, now: 0, most: 0 }; const put = IDBObjectStore.prototype.put;"
    "IDBObjectStore.prototype.put = function (...given) { const asked = put.apply(this, given);"
    "if (this.name === 'tablet') writes.tablet += 1;"
    "writes.most = Math.max(writes.most, writes.now += 1);"
    "this.transaction.addEventListener('complete', () => { writes.now -= 1; }); return asked; }; 0"
)


def test_an_order_is_written_once_in_each_copy_and_never_in_both_at_once(
    browser: Browser, service: Service
) -> None:
    """What a kill can take is the copy that is being written: the other one is whole."""
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    time.sleep(2)  # the snapshot is in both copies
    page.evaluate(WRITES)
    incident = tablet.report()
    end_s = time.monotonic() + 20
    while tablet.order(incident).shown_at_ms is None:
        assert time.monotonic() < end_s
        time.sleep(0.05)
    time.sleep(1)  # the facts that it was stored and shown have come, too: they say nothing new
    assert page.evaluate("writes.tablet") == 2
    tablet.do("offered")
    tablet.until(incident, "en_route")
    page.wait("writes.now === 0")
    assert page.evaluate("writes.most") == 1
    assert tablet.stored() == {"order": tablet.order(incident).order, "outbox": []}


def test_an_order_is_on_the_screen_soon(browser: Browser, service: Service) -> None:
    """From the order's row on the log to drawn, on the disk before: the facts of the log, in ms."""
    tablet = Tablet(browser, service)
    tablet.enrol()
    took_ms = sorted(tablet.shown_after_ms(9))
    print(f"offered to shown, ms: {took_ms}")
    assert took_ms[len(took_ms) // 2] <= 1_000, "a bound for a busy machine; the goal is 300 ms"


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.nightly)])
def test_no_order_is_lost_over_kills_of_the_browser(browser: Browser, service: Service, kills: int) -> None:
    """Each time an order is under way, and the browser dies at a random moment of it."""
    chance = random.Random(135)
    tablet = Tablet(browser, service)
    tablet.enrol()
    for round_ in range(kills):
        incident = tablet.report(f"round {round_}")
        time.sleep(chance.uniform(0.0, 0.4))
        if chance.random() < 0.5 and tablet.page.evaluate(
            "document.querySelector('[data-do=\"offered\"]') !== null"
        ):
            tablet.do("offered")
            time.sleep(chance.uniform(0.0, 0.15))
        browser.kill()
        browser.start()
        page = tablet.again()
        page.see(f"round {round_}", 30)
        tablet.live()
        if page.evaluate('document.querySelector(\'[data-do="offered"], [data-do="accepted"]\') !== null'):
            page.click('[data-do="offered"], [data-do="accepted"]')
        order = tablet.until(incident, "en_route", 30)
        assert [tablet.answers(order, kind) for kind in ("order_accepted", "order_departed")] == [1, 1]
        tablet.do("en_route")
        tablet.until(incident, "on_scene")
        tablet.do("on_scene")
        page.click('[data-chip="false"]')
        tablet.do("send")
        order = tablet.until(incident, "closed")
        assert order.shown_at_ms is not None
