"""The tablet's map out of its own files, in a real browser: without a network, after damage, over a new version."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from dispatch.adapters.map_files import MapFiles
from tests.e2e.browser import Browser, Page
from tests.e2e.tablets import Tablet
from tests.live import Service

KEPT = """(async () => {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('patrol-tiles').catch(() => null);
  if (root === null) return null;
  const held = {};
  for await (const [name, entry] of root.entries()) {
    if (entry.kind === 'file') { held[name] = JSON.parse(await (await entry.getFile()).text()); continue; }
    held[name] = {};
    for await (const [part, file] of entry.entries()) held[name][part] = (await file.getFile()).size;
  }
  return held;
})()"""
"""What of the map is in OPFS: the index, and each version's parts with their lengths."""

DRAWN = """new Promise((done, no) => {
  const box = document.querySelector('.map canvas').getBoundingClientRect(), shot = new Image();
  shot.onerror = () => no(new Error('no picture'));
  shot.onload = () => {
    const canvas = document.createElement('canvas');
    const [width, height] = [Math.floor(box.width), Math.floor(box.height)];
    [canvas.width, canvas.height] = [width, height];
    const brush = canvas.getContext('2d');
    brush.drawImage(shot, -box.x, -box.y);
    const { data } = brush.getImageData(0, 0, width, height), counts = new Map();
    for (let at = 0; at < data.length; at += 4) {
      const colour = data[at] << 16 | data[at + 1] << 8 | data[at + 2];
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    done(1 - Math.max(...counts.values()) / (width * height));
  };
  shot.src = 'data:image/png;base64,' + PICTURE;
})"""
"""The share of the map's pixels that have another colour than most of them: hardly any where no ground is drawn."""

BARE, WORKED = 0.06, 0.12


def drawn(page: Page) -> float:
    shot = page.call("Page.captureScreenshot", format="png")["data"]
    return float(page.evaluate(DRAWN.replace("PICTURE", f"'{shot}'")))


def until_drawn(page: Page) -> None:
    end_s = time.monotonic() + 20
    while (share := drawn(page)) < WORKED:
        assert time.monotonic() < end_s, f"of the map only {share:.1%} is drawn"
        time.sleep(0.3)


def whole(service: Service, page: Page, within_s: float = 40) -> dict[str, Any]:
    """What is kept, once the version that the service has is whole and alone is named by the index."""
    found = service.station.ground.basemap()
    assert found is not None
    tiles, name = found
    end_s = time.monotonic() + within_s
    while True:
        held: dict[str, Any] = page.evaluate(KEPT) or {}
        parts = held.get(f"{name}.{tiles.stat().st_size}", {})
        if held.get("index.json", {}).get("etag") == f'"{name}"':
            assert sum(parts.values()) == tiles.stat().st_size + 32 * len(parts), "each part, and its sum behind it"
            return held
        assert time.monotonic() < end_s, f"no whole tiles: {held}"
        time.sleep(0.2)


def worker_ready(page: Page) -> None:
    page.wait("navigator.serviceWorker.ready.then(() => caches.match('/tablet')).then(Boolean)")


def test_the_map_is_drawn_from_the_tablets_own_files(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    whole(service, page)
    until_drawn(page)
    worker_ready(page)
    page.reload()
    tablet.live()
    browser.offline = True
    page.reload()
    page.see("离线")
    until_drawn(page)
    page.evaluate(
        "navigator.storage.getDirectory().then((root) => root.removeEntry('patrol-tiles', { recursive: true }))"
    )
    page.reload()
    page.see("离线")
    time.sleep(3)
    assert drawn(page) < BARE, "without those files, nothing else draws it"


def test_a_damaged_part_is_fetched_again(browser: Browser, service: Service) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    before = whole(service, page)
    (version,) = (name for name in before if name != "index.json")
    page.evaluate(
        "(async () => { const own = await navigator.storage.getDirectory();"
        "const root = await own.getDirectoryHandle('patrol-tiles');"
        f"const part = await (await root.getDirectoryHandle('{version}')).getFileHandle('0000.part');"
        "const writable = await part.createWritable({ keepExistingData: true });"
        "await writable.write({ type: 'write', position: 100, data: new Uint8Array(50).fill(170) });"
        "await writable.close(); })()"
    )
    asked = "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.pmtiles')).length"
    page.reload()
    tablet.live()
    page.wait(f"{asked} >= 2", 30)  # one byte that tells which file it is, and the one part
    until_drawn(page)
    assert page.evaluate(KEPT) == before
    page.reload()
    tablet.live()
    page.wait(f"{asked} >= 1", 30)
    time.sleep(1)
    assert page.evaluate(asked) == 1, "what is sound is not fetched"


def test_a_new_version_takes_the_place_of_the_old(browser: Browser, service: Service, tmp_path: Path) -> None:
    tablet = Tablet(browser, service)
    page = tablet.enrol()
    old = whole(service, page)
    ground: Any = service.station.ground
    files = ground._files
    (tmp_path / "next.pmtiles").write_bytes(files.tiles.read_bytes() + b"\0")
    shutil.copy(files.names, tmp_path / "next.names")
    ground._files = MapFiles(tmp_path / "next.pmtiles", tmp_path / "next.names")
    try:
        page.reload()
        tablet.live()
        both = whole(service, page)
        assert set(old) < set(both), "the old one serves until the next start"
        until_drawn(page)
        page.reload()
        tablet.live()
        page.wait(f"{KEPT}.then((held) => Object.keys(held).length === 2)", 30)
        assert set(whole(service, page)).isdisjoint(set(old) - {"index.json"})
        until_drawn(page)
    finally:
        ground._files = files
