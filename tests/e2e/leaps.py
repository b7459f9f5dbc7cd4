"""A page whose clock a test moves on: hours in seconds, every timer of the page at its time and in its order."""

from __future__ import annotations

from typing import Final

from tests.e2e.browser import Page

CLOCK: Final = """(() => {
  const real_ms = Date.now, every = setInterval.bind(window), RealDate = Date;
  const waiting = new Map();
  let ahead_ms = 0, last = 1_000_000;
  const now_ms = () => real_ms.call(RealDate) + ahead_ms;
  window.Date = class extends RealDate {
    constructor(...given) { if (given.length === 0) super(now_ms()); else super(...given); }
    static now() { return now_ms(); }
  };
  const keep = (again) => (act, wait_ms = 0, ...given) => {
    const wait = Math.max(again ? 4 : 0, Number(wait_ms) || 0);
    waiting.set(last += 1, { due_ms: now_ms() + wait, again_ms: again ? wait : null, act: () => act(...given) });
    return last;
  };
  window.setTimeout = keep(false);
  window.setInterval = keep(true);
  window.clearTimeout = window.clearInterval = (number) => void waiting.delete(number);
  const ring = () => {
    for (const [number, one] of [...waiting].sort(([, a], [, b]) => a.due_ms - b.due_ms)) {
      if (one.due_ms > now_ms() || !waiting.has(number)) continue;
      if (one.again_ms === null) waiting.delete(number); else one.due_ms = now_ms() + one.again_ms;
      try { one.act(); } catch (error) { console.error(error); }
    }
  };
  every(ring, 4);
  const turn = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); done(); };
    port2.postMessage(0);
  });
  window.leap = async (total_ms, step_ms) => {
    for (let gone_ms = 0; gone_ms < total_ms; gone_ms += step_ms) {
      ahead_ms += step_ms;
      ring();
      await turn();
    }
    return waiting.size;
  };
  window.tones = 0;
  const tone = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { window.tones += 1; return tone.call(this); };
})()"""
"""Put in place before any script of the page; tones of the loudspeaker are counted in ``tones``."""

CHUNK_S: Final = 300
"""A leap is asked for in pieces, so that no answer takes long."""


def give_clock(page: Page) -> None:
    """Let every document that this tab opens from now on have such a clock."""
    page.call("Page.addScriptToEvaluateOnNewDocument", source=CLOCK)


def leap(page: Page, seconds: int, step_s: int = 1) -> int:
    """Move the page's clock on, ``step_s`` at a time; how many timers wait at the end."""
    timers = 0
    for begun_s in range(0, seconds, CHUNK_S):
        timers = page.evaluate(f"leap({1000 * min(CHUNK_S, seconds - begun_s)}, {1000 * step_s})")
    return timers


def weight(page: Page) -> dict[str, int]:
    """What the page holds after its rubbish was collected: bytes of its heap, DOM nodes, listeners."""
    page.call("Runtime.discardConsoleEntries")
    for _ in range(2):
        page.call("HeapProfiler.collectGarbage")
    counted = page.call("Memory.getDOMCounters")
    heap = page.call("Runtime.getHeapUsage")["usedSize"]
    return {"heap": int(heap), "nodes": counted["nodes"], "listeners": counted["jsEventListeners"]}
