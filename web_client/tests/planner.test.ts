/** The planner's model: undo, the table, differences, reading past incidents, heat, exports, charts; and its two dictionaries. */
import { describe, expect, it } from "vitest";
import { niceTop } from "../src/apps/planner/Charts";
import { plannerEn } from "../src/i18n/planner/en";
import { plannerZh } from "../src/i18n/planner/zh-CN";
import { heatStep } from "../src/map/planner_layers";
import { latitude, mercator } from "../src/map/plane";
import { cellOf, changed, clockOf, countsOf, differences, documentName, draftOf, edit, freeId, minuteOf, MOST_UNDO, newDraft, redo, shareOf, undo, without } from "../src/model/planner";
import { csvText, gapsCsv, planGeoJson } from "../src/model/planner_export";
import { csvRows, heatByHour, heatOf, localTime, partsOf, readPast, ROWS_A_PART } from "../src/model/planner_heat";
import type { CoverCell, CoverView, HeatView, PostBody } from "../src/wire/types.gen";

function post(id: string, part: Partial<PostBody> = {}): PostBody {
  return { post: id, name: id, name_en: "", lat: 28, lon: 120.5, unit: "village", profile: "car", from_min: 0, until_min: 0, ...part };
}

function cover(count: readonly number[], cells: readonly Partial<CoverCell>[] = []): CoverView {
  const whole = { wave: null, tier: null, limit_ms: null, k: 1, demand: 10, covered: 5, points: 4, covered_points: 2 };
  return { posts: [], limits_ms: [60_000], hour: null, incidents: 0, took_ms: 0, count: btoa(String.fromCharCode(...count)), cells: cells.map((cell) => ({ ...whole, ...cell })) };
}

describe("a draft", () => {
  const first = newDraft("x", [post("A"), post("B")]);

  it("goes back to every state it was in, and forward again", () => {
    const states = [first.posts];
    let draft = first;
    for (let step = 0; step < 20; step++) {
      draft = edit(draft, changed(draft.posts, step % 2 === 0 ? "A" : "B", { lat: step }));
      states.push(draft.posts);
    }
    for (const posts of states.slice(0, -1).reverse()) {
      draft = undo(draft);
      expect(draft.posts).toEqual(posts);
    }
    expect(undo(draft)).toBe(draft);
    for (const posts of states.slice(1)) {
      draft = redo(draft);
      expect(draft.posts).toEqual(posts);
    }
    expect(redo(draft)).toBe(draft);
  });

  it("forgets what was undone once something else is done, and keeps a limit", () => {
    const draft = edit(undo(edit(first, without(first.posts, "A"))), []);
    expect(draft.future).toEqual([]);
    let long = first;
    for (let step = 0; step < MOST_UNDO + 50; step++) long = edit(long, [...long.posts]);
    expect(long.past.length).toBe(MOST_UNDO);
    expect(edit(first, first.posts)).toBe(first);
  });

  it("a loaded plan is clean until it is edited", () => {
    const kept = draftOf({ plan: "p", title: "t", note: "", posts: [post("A")], version: 3, author: "a", saved_at_ms: 1 });
    expect([kept.dirty, kept.version, kept.plan]).toEqual([false, 3, "p"]);
    expect(edit(kept, []).dirty).toBe(true);
    expect(undo(edit(kept, [])).posts).toEqual(kept.posts);
    expect(undo(edit(kept, [])).dirty).toBe(false);
    expect(redo(undo(edit(kept, []))).dirty).toBe(true);
  });

  it("ids and names are never taken twice", () => {
    expect(freeId([post("S1"), post("S3")])).toBe("S2");
    expect(documentName("Night plan 2!", new Set(), "plan")).toBe("night-plan-2");
    expect(documentName("夜间方案", new Set(["plan", "plan-2"]), "plan")).toBe("plan-3");
    for (const title of ["夜间", "--", "A".repeat(80), "a/../b"]) expect(documentName(title, new Set(), "plan")).toMatch(/^[a-z0-9][a-z0-9-]{0,47}$/);
  });

  it("hours are read as they are written", () => {
    for (let minute = 0; minute < 1440; minute += 7) expect(minuteOf(clockOf(minute))).toBe(minute);
    for (const wrong of ["24:00", "8", "08:60", "", "aa:bb"]) expect(minuteOf(wrong)).toBeNull();
  });
});

