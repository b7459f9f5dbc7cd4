"""What a page tells of itself: frames, input to paint, the first useful picture; and a bare MapLibre as a peer."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from dispatch.bootstrap import ROOT
from tests.e2e.browser import Page

MAPLIBRE: Final = ROOT / "web_client" / "node_modules" / "maplibre-gl" / "dist"
SHORTEST_EVENT_MS: Final = 16.0
"""Chromium tells no event that took less (Event Timing, W3C); it counts as so much."""

USEFUL: Final = """(() => {
  const useful = () => ['.link-live', '.queue .row'].every((each) => document.querySelector(each) !== null);
  const look = () => {
    if (!useful()) { requestAnimationFrame(look); return; }
    requestAnimationFrame(() => { window.usefulAt = performance.now(); });
  };
  requestAnimationFrame(look);
})()"""
"""Put in before any script of the page: when the queue of a live desk was first painted, in ms."""

EVENTS: Final = """(() => {
  window.took = new Map();
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.name === 'keydown') took.set(one.startTime, one.duration);
  }).observe({ type: 'event', durationThreshold: 16 });
  return 0;
})()"""

BARE: Final = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="maplibre-gl.css">
<style>html, body, #map { margin: 0; height: 100% }</style><div id="map"></div>
<script src="maplibre-gl.js"></script><script>
const points = (shift) => ({ type: 'FeatureCollection', features: AT.map(([lon, lat]) => ({ type: 'Feature',
  properties: {}, geometry: { type: 'Point', coordinates: [lon + shift, lat] } })) });
const map = new maplibregl.Map({ container: 'map', attributionControl: false, center: AT[0], zoom: ZOOM, style: {
  version: 8, sources: { teams: { type: 'geojson', data: points(0) } }, layers: [
    { id: 'land', type: 'background', paint: { 'background-color': '#eee' } },
    { id: 'teams', type: 'circle', source: 'teams', paint: { 'circle-radius': 6, 'circle-color': '#06c' } } ] } });
let begun = performance.now();
const move = () => { map.getSource('teams').setData(points((performance.now() - begun) * 1e-8)); };
map.on('load', () => { setInterval(move, 33); window.going = true; });
</script>"""
"""The usual way to move points on a MapLibre map: a GeoJSON source that is set anew, here 30 times a second."""


def p95(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[18]


def frames(page: Page, seconds: float) -> list[float]:
    """The ms between one frame and the next, for so long."""
    told: list[float] = page.evaluate(
        "new Promise((done) => { const all = []; let last = null;"
        f"const end = performance.now() + {1000 * seconds};"
        "const next = (now) => { if (last !== null) all.push(now - last); last = now;"
        "now < end ? requestAnimationFrame(next) : done(all); };"
        "requestAnimationFrame(next); })"
    )
    return told


def presses(page: Page, keys: Sequence[tuple[str, str]], pause_s: float = 0.25) -> list[float]:
    """From each key's own time to the next picture, in ms; one that Chromium does not tell took less than 16.

    With each key goes what must be true of the page soon after: a page that does nothing is not fast.
    """
    page.watch(on=True)
    page.evaluate(EVENTS)
    for key, effect in keys:
        page.press(key)
        page.wait(effect, 5)
        time.sleep(pause_s)
    told: list[float] = page.wait("took.size > 0 && [...took.values()]", 10)
    time.sleep(1)
    told = page.evaluate("[...took.values()]")
    page.watch(on=False)
    return [*told, *[SHORTEST_EVENT_MS] * (len(keys) - len(told))]


PICTURES: Final = """(() => {
  window.pictures = 0;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...given) {
    if (this.canvas.className === 'overlay') window.pictures += 1;
    return clear.apply(this, given);
  };
})()"""
"""Put in before any script of the page: how often what moves has been drawn."""


@contextlib.contextmanager
def bare_map(folder: Path, at: Sequence[tuple[float, float]], zoom: float) -> Iterator[str]:
    """The address of a page with nothing but MapLibre and so many circles that move."""
    for name in ("maplibre-gl.js", "maplibre-gl.css"):
        (folder / name).write_bytes((MAPLIBRE / name).read_bytes())
    page = BARE.replace("AT[0]", "AT0").replace("ZOOM", str(zoom))
    given = f"const AT = {json.dumps(at)}, AT0 = AT[0];"
    (folder / "index.html").write_text(page.replace("<script>\n", f"<script>\n{given}\n"), encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/index.html"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_given: Any) -> None:
        """Say nothing."""
