"""A real browser for tests: Debian's Chromium with a profile of its own, driven over DevTools.

The fixture ``browser`` is skipped, saying why, where no Chromium can be had. Whatever a page writes to the console
as an error, and every uncaught exception, fails the test that opened it; ``hosts`` is each host asked for.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from tests.e2e.devtools import DevTools, DevToolsError, Event

NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
START_WITHIN_S: Final = 40.0
WAIT_S: Final = 20.0
LOOK_EVERY_S: Final = 0.05
MOST_LOOKS: Final = 20
FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
    "--remote-debugging-port=0",
)
KEYS: Final = {"Enter": 13, "Escape": 27, "Tab": 9, "Backspace": 8, "ArrowDown": 40, "ArrowUp": 38, " ": 32}


def find_chromium() -> str | None:
    """The browser's program: ``DISPATCH135_CHROMIUM``, or the first that is on the path."""
    named = os.environ.get("DISPATCH135_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One tab: what a person does in it, and what a test sees of it."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser, self.target, self.session = browser, target, session
        self.errors: list[str] = []
        self.forgiven = ["/favicon.ico"]  # of an answer that is no page

    def call(self, method: str, **params: Any) -> Event:
        """A DevTools command of this tab."""
        return self._browser.devtools.call(method, self.session, **params)

    def goto(self, url: str) -> None:
        """Open an address and wait until its document is there."""
        answer = self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise DevToolsError(f"{url}: {answer['errorText']}")
        bare = url.partition("#")[0]
        self.wait(f"document.readyState !== 'loading' && location.href.startsWith({json.dumps(bare)})")

    def reload(self) -> None:
        """Open the same address again."""
        self.evaluate("window.__old = true")
        self.call("Page.reload")
        self.wait("window.__old === undefined && document.readyState !== 'loading'")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            about = answer["exceptionDetails"]
            raise DevToolsError(f"{expression}: {about.get('exception', {}).get('description', about['text'])}")
        return answer["result"].get("value")

    def wait(self, expression: str, within_s: float = WAIT_S) -> Any:
        """The value of an expression as soon as it is true; an error that shows the page where it never is."""
        until_s = time.monotonic() + within_s
        while True:
            try:
                if value := self.evaluate(expression):
                    return value
            except DevToolsError:  # between two documents there is nothing to ask
                if time.monotonic() > until_s:
                    raise
            if time.monotonic() > until_s:
                raise AssertionError(f"after {within_s:g} s still not: {expression}\nthe page says: {self.text()}")
            time.sleep(LOOK_EVERY_S)

    def text(self) -> str:
        """All visible text."""
        return str(self.evaluate("document.body?.innerText ?? ''"))

    def see(self, text: str, within_s: float = WAIT_S) -> None:
        """Wait until a text is visible."""
        self.wait(f"document.body?.innerText.includes({json.dumps(text)})", within_s)

    def box(self, selector: str) -> dict[str, float]:
        """Middle and size in CSS pixels of the first element that is seen, after scrolling to it."""
        found = self.wait(
            f"(() => {{ const all = [...document.querySelectorAll({json.dumps(selector)})];"
            "const one = all.find((each) => each.getClientRects().length > 0 && !each.disabled);"
            "if (!one) return null;"
            "one.scrollIntoView({block: 'nearest'}); const r = one.getBoundingClientRect();"
            "return {x: r.x + r.width / 2, y: r.y + r.height / 2, width: r.width, height: r.height}; })()"
        )
        return dict(found)

    def click(self, selector: str, hold_s: float = 0.0) -> None:
        """Press the real mouse on an element, for as long as said."""
        at = self._at_rest(selector)
        mouse = {"x": at["x"], "y": at["y"], "button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=at["x"], y=at["y"])
        self.call("Input.dispatchMouseEvent", type="mousePressed", **mouse)
        time.sleep(hold_s)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", **mouse)

    def _at_rest(self, selector: str) -> dict[str, float]:
        """Where an element is once it has stopped moving: a person does not tap what has just jumped."""
        at = self.box(selector)
        for _ in range(MOST_LOOKS):
            time.sleep(LOOK_EVERY_S)
            before, at = at, self.box(selector)
            if at == before:
                break
        return at

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press and release one key, by its name as ``KeyboardEvent.key``."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        code = KEYS.get(key, ord(key.upper()) if len(key) == 1 else 0)
        down = {"key": key, "windowsVirtualKeyCode": code, "text": text}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def upload(self, selector: str, *files: Path) -> None:
        """Give files to a file input."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def size(self, width: int, height: int, *, scale: float = 1.0, mobile: bool = False) -> None:
        """Make the window so large, in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )

    def screenshot(self, file: Path) -> Path:
        """Keep a picture of what is seen."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
        return file

    def watch(self, on: bool) -> None:
        """Look at the tab as a person does: every picture is taken. Unwatched, Chromium may leave pictures out."""
        if on:
            self.call("Page.startScreencast", format="jpeg", quality=30, everyNthFrame=1)
        else:
            self.call("Page.stopScreencast")

    def place(self, lat: float, lon: float, accuracy_m: float = 5.0) -> None:
        """Be at a place, as the page's geolocation says."""
        self.call("Emulation.setGeolocationOverride", latitude=lat, longitude=lon, accuracy=accuracy_m)

    def forgive(self, part: str) -> None:
        """Errors with this text are meant in this test."""
        self.forgiven.append(part)

    def close(self) -> None:
        """Close the tab."""
        self._browser.devtools.call("Target.closeTarget", targetId=self.target)
        self._browser.forget(self)

    def take(self, event: Event) -> None:
        """Note an event of this tab."""
        match event["method"], event["params"]:
            case "Runtime.exceptionThrown", {"exceptionDetails": about}:
                self.errors.append(str(about.get("exception", {}).get("description", about["text"])))
            case "Runtime.consoleAPICalled", {"type": "error", "args": args}:
                self.errors.append(" ".join(str(arg.get("value", arg.get("description"))) for arg in args))
            case "Page.screencastFrame", {"sessionId": number}:
                self._browser.devtools.tell("Page.screencastFrameAck", self.session, sessionId=number)
            case "Log.entryAdded", {"entry": {"level": "error"} as entry}:
                self.errors.append(f"{entry['text']} {entry.get('url', '')}".strip())
            case _:
                pass

    @property
    def unforgiven(self) -> list[str]:
        """The errors that no test meant."""
        return [error for error in self.errors if not any(part in error for part in self.forgiven)]


class Browser:
    """One Chromium with its own profile; ``kill`` ends it as a dead battery does, ``start`` brings it back."""

    def __init__(self, program: str, profile: Path, *more: str) -> None:
        self._program, self.profile, self._more = program, profile, more
        self.pages: dict[str, Page] = {}
        self.requested: set[str] = set()
        self._workers: set[str] = set()
        self._past: list[str] = []
        self._offline = False
        self.start()

    def start(self) -> None:
        """Start the program, with whatever the profile has kept."""
        port_file = self.profile / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        (self.profile.parent / "chromium.log").touch()
        with (self.profile.parent / "chromium.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, *FLAGS, *self._more, f"--user-data-dir={self.profile}", "about:blank"],
                stdout=log,
                stderr=log,
                start_new_session=True,  # its helpers end with it
            )
        until_s = time.monotonic() + START_WITHIN_S
        while not (port_file.is_file() and port_file.read_text().count("\n") >= 1):
            assert self._process.poll() is None, f"{self._program} ended at once"
            assert time.monotonic() < until_s, f"{self._program} opened no DevTools port"
            time.sleep(LOOK_EVERY_S)
        port, path = port_file.read_text().split("\n")[:2]
        self.devtools = DevTools(f"ws://127.0.0.1:{port}{path}", self._take)
        self.devtools.call("Target.setDiscoverTargets", discover=True)
        self.devtools.call(
            "Target.setAutoAttach",
            autoAttach=True,
            waitForDebuggerOnStart=True,
            flatten=True,
            filter=[{"type": "service_worker"}, {"type": "shared_worker"}],
        )

    def page(self, url: str | None = None, *, width: int = 1280, height: int = 800, stranger: bool = False) -> Page:
        """A new tab; of a ``stranger`` it is another person's browser, with cookies and a storage of its own."""
        own = self.devtools.call("Target.createBrowserContext") if stranger else {}
        target = self.devtools.call("Target.createTarget", url="about:blank", **own)["targetId"]
        session = self.devtools.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, target, session)
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            page.call(f"{domain}.enable")
        page.size(width, height)
        self._conditions(session)
        if url is not None:
            page.goto(url)
        return page

    def grant(self, origin: str, *permissions: str) -> None:
        """Let an origin use what a person would be asked for, as ``geolocation``."""
        self.devtools.call("Browser.grantPermissions", origin=origin, permissions=list(permissions))

    @property
    def offline(self) -> bool:
        """Whether the network cable is out, for every tab and worker."""
        return self._offline

    @offline.setter
    def offline(self, out: bool) -> None:
        self._offline = out
        for session in (*self.pages, *self._workers):
            self._conditions(session)

    @property
    def hosts(self) -> set[str]:
        """Every host that any tab or worker asked for, with its port."""
        return {
            urlsplit(url).netloc for url in self.requested if urlsplit(url).scheme in ("http", "https", "ws", "wss")
        }

    @property
    def process(self) -> int:
        """The id of the browser's process."""
        return self._process.pid

    def leave(self) -> None:
        """Close every tab: what happens to the service from now on is no page's error."""
        for page in [*self.pages.values()]:
            page.close()

    def forget(self, page: Page) -> None:
        """A tab is closed; what went wrong in it stays on record."""
        self._past += page.unforgiven
        self.pages.pop(page.session, None)

    def kill(self) -> None:
        """End it as a dead battery does: SIGKILL to the program and its helpers."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self.devtools.close()
        self._past += [error for page in self.pages.values() for error in page.unforgiven]
        self.pages.clear()
        self._workers.clear()

    def stop(self) -> None:
        """End it in good order, or else by force."""
        if self._process.poll() is None:
            try:
                self.devtools.call("Browser.close")
                self._process.wait(10)
            except (DevToolsError, subprocess.TimeoutExpired):
                self.kill()
        self.devtools.close()

    def check(self) -> None:
        """Fail where a page had an error that was not meant."""
        problems = [*self._past, *(error for page in self.pages.values() for error in page.unforgiven)]
        assert not problems, "errors in the browser: " + "; ".join(problems)

    def _conditions(self, session: str) -> None:
        self.devtools.call(
            "Network.emulateNetworkConditions",
            session,
            offline=self._offline,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )

    def _take(self, event: Event) -> None:
        match event["method"], event["params"]:
            case "Target.attachedToTarget", {"sessionId": session, "targetInfo": {"type": kind}} if (
                "worker" in kind
            ):
                self.devtools.call("Network.enable", session)
                self._workers.add(session)
                self._conditions(session)
                self.devtools.tell("Runtime.runIfWaitingForDebugger", session)
            case "Target.detachedFromTarget", {"sessionId": session}:
                self._workers.discard(session)
            case "Network.requestWillBeSent", {"request": {"url": url}}:
                self.requested.add(url)
            case "Network.webSocketCreated", {"url": url}:
                self.requested.add(url)
            case _:
                pass
        if (page := self.pages.get(event.get("sessionId", ""))) is not None:
            page.take(event)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """A fresh browser; the test fails where a page of it had an error."""
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium: apt-get install chromium, or name one in DISPATCH135_CHROMIUM")
    made = Browser(program, tmp_path / "profile")
    try:
        yield made
        made.check()
    finally:
        made.stop()
