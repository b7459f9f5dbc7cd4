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

const GROUNDS = ["forest", "park", "farmland", "school", "bare", "industrial", "water", "building"] as const;

/** How a colour looks to eyes that lack one kind of cone (Machado, Oliveira and Fernandes 2009, full severity; linear light). */
const BLIND = {
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;

function linear(colour: string): [number, number, number] {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return [r, g, b];
}

/** CIE 1976 distance of two colours in Lab (D65), as they look with the matrix. */
function distance(one: string, other: string, matrix: readonly number[]): number {
  const lab = (colour: string): number[] => {
    const [r, g, b] = linear(colour);
    const seen = [0, 3, 6].map((row) => Math.max(0, (matrix[row] ?? 0) * r + (matrix[row + 1] ?? 0) * g + (matrix[row + 2] ?? 0) * b));
    const [x = 0, y = 0, z = 0] = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]].map((row) => row.reduce((sum, part, i) => sum + part * (seen[i] ?? 0), 0));
    const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
    const [fx, fy, fz] = [f(x / 0.95047), f(y), f(z / 1.08883)];
    return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
  };
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(...a.map((part, i) => part - (b[i] ?? 0)));
}

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

  it.each(Object.entries(BLIND))("signs can be told from the ground by %s eyes", (_, matrix) => {
    const signs = [...Object.entries(palette.status).filter(([status]) => status !== "off_duty").map(([, colour]) => colour), ...Object.values(palette.urgency), palette.t1, palette.t2, palette.line];
    const grounds = [...GROUNDS.map((name) => palette[name]), palette.land, palette.built, palette.road, palette.roadMajor, palette.roadTop];
    for (const sign of signs) for (const ground of grounds) expect(distance(sign, ground, matrix), `${sign} on ${ground}`).toBeGreaterThanOrEqual(20);
  });

  it("words on the map are readable, and signs can be told from it", () => {
    for (const ground of [palette.halo, palette.land, palette.built]) {
      expect(contrast(palette.ink, ground)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(palette.inkSoft, ground)).toBeGreaterThanOrEqual(4.5);
    }
    for (const ink of [palette.waterInk, palette.greenInk]) expect(contrast(ink, palette.halo), ink).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.refInk, palette.refGround)).toBeGreaterThanOrEqual(4.5);
    for (const ground of GROUNDS) expect(contrast(palette.ink, palette[ground]), ground).toBeGreaterThanOrEqual(4.5);
    for (const [status, colour] of Object.entries(palette.status)) {
      expect(contrast(colour, palette.halo), status).toBeGreaterThanOrEqual(3);
    }
  });
});
