import { describe, expect, it } from "vitest";
import { incidentAt } from "../src/map/incidents";
import { placeMarks } from "../src/map/places";
import { sameMarks, teamSpots, type TeamMark } from "../src/map/teams";

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

  it("a click finds the badge under it and no other", () => {
    const badge = { incident: "I", mark: "火", label: "火情", lon: 0, lat: 0, urgency: "urgent", attended: false, selected: false } as const;
    expect(incidentAt([badge], 105, 104, at)).toBe("I");
    expect(incidentAt([badge], 130, 104, at)).toBeNull();
  });

  it("places are named in one language, key points first", () => {
    const place = (id: string, tier: string, name_en: string) => ({ place: id, name: "桥", name_en, tier, kind: "school", lon: 0, lat: 0, radius_m: 9 });
    const made = placeMarks([place("b", "T2", "Bridge"), place("a", "T1", "")], true);
    expect(made.map((one) => [one.place, one.name])).toEqual([["a", "桥"], ["b", "Bridge"]]);
  });
});
