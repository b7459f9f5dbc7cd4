"""The browser that other tests stand on does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.browser import Browser
from tests.live import Service


def test_a_page_is_read_pressed_and_kept_as_a_picture(browser: Browser, service: Service, tmp_path: Path) -> None:
    page = browser.page(f"{service.base}/healthz")
    page.see("ok")
    page.evaluate(
        "document.body.innerHTML = '<button>go</button><input>'; 0 ||"
        " document.querySelector('button').addEventListener('click', () => { document.title = 'pressed'; })"
    )
    page.click("button")
    page.wait("document.title === 'pressed'")
    page.click("input")
    page.type("塘下 12")
    assert page.evaluate("document.querySelector('input').value") == "塘下 12"
    assert page.screenshot(tmp_path / "page.png").read_bytes()[:4] == b"\x89PNG"
    assert browser.hosts == {service.base.removeprefix("http://")}


def test_an_error_in_the_page_is_seen(browser: Browser, service: Service) -> None:
    page = browser.page(f"{service.base}/healthz")
    page.evaluate("setTimeout(() => { throw new Error('planted'); }, 0)")
    page.wait("new Promise((done) => setTimeout(() => done(true), 200))")
    with pytest.raises(AssertionError, match="planted"):
        browser.check()
    page.forgive("planted")
    browser.check()


def test_the_cable_is_out_for_fetch_and_websocket(browser: Browser, service: Service) -> None:
    page = browser.page(f"{service.base}/healthz")
    page.forgive("ERR_INTERNET_DISCONNECTED")
    page.forgive("WebSocket connection")
    page.evaluate(
        "window.closed = false; window.ws = new WebSocket(location.origin.replace('http', 'ws') + '/ws');"
        "ws.onclose = () => { window.closed = true; }"
    )
    page.wait("ws.readyState === 1")
    browser.offline = True
    assert page.evaluate("fetch('/healthz').then(() => 'came', () => 'did not')") == "did not"
    assert page.evaluate("navigator.onLine") is False
    browser.offline = False
    assert page.evaluate("fetch('/healthz').then(() => 'came', () => 'did not')") == "came"


def test_what_a_killed_browser_kept_is_there_again(browser: Browser, service: Service) -> None:
    page = browser.page(f"{service.base}/healthz")
    page.evaluate(
        "new Promise((done, no) => { const asked = indexedDB.open('kept', 1);"
        "asked.onupgradeneeded = () => asked.result.createObjectStore('s');"
        "asked.onsuccess = () => { const turn = asked.result.transaction('s', 'readwrite', {durability: 'strict'});"
        "turn.objectStore('s').put('here', 'k'); turn.oncomplete = () => done(true); turn.onerror = no; }; })"
    )
    browser.kill()
    browser.start()
    page = browser.page(f"{service.base}/healthz")
    found = page.evaluate(
        "new Promise((done, no) => { const asked = indexedDB.open('kept', 1);"
        "asked.onsuccess = () => { const got = asked.result.transaction('s').objectStore('s').get('k');"
        "got.onsuccess = () => done(got.result); }; asked.onerror = no; })"
    )
    assert found == "here"
