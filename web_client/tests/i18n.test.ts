import { describe, expect, it } from "vitest";
import { readdirSync, readFileSync } from "node:fs";
import { DICTIONARIES, fill, firstLanguage } from "../src/i18n";
import { lag, metres, problemText, span, stopwatch, timeOfDay } from "../src/i18n/format";
import { firstLook, paletteOf } from "../src/map/style";
import { shortNames } from "../src/apps/shared/names";
import { team } from "./frames";

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`)));
}

const zh = new Map(leaves(DICTIONARIES["zh-CN"] as unknown as Tree));
const en = new Map(leaves(DICTIONARIES.en as unknown as Tree));

describe("dictionaries", () => {
  it("have the same keys, none empty, and the same places to fill", () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
    for (const [key, sentence] of zh) {
      const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
      expect(sentence, key).not.toBe("");
      expect(en.get(key), key).not.toBe("");
      expect(holes(en.get(key) ?? ""), key).toEqual(holes(sentence));
    }
  });

  it("English holds no Chinese but the name of the other language", () => {
    for (const [key, sentence] of en) if (!key.startsWith("switchTo")) expect(sentence, key).not.toMatch(/[\u4e00-\u9fff]/);
  });

  it("Chinese sentences use Chinese punctuation", () => {
    for (const [key, sentence] of zh) expect(sentence, key).not.toMatch(/[\u4e00-\u9fff][,;:(]|[,;:)][\u4e00-\u9fff]/);
  });

  it("components hold no text of their own", () => {
    const folder = new URL("../src/apps/", import.meta.url);
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((one) => one.endsWith(".tsx"))) {
      expect(readFileSync(new URL(name, folder), "utf8"), name).not.toMatch(/[\u4e00-\u9fff]/);
    }
  });
});

describe("choices", () => {
  it("the address bar beats the last choice, which beats the browser; Chinese is the default", () => {
    expect(firstLanguage("?lang=en", "zh-CN", ["zh"])).toBe("en");
    expect(firstLanguage("?lang=xx", "en", ["zh"])).toBe("en");
    expect(firstLanguage("", null, ["fr", "en-GB", "zh-CN"])).toBe("en");
    expect(firstLanguage("", null, ["zh-TW", "en"])).toBe("zh-CN");
    expect(firstLanguage("", null, ["fr"])).toBe("zh-CN");
  });

  it("so does the look", () => {
    expect(firstLook("?style=night", "day", false)).toBe("night");
    expect(firstLook("", "day", true)).toBe("day");
    expect(firstLook("", null, true)).toBe("night");
    expect(paletteOf("night").look).toBe("night");
  });
});

describe("formats", () => {
  const { "zh-CN": t, en: e } = DICTIONARIES;

  it("stopwatch", () => {
    expect([0, 999, 75_000, 3_723_000, -5].map(stopwatch)).toEqual(["0:00", "0:00", "1:15", "1:02:03", "0:00"]);
  });

  it("spans and lengths do not break over two lines", () => {
    expect([41_000, 60_000, 102_000, 7_500_000].map((ms) => span(t, ms))).toEqual(["41\u00a0秒", "1\u00a0分钟", "1\u00a0分\u00a042\u00a0秒", "2\u00a0小时\u00a05\u00a0分"]);
    expect(span(e, 102_000)).toBe("1\u00a0min\u00a042\u00a0s");
    expect([metres(t, 745.4), metres(e, 1240), metres(e, 12_340)]).toEqual(["745\u00a0米", "1,240\u00a0m", "12.3\u00a0km"]);
  });

  it("lags, the time of day, filling", () => {
    expect([0, 420, 1_630, 12_400, 75_000].map(lag)).toEqual(["+0.0s", "+0.4s", "+1.6s", "+12s", "+1:15"]);
    expect(timeOfDay(new Date(2024, 0, 2, 3, 4, 5).getTime())).toBe("03:04:05");
    expect(fill("{a} of {b}, {c}", { a: 1, b: "x" })).toBe("1 of x, {c}");
  });

  it("a problem speaks the user's language, and a new one its own words", () => {
    const problem = { code: "too_far_from_road", number: 103, message: "no road is near this point", hint: "pick" };
    expect(problemText(t, problem).message).toBe("这个点附近没有道路");
    expect(problemText(t, { ...problem, code: "brand_new" })).toEqual({ message: "no road is near this point", hint: "pick" });
  });

  it("names on the map are short while no two teams share one", () => {
    const teams = [team("V1", { name: "1队 塘下村巡防队", name_en: "Team 1 Tangxia Village Patrol" }), team("D1", { name: "专巡一队", name_en: "Dedicated Patrol 1" }), team("D2", { name: "专巡二队", name_en: "Dedicated Patrol 2" })];
    expect([...shortNames(teams, false).values()]).toEqual(["1队", "专巡一队", "专巡二队"]);
    expect([...shortNames(teams, true).values()]).toEqual(["Team 1", "Dedicated Patrol 1", "Dedicated Patrol 2"]);
    expect(shortNames([team("X", { name: "极".repeat(200) })], false).get("X")).toBe(`${"极".repeat(11)}…`);
  });
});