describe("coverage", () => {
  it("shares are of the demand, and none where there is none", () => {
    const view = cover([0, 1, 2], [{}, { tier: "T1", demand: 0, covered: 0 }]);
    expect(shareOf(cellOf(view, null, null, null, 1))).toBe(0.5);
    expect(shareOf(cellOf(view, null, "T1", null, 1))).toBeNull();
    expect(shareOf(cellOf(view, "W1", null, null, 1))).toBeNull();
    expect([...countsOf(view)]).toEqual([0, 1, 2]);
  });

  it("differences count each point once, by its tier", () => {
    const lines = differences(cover([0, 1, 2, 0]), cover([1, 0, 2, 0]), [0, 1, 2, 2], 1);
    expect(lines.map((line) => [line.tier, line.won, line.lost])).toEqual([[null, 1, 1], ["T1", 1, 0], ["T2", 0, 1], ["T3", 0, 0]]);
    expect(differences(cover([1]), cover([2]), [0], 2)[0]?.won).toBe(1);
  });
});

describe("past incidents", () => {
  it("CSV fields may hold commas, quotes and line breaks", () => {
    expect(csvRows('\ufeffa,b\r\n"x, ""y""\nz", 2\n')).toEqual([["a", "b"], ['x, "y"\nz', "2"]]);
  });

  it("local times of three writings, and nothing that is none", () => {
    expect(localTime("2026-11-24 18:30")).toEqual([Date.UTC(2026, 10, 24) / 86_400_000, 18]);
    expect(localTime("2026/11/24T06:30:05")).toEqual([Date.UTC(2026, 10, 24) / 86_400_000, 6]);
    expect(localTime("04/07/2020 11:53:08 PM")).toEqual([Date.UTC(2020, 3, 7) / 86_400_000, 23]);
    expect(localTime("04/07/2020 12:05:00 AM")?.[1]).toBe(0);
    expect(localTime("04/07/2020 12:05:00 PM")?.[1]).toBe(12);
    for (const wrong of ["", "yesterday", "2026-02-30 10:00", "2026-01-01 24:10", "13/13/2020 10:00"]) expect(localTime(wrong), wrong).toBeNull();
  });

  it("a call of several units counts once, a bad line is named", () => {
    const read = readPast("Incident Number,Received DtTm,Location\n1,04/07/2020 11:53:08 PM,\"(37.7, -122.4)\"\n1,04/07/2020 11:53:08 PM,\"(37.7, -122.4)\"\n2,never,\"(37.7, -122.4)\"\n3,04/08/2020 01:00:00 AM,POINT (-122.5 37.8)");
    expect(read.rows.map((row) => row.slice(0, 2))).toEqual([[37.7, -122.4], [37.8, -122.5]]);
    expect([read.passed, read.firstBad]).toEqual([1, { line: 4, column: "Received DtTm" }]);
    expect(readPast("a,b\n1,2").missing).toBe("time");
    expect(readPast("time,b\n1,2").missing).toBe("place");
    expect(readPast("纬度,经度,时间\n28.0,120.5,2026-11-24 08:00").rows).toEqual([[28, 120.5, 20_781, 8]]);
  });

  it("parts are together what they were", () => {
    const rows = Array.from({ length: 2 * ROWS_A_PART + 3 }, (_, at): [number, number, number, number] => [0, 0, at, 0]);
    expect(partsOf(rows).flat()).toEqual(rows);
    expect(Math.max(...partsOf(rows).map((part) => part.length))).toBe(ROWS_A_PART);
  });

  it("the heat of all hours is that of the whole, of all weekdays too", () => {
    const rows: [number, number, number][] = Array.from({ length: 300 }, (_, at) => [at % 5, (at * 37) % 168, 1 + (at % 3)]);
    const view: HeatView = { history: "h", cell_m: 150, incidents: 0, outside: 0, days: 7, lon: [0, 1, 2, 3, 4], lat: [0, 0, 0, 0, 0], rows };
    const sum = (each: ArrayLike<number>): number => Array.from(each).reduce((total, one) => total + one, 0);
    const whole = heatOf(view, new Set(), null);
    expect(sum(whole)).toBe(rows.reduce((total, row) => total + row[2], 0));
    const byHour = Array.from({ length: 24 }, (_, hour) => sum(heatOf(view, new Set(), hour)));
    expect(byHour).toEqual(heatByHour(view, new Set()));
    const byDay = [0, 1, 2, 3, 4, 5, 6].map((day) => heatOf(view, new Set([day]), null));
    expect(Array.from(whole)).toEqual(Array.from(whole, (_, cell) => byDay.reduce((total, one) => total + (one[cell] ?? 0), 0)));
  });
});

