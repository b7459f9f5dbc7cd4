/** The desk's pure parts: keys, rows in sight, alarms. */
import { describe, expect, it } from "vitest";
import { momentOf } from "../src/apps/console/actions";
import { addressOf, viewOf } from "../src/apps/console/views";
import { alarmsOf, AWAY_WITHIN_MS, NEAR_DEADLINE_MS, SHOW_WITHIN_MS, silenceOf, silentFor, stillAway, STORE_WITHIN_MS, unheard } from "../src/model/alarms";
import { boardOf } from "../src/model/board";
import { openQueue, panicOf } from "../src/model/derive";
import { withFixes } from "../src/model/fixes";
import { photosNoted } from "../src/model/incidents";
import { actionOf, neighbour, SHORTCUTS } from "../src/model/keys";
import { scrollTo, windowOf } from "../src/model/rows";
import { incident, order, snapshotOf } from "./frames";

describe("keys", () => {
  it("no key means two things, and every action has one", () => {
    const keys = SHORTCUTS.flatMap((one) => one.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(SHORTCUTS.map((one) => one.action)).size).toBe(SHORTCUTS.length);
  });

  it("a letter counts with Shift too, an unknown key means nothing", () => {
    expect([actionOf("J"), actionOf("j"), actionOf("Enter"), actionOf("?"), actionOf("q"), actionOf("F5")]).toEqual(["next", "next", "send", "sheet", null, null]);
  });

  it("steps stop at the ends, and begin at them where nothing is selected", () => {
    const list = ["a", "b", "c"];
    expect([neighbour(list, null, 1), neighbour(list, null, -1), neighbour(list, "c", 1), neighbour(list, "a", -1), neighbour(list, "b", 1), neighbour(list, "gone", 1)]).toEqual(["a", "c", "c", "a", "c", "a"]);
    expect(neighbour([], "a", 1)).toBe(null);
  });
});

describe("rows in sight", () => {
  it("the space before, the rows and the space after are the whole list, and what is in sight is made", () => {
    for (const count of [0, 1, 19, 5_000]) {
      for (const top of [-40, 0, 1, 650, 131_337, 10 ** 7]) {
        const sight = windowOf(count, 66, top, 700);
        expect(sight.before_px + (sight.last - sight.first) * 66 + sight.after_px).toBe(count * 66);
        expect(sight.last - sight.first).toBeLessThanOrEqual(26);
        const seen = Math.floor(top / 66);
        if (top >= 0 && seen < count) expect(sight.first <= seen && seen < sight.last).toBe(true);
      }
    }
  });

  it("scrolls no farther than it must", () => {
    expect([scrollTo(0, 66, 500, 660), scrollTo(9, 66, 0, 660), scrollTo(10, 66, 0, 660), scrollTo(5, 66, 100, 660)]).toEqual([0, 0, 66, 100]);
  });
});

const NEAR: ReadonlyMap<string, number> = new Map(); // every tablet is there

describe("silence and alarms", () => {
  const offered = order("O1", { offered_at_ms: 0, deadline_ms: 60_000 });

  it("an order is silent by the first step that is missing", () => {
    expect(silenceOf(offered, STORE_WITHIN_MS, NEAR)).toBe("fine");
    expect(silenceOf(offered, STORE_WITHIN_MS + 1, NEAR)).toBe("not_stored");
    const stored = { ...offered, stored_at_ms: 900 };
    expect(silenceOf(stored, SHOW_WITHIN_MS, NEAR)).toBe("fine");
    expect(silenceOf(stored, SHOW_WITHIN_MS + 1, NEAR)).toBe("not_shown");
    const shown = { ...stored, shown_at_ms: 1_000 };
    expect(silenceOf(shown, 60_000 - NEAR_DEADLINE_MS, NEAR)).toBe("fine");
    expect(silenceOf(shown, 60_001 - NEAR_DEADLINE_MS, NEAR)).toBe("not_accepted");
    expect(silenceOf({ ...shown, status: "accepted" }, 10 ** 6, NEAR)).toBe("fine");
  });

  it("a tablet that is away is away since it was first found so", () => {
    const first = stillAway(new Map(), ["A", "B"], 1_000);
    expect([...stillAway(first, ["B", "C"], 9_000)]).toEqual([["B", 1_000], ["C", 9_000]]);
  });

  it("a tablet on an order that stays away is silent, one without an order is not", () => {
    const away = new Map([[offered.team, 1_000]]);
    const going = { ...offered, status: "en_route" as const };
    expect(silenceOf(going, 1_000 + AWAY_WITHIN_MS, away)).toBe("fine");
    expect(silenceOf(going, 1_001 + AWAY_WITHIN_MS, away)).toBe("away");
    expect(silentFor(going, 1_001 + AWAY_WITHIN_MS, away)).toBe(AWAY_WITHIN_MS + 1);
    expect(silenceOf({ ...going, status: "closed" }, 10 ** 6, away)).toBe("fine");
  });

  it("the gravest comes first, each is heard once, old news is not", () => {
    const board = boardOf(snapshotOf({
      incidents: [incident("I1", { urgency: "routine", reported_at_ms: 100_000 }), incident("I2", { urgency: "critical", reported_at_ms: 100_000 }), incident("I3", { reported_at_ms: 0 })],
      orders: [order("O1", { offered_at_ms: 90_000, deadline_ms: 150_000 }), order("O2", { status: "on_scene", help_asked_at_ms: 5 })],
    }));
    const alarms = alarmsOf(board, 100_500, NEAR);
    expect(alarms.map((alarm) => alarm.tone)).toEqual(["help", "critical", "silence", "routine"]);
    const first = unheard(alarms, new Set());
    expect(first.fresh).toEqual(alarms);
    expect(unheard(alarms, first.heard)).toEqual({ fresh: [], heard: first.heard });
  });
});

