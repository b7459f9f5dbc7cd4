/** What the crew sees: statuses as pressed, the next turn on known lines, words in both languages, contrast. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TABLET_WORDS } from "../src/i18n/tablet";
import { newTablet, step, type Tablet, type TabletOrder } from "../src/model/tablet";
import { alongLine, bigButton, helpAsked, metresBetween, nextTurn, pressedStatus, soundsFor } from "../src/model/tablet_view";
import { PART_BYTES, partsOf } from "../src/wire/tiles_store";
import { secretIn } from "../src/apps/tablet/secret";
import type { WayStep, WayView } from "../src/wire/types.gen";

const ORDER: TabletOrder = {
  order: "O1", incident: "I1", where: { lon: 120, lat: 28 }, eta_ms: 1, deadline_ms: 2, status: "offered", offered_at_ms: 0,
  what: "fight", urgency: "urgent", wave: "W1", place: "", road: "", road_m: 0, note: "", help_asked: false, epoch: null,
};

const holding = (status: TabletOrder["status"]): Tablet => ({ ...newTablet("T1", "d"), order: { ...ORDER, status } });
const pressed = (tablet: Tablet, ...verbs: ("accept" | "depart" | "arrive" | "report_back" | "close")[]): Tablet =>
  verbs.reduce((held, verb, index) => step(held, { kind: "press", key: `k${held.outbox.size}${index}`, verb, note: "" }, 1)[0], tablet);

describe("statuses", () => {
  it("a whole order goes through the big button alone, without a word from the service", () => {
    let tablet = holding("offered");
    const walked: (string | null)[] = [];
    for (let taps = 0; taps < 4; taps += 1) {
      walked.push(pressedStatus(tablet));
      tablet = pressed(tablet, ...(bigButton(pressedStatus(tablet)) as ("accept" | "depart")[]));
    }
    expect(walked).toEqual(["offered", "en_route", "on_scene", "closed"]);
    expect(tablet.outbox.size).toBe(5);
    expect(bigButton("closed")).toEqual([]);
    expect(pressedStatus(newTablet("T1", "d"))).toBeNull();
  });

  it("an offer sounds until something was pressed", () => {
    expect(soundsFor(holding("offered"))?.order).toBe("O1");
    expect(soundsFor(pressed(holding("offered"), "accept"))).toBeNull();
    expect(soundsFor(holding("en_route"))).toBeNull();
  });

  it("help is asked for once it was pressed", () => {
    expect(helpAsked(holding("on_scene"))).toBe(false);
    expect(helpAsked(step(holding("on_scene"), { kind: "callhelp", key: "h", note: "" }, 1)[0])).toBe(true);
  });
});

/** One degree of latitude on the sphere that geo_data uses: 111,195 m. */
const M = 1 / 111_195.08;
const north = (m: number): [number, number] => [120, m * M];
const turn = (kind: string, length_m: number, at: [number, number]): WayStep => ({ kind, zh: kind, en: kind, street: null, at, length_m, travel_ms: length_m * 100 });

/** 100 m north, right, 100 m east, at the equator's edge where degrees are alike. */
const CORNER: [number, number] = north(100);
const END: [number, number] = [120 + 100 * M, 100 * M];
const WAY: WayView = { line: [north(0), CORNER, END], length_m: 200, travel_ms: 20_000, steps: [turn("depart", 100, north(0)), turn("right", 100, CORNER), turn("arrive", 0, END)] };

