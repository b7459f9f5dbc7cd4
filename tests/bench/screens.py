"""The screens: frames of a console with 300 moving teams and 50 incidents, input to paint, first picture, tablet.

A real service and Debian's Chromium without a graphics card share this machine. Every team sends a fix a second and
glides between two of them. Frames are what ``requestAnimationFrame`` tells; the peer is a page with nothing but
MapLibre and the same 300 points as a GeoJSON source that is set anew 30 times a second. Input to paint is the
browser's own Event Timing. The tablet's time is from the order's row on the log to the row that it was shown.
"""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from dispatch.access.policy import Role
from dispatch.adapters.places import RosterTeam
from dispatch.bootstrap import ROOT, sample_town
from dispatch.cli.bench import Options, Result
from dispatch.domain.commands import ConfirmRecommendation
from dispatch.domain.errors import SetupError
from dispatch.domain.types import FixSource, Urgency
from dispatch.sim.fleet import made_up_roster
from dispatch.wire.frames import Fix
from tests.bench._screens import PICTURES, USEFUL, bare_map, frames, p95, presses
from tests.e2e.browser import Browser, Page, find_chromium
from tests.e2e.desks import RECOMMEND, Desk, command, let_in, report, until
from tests.e2e.tablets import Tablet
from tests.live import Service, serving

TEAMS: Final = 300
CROWD: Final = 1_000
INCIDENTS: Final = 50
SENT: Final = 20
"""So many of the incidents have an order under way, the others wait for the operator."""

FRAME_MS: Final = 33.0
INPUT_MS: Final = 100.0
USEFUL_MS: Final = 2_000.0
SHOWN_MS: Final = 300.0
URGENCIES: Final = (Urgency.CRITICAL, Urgency.URGENT, Urgency.ROUTINE)
CASE: Final = "document.querySelector('.case') !== null"
NO_CASE: Final = "document.querySelector('.case') === null"
KEYS: Final = (
    ("j", CASE),
    ("j", CASE),
    ("k", CASE),
    ("Escape", NO_CASE),
    ("1", CASE),
    ("2", "document.querySelector('.row.is-selected .row-number')?.innerText === '2'"),
    ("Escape", NO_CASE),
    ("?", "document.querySelector('dialog[open]') !== null"),
    ("Escape", "document.querySelector('dialog[open]') === null"),
    ("/", "document.querySelector('.bar') !== null"),
    ("Escape", "document.querySelector('.bar') === null"),
    ("t", "document.querySelector('.banner-past') !== null"),
    ("t", "document.querySelector('.banner-past') === null"),
    ("3", "document.querySelector('.row.is-selected .row-number')?.innerText === '3'"),
    ("k", "document.querySelector('.row.is-selected .row-number')?.innerText === '2'"),
    ("Escape", NO_CASE),
)
"""Each key and what must be true after it."""

PACES: Final = {"in a row": 0.05, "a third of a second apart": 0.25, "looking at each": 1.2}
"""How an operator presses keys: so many seconds pass after the effect of one before the next."""

PICTURES_A_SECOND: Final = 5.0
"""Teams glide: what moves is drawn at least so often, or few frames would be easy."""


def run(say: Callable[[str], None], options: Options) -> Sequence[Result]:
    """Measure every screen's goal on one service and one browser."""
    program = find_chromium()
    if program is None:
        raise SetupError("there is no Chromium: apt-get install chromium, or name one in DISPATCH135_CHROMIUM")
    town = sample_town(say)
    roster = made_up_roster(town.ground, TEAMS)
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as name:
        folder = Path(name)
        browser = Browser(program, folder / "profile")
        try:
            with serving(town, folder / "tablet") as service:
                say("  the tablet ...")
                results = [_tablet(browser, service, 5 if options.quick else 31)]
            with serving(town, folder / "desk", RECOMMEND, roster=roster) as service, _moving(service, roster):
                _busy(service, roster, say)
                results += _console(browser, service, roster, folder, say, quick=options.quick)
            say(f"  {CROWD} teams ...")
            crowd = made_up_roster(town.ground, CROWD)
            with serving(town, folder / "crowd", RECOMMEND, roster=crowd) as service, _moving(service, crowd):
                results.append(_crowd(browser, service, 3.0 if options.quick else 20.0))
            browser.check()
        finally:
            browser.stop()
    return results


