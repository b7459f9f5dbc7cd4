/** Contrast by WCAG 2.2: text AA (4.5), signs on the map 3, in the day and in the night. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { paletteOf, type Look } from "../src/map/style";

const CSS = readFileSync(new URL("../src/apps/shared/tokens.css", import.meta.url), "utf8");

function tokens(look: Look): ReadonlyMap<string, string> {
  const read = (block: string): [string, string][] => [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1] ?? "", match[2] ?? ""]);
  const [day = "", night = ""] = CSS.split(':root[data-look="night"]');
  return new Map(look === "day" ? read(day) : read(night.slice(0, night.indexOf("}"))));
}

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = parts.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT: readonly [string, string][] = [
  ["ink", "panel"], ["ink", "raised"], ["ink", "accent-soft"], ["ink-soft", "panel"], ["ink-soft", "raised"], ["ink-soft", "sunk"], ["ink-soft", "accent-soft"],
  ["accent", "panel"], ["on-accent", "accent"], ["on-danger", "danger"], ["warn-ink", "warn-soft"], ["warn-ink", "raised"], ["good", "panel"], ["bad", "panel"], ["bad", "raised"], ["bad", "accent-soft"],
];

describe.each(["day", "night"] as const)("%s", (look) => {
  const token = tokens(look);
  const palette = paletteOf(look);
  const at = (name: string): string => token.get(name) ?? "missing";

  it.each(TEXT)("%s on %s", (ink, ground) => {
    expect(contrast(at(ink), at(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it("urgencies and tiers are readable in the panel", () => {
    for (const colour of [...Object.values(palette.urgency), palette.t1, palette.t2]) {
      expect(contrast(colour, at("panel")), colour).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("words on the map are readable, and signs can be told from it", () => {
    for (const ground of [palette.halo, palette.land, palette.built]) {
      expect(contrast(palette.ink, ground)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(palette.inkSoft, ground)).toBeGreaterThanOrEqual(4.5);
    }
    for (const [status, colour] of Object.entries(palette.status)) {
      expect(contrast(colour, palette.halo), status).toBeGreaterThanOrEqual(3);
    }
  });
});
