import { describe, expect, it } from "vitest";
import { learnNow, learnPast, serverNow } from "../src/model/clock";
import { beyond_ms, chainOf, clockOf, closedLately, inTime, liveOrders, openQueue, realSpan_ms, runnerUp, straightLineRival, tally, teamStatus } from "../src/model/derive";
import { ageOf, fixesOf, isStale, placeOf, withFixes, type Places } from "../src/model/fixes";
import { isLive, nextOrderStatus } from "../src/model/machines";
import { boardOf } from "../src/model/board";
import { glideTo, isMoving, positionAt } from "../src/map/motion";
import type { Fix } from "../src/wire/types.gen";
import { choice, incident, order, snapshotOf, team } from "./frames";

const fix = (at_ms: number, part: Partial<Fix> = {}): Fix => ({ team: "A", lon: 120, lat: 28, at_ms, accuracy_m: 5, speed_m_s: 0, source: "fix", battery_pct: null, ...part });

describe("orders", () => {
  it("the machine knows every step of the table and no other", () => {
    const path = ["accept", "depart", "arrive", "report_back", "close"] as const;
    const walked = path.map((trigger, index) => nextOrderStatus((["offered", "accepted", "en_route", "on_scene", "reported_back"] as const)[index]!, trigger));
    expect(walked).toEqual(["accepted", "en_route", "on_scene", "reported_back", "closed"]);
    expect(nextOrderStatus("accepted", "decline")).toBeNull();
    expect([isLive("reported_back"), isLive("expired")]).toEqual([true, false]);
  });

  it("the chain says what is done, what is next, and what was passed over", () => {
    const states = (part: Parameters<typeof order>[1]) => chainOf(order("O", part)).map((link) => link.state);
    expect(states({ stored_at_ms: 2 })).toEqual(["done", "done", "next", "open", "open", "open", "open", "open"]);
    expect(states({ status: "accepted", accepted_at_ms: 5 })).toEqual(["done", "skipped", "skipped", "done", "next", "open", "open", "open"]);
    expect(states({ status: "expired", stored_at_ms: 2, ended_at_ms: 9 })).toEqual(["done", "done", "lost", "lost", "lost", "lost", "lost", "lost"]);
    expect(chainOf(order("O", { status: "closed", ended_at_ms: 9 })).at(-1)).toEqual({ step: "closed", at_ms: 9, state: "done" });
  });

  it("names the runner-up, and the straight line's team only where it is another", () => {
    const candidate = { eta_ms: 1, road_m: 1, straight_m: 1, position: { lon: 0, lat: 0 }, fix: "fix", fix_age_ms: 0, drift_ms: 0, loss_micro: null, unreached: false } as const;
    const made = order("O", { choice: choice({ ranked: [{ team: "A", ...candidate }, { team: "B", ...candidate }], straight_line_team: "B", straight_line_loss_ms: 7 }) });
    expect(runnerUp(made)?.team).toBe("B");
    expect(straightLineRival(made)).toEqual({ team: "B", loss_ms: 7 });
    expect(straightLineRival({ ...made, choice: choice({ straight_line_team: "A" }) })).toBeNull();
  });
});

describe("incidents", () => {
  it("are queued by urgency, then age", () => {
    const board = boardOf(snapshotOf({ incidents: [incident("a", { urgency: "routine" }), incident("b", { reported_at_ms: 9 }), incident("c", { urgency: "critical", reported_at_ms: 20 }), incident("d", { reported_at_ms: 3 }), incident("e", { status: "closed" })] }));
    expect(openQueue(board).map((one) => one.incident)).toEqual(["c", "d", "b", "a"]);
    expect(closedLately(board, 5).map((one) => one.incident)).toEqual(["e"]);
  });

  it("the clock runs until somebody arrives", () => {
    const fire = incident("I", { reported_at_ms: 1_000, target_ms: 60_000 });
    expect(clockOf(fire, [], 11_000, 1)).toMatchObject({ elapsed_ms: 10_000, running: true, verdict: "good" });
    expect(clockOf(fire, [], 52_000, 1).verdict).toBe("tight");
    expect(clockOf(fire, [], 62_000, 1).verdict).toBe("missed");
    const there = [order("O", { arrived_at_ms: 41_000 })];
    expect(clockOf(fire, there, 900_000, 1)).toMatchObject({ elapsed_ms: 40_000, running: false, verdict: "good" });
    expect([inTime(fire, there, 1), inTime(fire, [], 1)]).toEqual([true, null]);
  });

  it("in a demo driving counts at its real length, and all that is said of the target agrees", () => {
    const fire = incident("I", { reported_at_ms: 1_000, target_ms: 60_000 });
    const under_way = order("O", { offered_at_ms: 2_000, eta_ms: 130_000, status: "en_route", accepted_at_ms: 4_000, departed_at_ms: 5_000 });
    expect(clockOf(fire, [under_way], 5_000, 8)).toMatchObject({ elapsed_ms: 4_000, real_ms: 4_000, verdict: "good" });
    expect(clockOf(fire, [under_way], 15_000, 8)).toMatchObject({ elapsed_ms: 14_000, real_ms: 84_000, verdict: "missed" });
    expect(beyond_ms(fire, [under_way], under_way, 8)).toBe(71_000);
    const there = [{ ...under_way, status: "on_scene" as const, arrived_at_ms: 21_000 }];
    expect(clockOf(fire, there, 900_000, 8)).toMatchObject({ elapsed_ms: 20_000, real_ms: 132_000, running: false, verdict: "missed" });
    expect([inTime(fire, there, 8), inTime(fire, there, 1), beyond_ms(fire, there, there[0]!, 8)]).toEqual([false, true, 0]);
  });

  it("two who drive at once drive through one time, and a drive that was called off counts", () => {
    const fire = incident("I", { reported_at_ms: 0 });
    const drive = (name: string, from: number, to: number | null) => order(name, { departed_at_ms: from, ended_at_ms: to });
    expect(realSpan_ms(fire, [drive("b", 14_000, null), drive("a", 10_000, 16_000)], 20_000, 3)).toBe(20_000 + 2 * 10_000);
    expect(realSpan_ms(fire, [drive("b", 12_000, 13_000), drive("a", 10_000, 16_000)], 20_000, 3)).toBe(20_000 + 2 * 6_000);
    expect(realSpan_ms(fire, [order("c", { accepted_at_ms: 4_000, arrived_at_ms: 9_000 })], 9_000, 2)).toBe(14_000);
    expect(realSpan_ms(fire, [order("d", { accepted_at_ms: 4_000 })], 9_000, 2)).toBe(9_000);
  });

  it("clock skew never makes a negative age", () => {
    expect(clockOf(incident("I", { reported_at_ms: 5_000 }), [], 1_000, 1).elapsed_ms).toBe(0);
  });
});