def _crowd(browser: Browser, service: Service, seconds: float) -> Result:
    desk = Desk(browser, service)
    desk.page.wait(f"document.querySelector('.count-free dd')?.innerText === '{CROWD}'", 60)
    time.sleep(6)
    took = frames(desk.page, seconds)
    desk.page.close()
    return Result(
        measure=f"console: frame, {CROWD} moving teams, p95",
        ours=p95(took),
        unit="ms",
        limit=FRAME_MS,
        queries=len(took),
    )


def _tablet(browser: Browser, service: Service, orders: int) -> Result:
    tablet = Tablet(browser, service)
    tablet.enrol()
    tablet.shown_after_ms(2)  # the first ones compile what they run
    took = tablet.shown_after_ms(orders)
    tablet.page.close()
    return Result(
        measure="tablet: order committed → shown, median",
        ours=statistics.median(took),
        unit="ms",
        limit=SHOWN_MS,
        queries=orders,
    )


@contextlib.contextmanager
def _moving(service: Service, roster: Sequence[RosterTeam]) -> Iterator[None]:
    """Every team drives north at 10 m/s and turns back after 20 s; each sends a fix a second, spread over it."""
    over = threading.Event()
    groups = [roster[number::10] for number in range(10)]

    def fixes(group: Sequence[RosterTeam], tick: int, now_ms: int) -> list[Fix]:
        way = 20 - abs(tick // 10 % 40 - 20)
        return [
            Fix(
                team=team.team,
                lon=team.home.lon,
                lat=team.home.lat + 9e-5 * way,
                at_ms=now_ms,
                accuracy_m=5,
                source=FixSource.FIX,
            )
            for team in group
        ]

    def put(tick: int) -> None:
        now_ms = service.station.clock.now_ms()
        service.station.board.put(fixes(groups[tick % 10], tick, now_ms), now_ms)

    def go() -> None:
        tick = 0
        while not over.wait(0.1):
            service.loop.call_soon_threadsafe(put, tick)
            tick += 1

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _busy(service: Service, roster: Sequence[RosterTeam], say: Callable[[str], None]) -> None:
    """Incidents all over the town, some of them with an order."""
    say(f"  {INCIDENTS} incidents ...")
    for number in range(INCIDENTS):
        home = roster[(number * 7) % len(roster)].home
        made = report(service, home, urgency=URGENCIES[number % 3])
        if number < SENT:
            held = service.station.desk.state.incidents
            picks = until(lambda name=made.incident: held_picks(service, name))
            command(service, ConfirmRecommendation(incident=made.incident, teams=picks))
            assert held[made.incident].orders


def held_picks(service: Service, incident: str) -> tuple[str, ...]:
    """The teams that the desk recommends for an incident now."""
    return tuple(pick.team for pick in service.station.desk.state.incidents[incident].recommended)


def _console(
    browser: Browser,
    service: Service,
    roster: Sequence[RosterTeam],
    folder: Path,
    say: Callable[[str], None],
    *,
    quick: bool,
) -> list[Result]:
    seconds = 3.0 if quick else 20.0
    say("  the console's first picture ...")
    first = [_first_picture(browser, service) for _ in range(2 if quick else 7)]
    desk = _console_of(browser, service)
    desk.page.wait(f"document.querySelector('.count-open dd')?.innerText === '{INCIDENTS}'", 30)
    time.sleep(4)
    say("  frames, the whole town ...")
    whole = frames(desk.page, seconds)
    say("  frames, a quarter ...")
    _close_up(desk, roster[0])
    desk.page.evaluate("window.pictures = 0")
    close = frames(desk.page, seconds)
    drawn = desk.page.evaluate("window.pictures") / seconds
    say("  keys ...")
    desk.press("Escape", "Escape")  # no team and no incident is selected
    took = {pace: presses(desk.page, KEYS if quick else KEYS * 3, pause_s) for pace, pause_s in PACES.items()}
    desk.page.watch(on=True)
    watched = frames(desk.page, seconds)
    desk.page.close()
    peer = _bare(browser, roster, folder, seconds)
    name = f"MapLibre alone, {TEAMS} GeoJSON points"
    return [
        _frame("console: frame, the whole town, p95", whole, name, peer),
        Result(measure="console: frame, the whole town, longest", ours=max(whole), unit="ms", queries=len(whole)),
        _frame("console: frame, a quarter at street level, p95", close, name, peer),
        Result(
            measure="console: pictures there of what moves, a second", ours=drawn, unit="", floor=PICTURES_A_SECOND
        ),
        Result(
            measure="console: frame while every picture is filmed, p95",
            ours=p95(watched),
            unit="ms",
            queries=len(watched),
        ),
        *(row for pace, each in took.items() for row in _keys(pace, each)),
        Result(
            measure="console: address → queue painted, median",
            ours=statistics.median(first),
            unit="ms",
            limit=USEFUL_MS,
            queries=len(first),
        ),
        Result(measure="console: address → queue painted, longest", ours=max(first), unit="ms", queries=len(first)),
    ]


def _console_of(browser: Browser, service: Service) -> Desk:
    """A console that counts how often what moves is drawn."""
    desk = Desk(browser, service)
    desk.page.call("Page.addScriptToEvaluateOnNewDocument", source=PICTURES)
    desk.page.reload()
    desk.live()
    return desk


def _keys(pace: str, took: Sequence[float]) -> list[Result]:
    half = statistics.median(took)
    return [
        Result(measure=f"console: key → paint, {pace}, median", ours=half, unit="ms", limit=INPUT_MS),
        Result(
            measure=f"console: key → paint, {pace}, p95",
            ours=p95(took),
            unit="ms",
            limit=INPUT_MS,
            queries=len(took),
        ),
    ]


def _frame(measure: str, ours: Sequence[float], peer: str, theirs: Sequence[float]) -> Result:
    return Result(
        measure=measure,
        ours=p95(ours),
        unit="ms",
        peer=peer,
        peer_value=p95(theirs),
        limit=FRAME_MS,
        queries=len(ours),
    )


def _first_picture(browser: Browser, service: Service) -> float:
    """Somebody who has never been here opens the console: nothing is kept from before."""
    page = browser.page(stranger=True)
    let_in(page, service, Role.SUPERVISOR)
    page.call("Page.addScriptToEvaluateOnNewDocument", source=USEFUL)
    page.goto(f"{service.base}/console?lang=zh-CN&style=day")
    took: float = page.wait("window.usefulAt", 30)
    page.close()
    return took


def _close_up(desk: Desk, team: RosterTeam) -> None:
    desk.press("/")
    desk.page.wait("document.querySelector('.bar input') !== null")
    desk.type(f"go {team.team}")
    desk.page.wait("document.querySelector('.bar .good') !== null")
    desk.press("Enter")
    time.sleep(1)
    for _ in range(2):
        desk.press("+")
        time.sleep(0.5)
    time.sleep(3)


def _bare(browser: Browser, roster: Sequence[RosterTeam], folder: Path, seconds: float) -> list[float]:
    (folder / "bare").mkdir()
    at = [(team.home.lon, team.home.lat) for team in roster]
    with bare_map(folder / "bare", at, 11.0) as address:
        page: Page = browser.page(address)
        page.wait("window.going === true", 30)
        time.sleep(2)
        took = frames(page, seconds)
        page.close()
    return took