describe("the way", () => {
  it("metres are those of the sphere", () => {
    expect(metresBetween(north(0), north(1000))).toBeCloseTo(1000, 0);
    expect(metresBetween([120, 60], [120.01, 60])).toBeCloseTo(0.01 * 111_195.08 * 0.5, 0);
  });

  it("along and beside are told apart", () => {
    const { along_m, beside_m } = alongLine(WAY.line, [120 + 30 * M, 40 * M]);
    expect([Math.round(along_m), Math.round(beside_m)]).toEqual([40, 30]);
  });

  it("the next turn is the one ahead, and the figures add up", () => {
    const first = nextTurn(WAY, north(40));
    expect([first?.step.kind, Math.round(first?.in_m ?? 0), Math.round(first?.left_m ?? 0), Math.round((first?.left_ms ?? 0) / 100)]).toEqual(["right", 60, 160, 160]);
    const second = nextTurn(WAY, [120 + 50 * M, 100 * M]);
    expect([second?.step.kind, Math.round(second?.in_m ?? 0), second?.off_way]).toEqual(["arrive", 50, false]);
    expect(nextTurn(WAY, END)?.step.kind).toBe("arrive");
    expect(nextTurn(WAY, [120 - 200 * M, 0])?.off_way).toBe(true);
    expect(nextTurn({ ...WAY, steps: [] }, END)).toBeNull();
  });
});

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`)));
}

describe("words", () => {
  const zh = new Map(leaves(TABLET_WORDS["zh-CN"] as unknown as Tree));
  const en = new Map(leaves(TABLET_WORDS.en as unknown as Tree));

  it("have the same keys, none empty, and the same places to fill", () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
    const holes = (text = ""): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, sentence] of zh) {
      expect(sentence, key).not.toBe("");
      expect(en.get(key), key).not.toBe("");
      expect(holes(en.get(key)), key).toEqual(holes(sentence));
      if (key !== "language") expect(en.get(key), key).not.toMatch(/[\u4e00-\u9fff]/);
      expect(sentence, key).not.toMatch(/[\u4e00-\u9fff][,;:(]|[,;:)][\u4e00-\u9fff]/);
    }
  });
});

describe("the code of an enrolment", () => {
  it("is found in an address and in what was typed, and nowhere else", () => {
    const secret = "abcDEF_-0123456789abcDEF_-0123456789xyz";
    expect(secretIn(`  http://127.0.0.1/enrol#${secret} `)).toBe(secret);
    expect(secretIn(secret)).toBe(secret);
    for (const text of ["", "#", "short", "http://127.0.0.1/enrol", `${secret} and more`]) expect(secretIn(text)).toBeNull();
  });
});

const CSS = readFileSync(new URL("../src/apps/tablet/tablet.css", import.meta.url), "utf8");

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = parts.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe.each(["day", "night"])("contrast by %s", (look) => {
  const [day = "", night = ""] = CSS.split(':root[data-look="night"]');
  const block = look === "day" ? day : night.slice(0, night.indexOf("}"));
  const token = new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
  it.each([
    ["ink", "paper", 7], ["ink", "raised", 7], ["ink-soft", "paper", 7], ["on-go", "go", 7], ["on-act", "act", 7], ["on-sos", "sos", 7],
    ["sos", "paper", 7], ["bad", "paper", 7], ["on-warn", "warn", 7], ["paper", "good", 7], ["act", "paper", 4.5], ["edge", "paper", 3],
  ] as const)("%s on %s", (ink, ground, least) => {
    const [light = 0, dark = 0] = [luminance(token.get(ink) ?? ""), luminance(token.get(ground) ?? "")].sort((a, b) => b - a);
    expect((light + 0.05) / (dark + 0.05)).toBeGreaterThanOrEqual(least);
  });
});

describe("the parts of the tiles", () => {
  it("cover each byte once", () => {
    for (const size of [1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 5 * PART_BYTES + 17]) {
      const parts = partsOf(size);
      expect(parts[0]?.[0]).toBe(0);
      expect(parts.at(-1)?.[1]).toBe(size - 1);
      for (const [at, [first, last]] of parts.entries()) {
        expect(last - first + 1).toBeLessThanOrEqual(PART_BYTES);
        if (at > 0) expect(first).toBe((parts[at - 1]?.[1] ?? 0) + 1);
      }
    }
    expect(partsOf(0)).toEqual([]);
  });
});