describe("what is taken away", () => {
  it("CSV can be read back, and no field runs in a spreadsheet", () => {
    const text = csvText(["a", "b"], [['x,"y"', 1], ["=1+1", null]]);
    expect(csvRows(text)).toEqual([["a", "b"], ['x,"y"', "1"], ["'=1+1", ""]]);
  });

  it("gaps and posts keep their places", () => {
    const gap = { point: 1, tier: "T1" as const, name: "校", name_en: "School", street: "", lon: 120.5, lat: 28, weight: 10_000, target_ms: 60_000, post: null, travel_ms: null, missing_ms: null };
    expect(csvRows(gapsCsv([gap]))[1]).toEqual(["T1", "校", "School", "", "28", "120.5", "10", "60", "", "", ""]);
    const { features } = planGeoJson([post("A")], [gap]);
    expect(features.map((each) => each.geometry)).toEqual([{ type: "Point", coordinates: [120.5, 28] }, { type: "Point", coordinates: [120.5, 28] }]);
    expect(features.map((each) => each.properties?.["what"])).toEqual(["post", "gap"]);
  });
});

describe("drawing", () => {
  it("northings are undone by latitudes", () => {
    for (const lat of [-60, 0, 28.01, 41.2, 70]) expect(latitude(mercator(lat))).toBeCloseTo(lat, 9);
  });

  it("tops of axes are round and high enough", () => {
    for (const value of [0, 0.3, 1, 7, 99, 101, 4_321]) expect(niceTop(value)).toBeGreaterThanOrEqual(value);
    expect([niceTop(7), niceTop(99), niceTop(101)]).toEqual([10, 100, 200]);
  });

  it("heat steps double, and the last takes all above", () => {
    expect([1, 2, 3, 4, 7, 8, 15, 16, 900].map((count) => heatStep(count, 5))).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4]);
  });
});

describe("words", () => {
  type Tree = { readonly [key: string]: string | Tree };
  const leaves = (tree: Tree, path = ""): [string, string][] =>
    Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [[path + key, value] as [string, string]] : leaves(value, `${path}${key}.`)));
  const [zh, en] = [new Map(leaves(plannerZh)), new Map(leaves(plannerEn))];

  it("both languages have the same, with the same places to fill", () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
    const holes = (text = ""): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, text] of zh) {
      expect(holes(en.get(key)), key).toEqual(holes(text));
      expect(en.get(key), key).not.toMatch(/[\u4e00-\u9fff]/);
      expect(text, key).not.toMatch(/[\u4e00-\u9fff][,;:(]|[,;:)][\u4e00-\u9fff]/);
    }
  });
});
