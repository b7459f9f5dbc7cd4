import { describe, expect, it, vi } from "vitest";
import { incidentAt } from "../src/map/incidents";
import { placeMarks } from "../src/map/places";
import type { NameTag } from "../src/map/labels";
import type { Brush } from "../src/map/overlay";
import { comesFirst, sameMarks, teamSpots, type TeamMark } from "../src/map/teams";

const mark = (part: Partial<TeamMark> = {}): TeamMark => ({ team: "A", label: "A", lon: 1, lat: 2, status: "on_patrol", certainty: "fresh", selected: false, ...part });
const at = (): { x: number; y: number } => ({ x: 100, y: 100 });

describe("marks", () => {
  it("a board that looks the same is not drawn again", () => {
    expect(sameMarks([mark()], [mark()])).toBe(true);
    expect(sameMarks([mark()], [mark({ certainty: "stale" })])).toBe(false);
    expect(sameMarks([mark()], [])).toBe(false);
  });

  it("a team on the scene stands beside its incident, and the selected one lies on top", () => {
    const spots = teamSpots([mark({ team: "S", selected: true }), mark({ team: "B", status: "on_scene" })], at);
    expect(spots.map((spot) => spot.team)).toEqual(["B", "S"]);
    expect(spots[1]).toMatchObject({ x: 100, y: 100 });
    expect(Math.hypot((spots[0]?.x ?? 0) - 100, (spots[0]?.y ?? 0) - 100)).toBeGreaterThan(10);
  });

  it("the names of the selected and of those under way come first", () => {
    const first = [mark({ selected: true }), mark({ status: "offered" }), mark({ status: "en_route", certainty: "stale" }), mark({ status: "on_scene" })];
    expect(first.map(comesFirst)).toEqual([true, true, true, true]);
    expect([mark(), mark({ status: "off_duty" })].map(comesFirst)).toEqual([false, false]);
  });

  it("a click finds the badge under it and no other", () => {
    const badge = { incident: "I", mark: "火", label: "火情", lon: 0, lat: 0, urgency: "urgent", attended: false, selected: false, sos: false } as const;
    expect(incidentAt([badge], 105, 104, at)).toBe("I");
    expect(incidentAt([badge], 130, 104, at)).toBeNull();
  });

  it("places are named in one language, key points first", () => {
    const place = (id: string, tier: string, name_en: string) => ({ place: id, name: "桥", name_en, tier, kind: "school", lon: 0, lat: 0, radius_m: 9 });
    const made = placeMarks([place("b", "T2", "Bridge"), place("a", "T1", "")], true);
    expect(made.map((one) => [one.place, one.name])).toEqual([["a", "桥"], ["b", "Bridge"]]);
  });
});

describe("names", () => {
  const picture = { measureText: () => ({ width: 40, fontBoundingBoxAscent: 10, fontBoundingBoxDescent: 4 }), scale: () => 0, strokeText: () => 0, fillText: () => 0 };
  const canvas = () => ({ getContext: () => ({ ...picture }), width: 0, height: 0 });
  const style = { font: "12px x", ink: "#000000", halo: "#ffffff" };

  it("stand where there is room, stay there, and are left out where there is none", async () => {
    const { Labels } = await import("../src/map/labels");
    vi.stubGlobal("document", { createElement: canvas });
    const drawn: number[][] = [];
    const ctx = { drawImage: (_: unknown, left: number, top: number) => void drawn.push([left, top]) } as unknown as CanvasRenderingContext2D;
    const labels = new Labels();
    const draw = (key: string, x: number, part: Partial<NameTag> = {}): void => {
      labels.lay({ key, text: "n", x, y: 100, gap: 8, style, ...part }, 1);
      labels.paint(ctx, part.ground === true);
    };
    labels.begin();
    labels.reserve("a", 100, 100, 7);
    draw("a", 100);
    expect(drawn.pop()?.[0]).toBe(108);
    labels.begin();
    labels.reserve("wall", 130, 100, 20);
    draw("a", 100);
    expect(drawn.pop()?.[0]).toBe(46);
    labels.begin();
    draw("a", 100);
    expect(drawn.pop()?.[0], "does not jump back").toBe(46);
    labels.begin();
    labels.reserve("wall", 100, 100, 90);
    draw("a", 100);
    expect(drawn).toEqual([]);
    draw("a", 100, { must: true });
    expect(drawn, "a name that must be there is there").toHaveLength(1);
    drawn.length = 0;
    labels.begin();
    labels.reserve("team", 100, 100, 90, true);
    draw("p", 100, { ground: true });
    expect(drawn.pop()?.[0], "a place does not step aside for a passing sign").toBe(108);
    draw("q", 100);
    expect(drawn.filter(([left]) => left !== 108), "others do").toEqual([]);
    vi.unstubAllGlobals();
  });

  it("step aside for the name of a village, which stands above its point", async () => {
    const { Labels } = await import("../src/map/labels");
    const { reserveWritten } = await import("../src/map/written");
    vi.stubGlobal("document", { createElement: canvas });
    const drawn: number[][] = [];
    const ctx = { drawImage: (_: unknown, left: number, top: number) => void drawn.push([left, top]) } as unknown as CanvasRenderingContext2D;
    const labels = new Labels();
    const village = { text: "澄溪村", lon: 0, lat: 0, size_px: 12 };
    labels.begin();
    reserveWritten({ labels, project: () => ({ x: 120, y: 110 }) } as unknown as Brush, [village]);
    labels.lay({ key: "a", text: "n", x: 100, y: 95, gap: 8, style }, 1);
    labels.paint(ctx, false);
    expect(drawn.pop()?.[0], "not to the right, where the village is written").not.toBe(108);
    vi.unstubAllGlobals();
  });
});
