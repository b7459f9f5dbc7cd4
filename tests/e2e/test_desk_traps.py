"""Traps of the console: a key that is held down, two alarms at once, a form that another window would redirect."""

from __future__ import annotations

import json
import time
from typing import Final

from dispatch.domain.state import Incident
from dispatch.domain.types import Urgency
from tests.e2e.browser import Browser, Page
from tests.e2e.desks import Desk, report, until
from tests.live import Service

COUNT_TONES: Final = """(() => {
  window.tones = 0;
  const tone = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { window.tones += 1; return tone.call(this); };
})()"""
SOUNDS_OF_CRITICAL: Final = 4


def hold(page: Page, key: str, times: int) -> None:
    """A key that is held down: the keyboard repeats it."""
    for number in range(times):
        page.call(
            "Input.dispatchKeyEvent",
            type="keyDown",
            key=key,
            text=key,
            windowsVirtualKeyCode=ord(key.upper()),
            autoRepeat=number > 0,
        )
        time.sleep(0.03)
    page.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=ord(key.upper()))


def waves_of(service: Service, incident: Incident) -> int:
    """How many waves the desk has called, the first one with it."""
    return len(service.station.desk.state.incidents[incident.incident].waves)


def test_a_key_that_is_held_does_its_deed_once_and_walks_as_far_as_it_is_held(
    browser: Browser, asking: Service
) -> None:
    desk = Desk(browser, asking)
    made = [report(asking, team.home) for team in asking.town.roster[:4]]
    desk.select(made[0])
    hold(desk.page, "w", 12)
    until(lambda: waves_of(asking, made[0]) == 2)
    time.sleep(0.5)
    assert waves_of(asking, made[0]) == 2, "one wave a press"
    hold(desk.page, "j", 12)
    last = desk.page.evaluate("[...document.querySelectorAll('.queue [data-incident]')].at(-1).dataset.incident")
    desk.page.wait(f"document.querySelector('.case .case-head')?.innerText.includes({json.dumps(last)})")


def test_an_alarm_within_a_second_of_another_is_heard_too(browser: Browser, asking: Service) -> None:
    desk = Desk(browser, asking)
    desk.page.call("Page.addScriptToEvaluateOnNewDocument", source=COUNT_TONES)
    desk.page.reload()
    desk.live()
    desk.press("n", "n")  # a browser lets sound out after a key
    desk.page.wait("document.querySelector('.link-live') !== null")
    report(asking, asking.town.roster[0].home, urgency=Urgency.ROUTINE)
    desk.page.wait("window.tones > 0")
    report(asking, asking.town.roster[-1].home, urgency=Urgency.CRITICAL)
    desk.page.wait(f"window.tones > {SOUNDS_OF_CRITICAL}", 10)


def test_a_form_begun_for_one_incident_is_not_for_the_one_that_another_window_selects(
    browser: Browser, asking: Service
) -> None:
    desk = Desk(browser, asking)
    one, two = (report(asking, asking.town.roster[at].home) for at in (0, -1))
    desk.select(one)
    desk.press("c")
    desk.page.wait("document.querySelector('.close-form input') !== null")
    desk.page.wait("document.activeElement?.closest('.close-form') !== null")
    desk.type("false alarm")
    told = json.dumps({"team": None, "incident": two.incident})
    desk.page.evaluate(f"new BroadcastChannel('patrol.desk').postMessage({told}); 0")
    desk.selected(two)
    desk.page.wait("document.querySelector('.close-form') === null")
    desk.press("c")
    desk.page.wait("document.querySelector('.close-form input')?.value === ''")
    held = asking.station.desk.state.incidents
    assert held[one.incident].status == held[two.incident].status == "open"


def test_keys_of_an_input_method_are_its_own(browser: Browser, asking: Service) -> None:
    desk = Desk(browser, asking)
    desk.press("/")
    desk.page.wait("document.querySelector('.bar input') !== null")
    desk.type("pai")
    desk.page.evaluate(
        "document.querySelector('.bar input').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Escape', isComposing: true, bubbles: true})); 0"
    )
    time.sleep(0.3)
    assert desk.page.evaluate("document.querySelector('.bar input').value") == "pai"


def test_plus_brings_the_map_closer_and_minus_farther(browser: Browser, asking: Service) -> None:
    desk = Desk(browser, asking)
    desk.page.wait("document.querySelector('.map[data-drawn]') !== null")
    scale = "document.querySelector('.map').dataset.zoom"
    before = float(desk.page.evaluate(scale))
    desk.press("+")
    desk.page.wait(f"Number({scale}) > {before + 0.9}")
    desk.press("-")
    desk.page.wait(f"Number({scale}) < {before + 0.1}")
