"""Bad days of the tablet: a disk without room, a question that nobody was asked, an alarm beside another."""

from __future__ import annotations

import time
from typing import Final

from tests.e2e.browser import Browser
from tests.e2e.desks import until
from tests.e2e.leaps import give_clock, leap
from tests.e2e.tablets import Tablet
from tests.e2e.test_desk_traps import COUNT_TONES
from tests.live import Service

NO_ROOM: Final = (
    "window.put0 = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...given) {"
    "const asked = window.put0.apply(this, given); if (%s) this.transaction.abort(); return asked; }; 0"
)
"""As the browser itself ends a transaction that has no room."""


def test_a_call_for_help_goes_without_a_disk(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    page.evaluate(NO_ROOM % "this.name === 'errands'")
    page.click(".sos", hold_s=2.0)
    (incident,) = until(lambda: list(service.station.desk.state.incidents.values()))
    assert incident.source == f"panic {tablet.team}"
    page.see("求助已送达")


def test_a_tap_that_was_not_kept_is_not_taken_for_one(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    incident = tablet.report()
    page.wait("document.querySelector('[data-do=\"offered\"]') !== null")
    until(lambda: tablet.order(incident).shown_at_ms)
    page.evaluate("window.failed = 0; 0")
    page.evaluate(NO_ROOM % "this.name === 'tablet' && (window.failed += 1) === 1")
    tablet.do("offered")  # two commands: the first finds no room, the second would
    page.see("存储已满")
    assert tablet.order(incident).status == "offered"
    assert tablet.stored()["outbox"] == []
    tablet.live()
    tablet.do("offered")
    tablet.until(incident, "en_route")


def test_a_report_that_was_not_kept_stays_in_its_form(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    incident = tablet.report()
    tablet.do("offered")
    tablet.until(incident, "en_route")
    tablet.do("en_route")
    tablet.until(incident, "on_scene")
    tablet.do("on_scene")
    page.click("textarea")
    page.type("双方和解")
    page.evaluate(NO_ROOM % "this.name === 'tablet'")
    tablet.do("send")
    page.see("存储已满")
    assert page.evaluate("document.querySelector('textarea').value") == "双方和解"
    page.evaluate("IDBObjectStore.prototype.put = window.put0; 0")
    tablet.live()
    tablet.do("send")
    assert tablet.until(incident, "closed").report == "双方和解"


def test_an_answer_to_the_check_in_leaves_an_unseen_order_ringing(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    page.evaluate(
        "localStorage.setItem('patrol.check_in', JSON.stringify({every_ms: 600000, due_ms: Date.now() + 9000})); 0"
    )
    page.call("Page.addScriptToEvaluateOnNewDocument", source=COUNT_TONES)
    page.reload()
    tablet.live()
    tablet.do("menu")
    tablet.do("lock")
    tablet.report()
    page.see("新指令")
    page.wait("window.tones > 0")
    page.see("你安全吗")
    tablet.do("safe")
    page.wait("document.querySelector('.due') === null")
    before = page.evaluate("tones")
    page.see("新指令")
    page.wait(f"tones > {before}", 6)


def test_nobody_is_helped_unasked(browser: Browser, service: Service) -> None:
    """A timer of yesterday asks, and rings, before it calls for help."""
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    page.evaluate(
        "localStorage.setItem('patrol.check_in',"
        " JSON.stringify({every_ms: 600000, due_ms: Date.now() - 8 * 3600e3})); 0"
    )
    page.reload()
    tablet.live()
    page.see("你安全吗")
    time.sleep(2)
    assert not service.station.desk.state.incidents
    tablet.do("safe")
    page.wait("document.querySelector('.due') === null")


def test_a_page_that_beats_slowly_still_calls_for_help(browser: Browser, service: Service) -> None:
    """Browsers slow a page down that nobody sees: every beat comes after a gap."""
    tablet = Tablet(browser, service)
    give_clock(tablet.page)
    page = tablet.enrol()
    tablet.do("menu")
    page.click('[data-check="5"]')
    leap(page, 7 * 60 + 30, step_s=15)
    (incident,) = until(lambda: list(service.station.desk.state.incidents.values()))
    assert incident.source == f"panic {tablet.team}"


def test_a_full_disk_breaks_no_fetch_that_works(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    page.wait("navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)")
    status = "fetch('/api/ground').then((answer) => answer.status, String)"
    page.wait(f"({status}).then((code) => code === 200)")  # once this tablet's session is open
    page.evaluate("caches.delete('patrol-ground-1').then(() => 0)")
    page.call("Storage.overrideQuotaForOrigin", origin=service.base, quotaSize=1_000)
    assert page.evaluate(status) == 200