describe("teams", () => {
  it("status is the live order's, else the duty's", () => {
    const board = boardOf(snapshotOf({ teams: [team("A"), team("B"), team("C", { duty: "off_duty" })], incidents: [incident("I", { waiting_reason: "all_busy" })], orders: [order("O", { status: "en_route" }), order("P", { team: "B", status: "closed" })] }));
    const live = liveOrders(board);
    expect([...board.teams.values()].map((one) => teamStatus(one, live.get(one.team)))).toEqual(["en_route", "on_patrol", "off_duty"]);
    expect(tally(board)).toEqual({ open: 1, waiting: 1, free: 1, busy: 1, off: 1 });
  });

  it("an older fix never replaces a newer one, nor a home a fix", () => {
    let places: Places = withFixes(new Map(), [fix(1_000, { source: "home" })], 0);
    places = withFixes(places, [fix(5_000, { lon: 121 })], 10);
    expect(withFixes(places, [fix(4_000), fix(9_000, { source: "home" })], 20)).toBe(places);
    expect(placeOf(team("A"), places)).toMatchObject({ lon: 121, source: "fix" });
    expect(placeOf(team("Z"), places)).toMatchObject({ source: "home", lon: 120 });
  });

  it("a fix is as old as the older of two clocks says, and a home has no age", () => {
    const place = placeOf(team("A"), withFixes(new Map(), [fix(90_000)], 1_000));
    expect(ageOf(place, 50_000, 41_000)).toBe(40_000);
    expect(ageOf(place, 130_000, 2_000)).toBe(40_000);
    expect(ageOf(placeOf(team("Z"), new Map()), 1, 1)).toBeNull();
    expect([isStale(30_000), isStale(30_001), isStale(null)]).toEqual([false, true, false]);
  });

  it("ages from the API become times of the service", () => {
    const view = { team: "A", name: "", name_en: "", unit: "village", profile: "car", duty: "on_patrol", order: null, incident: null, position: { lon: 1, lat: 2 }, source: "fix", fix_age_ms: 400, connected: true, vehicle: "car", staff: 2, shift: null, task: null, post: null, post_name: "" } as const;
    expect(fixesOf([{ ...view, skills: [] }], 1_000)[0]).toMatchObject({ at_ms: 600, lon: 1, lat: 2 });
  });
});

describe("time and motion", () => {
  it("the clock learns from a welcome, and from an event that would lie ahead", () => {
    const clock = learnNow(10_000, 1_000);
    expect(serverNow(clock, 2_000)).toBe(11_000);
    expect(learnPast(clock, 10_500, 2_000)).toBe(clock);
    expect(serverNow(learnPast(clock, 12_000, 2_000), 2_000)).toBe(12_000);
  });

  it("a glide goes from where the team is drawn to its fix, and never beyond", () => {
    const still = glideTo(undefined, [0, 0], 0);
    expect([positionAt(still, 5), isMoving(still, 5)]).toEqual([[0, 0], false]);
    const moving = glideTo(still, [0.01, 0], 1_000);
    expect(positionAt(moving, 1_500)).toEqual([0.005, 0]);
    expect(positionAt(moving, 99_000)).toEqual([0.01, 0]);
    expect(glideTo(moving, [0.01, 0], 1_200)).toBe(moving);
    expect(glideTo(moving, [1, 1], 1_500).from).toEqual([1, 1]);
  });
});
