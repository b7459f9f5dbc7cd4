/** The place search: keys of the ARIA combobox, and both languages. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SEARCH_WORDS } from "../src/i18n/search";
import { answered, CLOSED, pressed, type Listing } from "../src/model/search";

const schema = readFileSync(new URL("../../geo_data/gazetteer/records.py", import.meta.url), "utf8");

function walk(list: Listing, ...keys: readonly string[]): Listing {
  return keys.reduce((now, key) => pressed(now, key).next, list);
}

describe("keys", () => {
  it("Enter takes the best, and the one that is lit", () => {
    expect(pressed(answered(3), "Enter")).toEqual({ next: { open: false, lit: 0, count: 3 }, act: "choose" });
    expect(walk(answered(3), "ArrowDown", "Enter").lit).toBe(1);
    expect(pressed(answered(0), "Enter").act).toBe("none");
    expect(pressed(CLOSED, "Enter").act).toBe("none");
  });

  it("arrows go round, whatever the length, and never leave the list", () => {
    for (let count = 1; count <= 8; count += 1) {
      expect(walk(answered(count), ...Array.from({ length: count }, () => "ArrowDown")).lit).toBe(0);
      expect(walk(answered(count), ...Array.from({ length: count }, () => "ArrowUp")).lit).toBe(0);
      expect(walk(answered(count), "ArrowUp").lit).toBe(count - 1);
      expect(walk(answered(count), "End", "ArrowDown").lit).toBe(0);
      expect(walk(answered(count), "End", "Home").lit).toBe(0);
    }
  });

  it("Escape closes, then clears; an arrow opens again", () => {
    const once = pressed(answered(2), "Escape");
    expect([once.act, once.next.open]).toEqual(["close", false]);
    expect(pressed(once.next, "Escape")).toEqual({ next: CLOSED, act: "clear" });
    expect(pressed(once.next, "ArrowDown").next).toEqual({ open: true, lit: 0, count: 2 });
  });

  it("letters are not ours", () => {
    for (const key of ["a", "Tab", " ", "郭"]) expect(pressed(answered(2), key)).toEqual({ next: answered(2), act: "none" });
  });
});

describe("words", () => {
  const { "zh-CN": zh, en } = SEARCH_WORDS;

  it("every kind that the service finds has a word in both languages", () => {
    const kinds = [...(/KINDS: Final = \(([^)]*)\)/.exec(schema)?.[1] ?? "").matchAll(/"(\w+)"/g)].map((match) => match[1]);
    expect(kinds.length).toBeGreaterThan(10);
    expect(Object.keys(zh.kind).sort()).toEqual([...kinds].sort());
    expect(Object.keys(en.kind).sort()).toEqual([...kinds].sort());
  });

  it("no word is empty, and English holds no Chinese", () => {
    const texts = (words: object): string[] => Object.values(words).flatMap((one) => (typeof one === "string" ? [one] : texts(one as object)));
    for (const word of [...texts(zh), ...texts(en)]) expect(word).not.toBe("");
    for (const word of texts(en)) expect(word).not.toMatch(/[\u4e00-\u9fff]/);
    expect(texts(en).map((word) => word.match(/\{\w+\}/g))).toEqual(texts(zh).map((word) => word.match(/\{\w+\}/g)));
  });
});