describe("a patrol that itself needs help", () => {
  const call = incident("I9", { what: "alarm", urgency: "critical", source: "panic V03", reported_at_ms: 100_000 });

  it("is told by the source of its incident, and stands before all others", () => {
    expect([panicOf(call), panicOf(incident("I1")), panicOf(incident("I2", { source: "tablet V03" }))]).toEqual(["V03", null, null]);
    const board = boardOf(snapshotOf({ incidents: [incident("I1", { urgency: "critical", reported_at_ms: 1 }), call, incident("I3", { urgency: "routine" })] }));
    expect(openQueue(board).map((one) => one.incident)).toEqual(["I9", "I1", "I3"]);
  });

  it("is heard first and again and again, until a team has accepted to come", () => {
    const waiting = boardOf(snapshotOf({ incidents: [call], orders: [order("O2", { status: "on_scene", help_asked_at_ms: 5 })] }));
    const first = unheard(alarmsOf(waiting, 100_500, NEAR), new Set());
    expect(first.fresh.map((alarm) => alarm.tone)).toEqual(["panic", "help"]);
    expect(unheard(alarmsOf(waiting, 107_900, NEAR), first.heard).fresh).toEqual([]);
    expect(unheard(alarmsOf(waiting, 108_000, NEAR), first.heard).fresh.map((alarm) => alarm.tone)).toEqual(["panic"]);
    expect(alarmsOf(waiting, 10 ** 6, NEAR).map((alarm) => alarm.tone), "old or not").toContain("panic");
    const coming = boardOf(snapshotOf({ incidents: [{ ...call, orders: ["O1"] }], orders: [order("O1", { incident: "I9", status: "accepted", accepted_at_ms: 101_000 })] }));
    expect(alarmsOf(coming, 10 ** 6, NEAR).map((alarm) => alarm.tone)).not.toContain("panic");
  });
});

describe("photos and batteries", () => {
  it("a photo is told by the note that the service makes of it, and by no other", () => {
    const note = (text: string) => ({ at_ms: 0, note: text, source: "tablet V03" });
    const digest = "ab".repeat(32);
    expect(photosNoted([note("two hurt"), note(`photo sha256:${digest}`), note("photo sha256:ab")])).toEqual([digest]);
  });

  it("a battery is kept until the tablet says another figure", () => {
    const fix = { team: "A", lon: 1, lat: 2, at_ms: 10, accuracy_m: null, speed_m_s: 0, source: "fix" as const, battery_pct: 63 };
    const first = withFixes(new Map(), [fix], 1);
    expect(withFixes(first, [{ ...fix, at_ms: 20, battery_pct: null }], 2).get("A")).toMatchObject({ at_ms: 20, battery_pct: 63 });
    expect(withFixes(first, [{ ...fix, at_ms: 20, battery_pct: 9 }], 2).get("A")?.battery_pct).toBe(9);
  });
});

describe("moments and windows", () => {
  it("a time of day is the latest one that has been", () => {
    const now = new Date(2026, 10, 24, 10, 0, 0).getTime();
    expect(momentOf({ minutes_of_day: 9 * 60 + 30, seconds: 0 }, now)).toBe(new Date(2026, 10, 24, 9, 30, 0, 999).getTime());
    expect(momentOf({ minutes_of_day: 23 * 60, seconds: 0 }, now)).toBe(new Date(2026, 10, 23, 23, 0, 0, 999).getTime());
  });

  it("an address names a part of the console, and what it does not know is all of it", () => {
    for (const view of ["map", "queue", "board"] as const) expect(viewOf(new URL(addressOf(view, "en", "day"), "file:///").search)).toBe(view);
    expect([viewOf(""), viewOf("?view=wall"), addressOf("wall", "en", "night")]).toEqual(["all", "all", "/wall?lang=en&style=night"]);
  });
});
