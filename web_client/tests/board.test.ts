import { describe, expect, it } from "vitest";
import { boardOf, EMPTY_BOARD, fold, MOST_CLOSED, type Board } from "../src/model/board";
import { ordersOf } from "../src/model/derive";
import type { EventFrame } from "../src/wire/types.gen";
import { choice, frame, incident, order, snapshotOf, team } from "./frames";

type Body = EventFrame["event"];
const HOME = { lon: 120, lat: 28 };
const PLAIN = { skills: [], vehicle: "car", staff: 2, shift: null };
const reported: Body = {
  kind: "incident_reported", incident: "I", what: "fire", urgency: "urgent", where: HOME, tier: "T2", target_ms: 180_000, place: "小学", road: "", off_road_m: 4, note: "", source: "console", similar: [], late_at_ms: null,
};
const offered = (id: string, to: string, attempt = 1): Body => ({
  kind: "order_offered", order: id, incident: "I", team: to, wave: "W1", attempt, eta_ms: 60_000, road_m: 700, deadline_ms: 99_000, where: HOME, what: "fire", urgency: "urgent", place: "小学", road: "", note: "", choice: choice(), by: "desk", replaces: null,
});
const STORY: readonly Body[] = [
  { kind: "team_registered", team: "A", name: "A队", name_en: "", unit: "village", profile: "car", home: HOME, ...PLAIN },
  { kind: "team_registered", team: "B", name: "B队", name_en: "", unit: "dedicated", profile: "car", home: HOME, ...PLAIN },
  { kind: "duty_started", team: "A" },
  reported,
  offered("O1", "A"),
  { kind: "order_stored", order: "O1", team: "A", device: "d" },
  { kind: "order_expired", order: "O1", team: "A" },
  { kind: "incident_waiting", incident: "I", reason: "all_off_duty", excluded: [], retry_at_ms: 90_000, short: [] },
  { kind: "duty_started", team: "B" },
  offered("O2", "B", 2),
  { kind: "order_stored", order: "O2", team: "B", device: "d" },
  { kind: "order_shown", order: "O2", team: "B", device: "d" },
  { kind: "order_accepted", order: "O2", team: "B", occurred_at_ms: 1 },
  { kind: "order_departed", order: "O2", team: "B", occurred_at_ms: 1 },
  { kind: "order_arrived", order: "O2", team: "B", occurred_at_ms: 1 },
  { kind: "order_reported_back", order: "O2", team: "B", occurred_at_ms: 1, note: "调解成功" },
  { kind: "order_closed", order: "O2", team: "B", occurred_at_ms: 1 },
  { kind: "incident_closed", incident: "I", outcome: "完" },
];

const after = (count: number, from: Board = EMPTY_BOARD): Board =>
  STORY.slice(from.seq, count).reduce((board, event, index) => fold(board, frame(from.seq + index + 1, event)), from);
const snapshot = (board: Board) =>
  snapshotOf({ seq: board.seq, teams: [...board.teams.values()], incidents: [...board.incidents.values()], orders: [...board.orders.values()] });

describe("the fold", () => {
  it("walks one incident from the report to its end", () => {
    const board = after(STORY.length);
    expect(board.orders.get("O1")).toMatchObject({ status: "expired", stored_at_ms: 6_000, shown_at_ms: null, ended_at_ms: 7_000 });
    expect(board.orders.get("O2")).toMatchObject({
      status: "closed", attempt: 2, offered_seq: 10, offered_at_ms: 10_000, stored_at_ms: 11_000, shown_at_ms: 12_000, accepted_at_ms: 13_000,
      departed_at_ms: 14_000, arrived_at_ms: 15_000, reported_back_at_ms: 16_000, report: "调解成功", ended_at_ms: 17_000,
    });
    expect(board.incidents.get("I")).toMatchObject({ status: "closed", orders: ["O1", "O2"], closed_at_ms: 18_000, outcome: "完", waiting_reason: null });
    expect(board.teams.get("B")).toMatchObject({ duty: "on_patrol", unit: "dedicated" });
  });

  it("asks again at once for a waiting incident when a team becomes free", () => {
    expect(after(8).incidents.get("I")).toMatchObject({ waiting_reason: "all_off_duty", retry_at_ms: 90_000, round_from_order: 1 });
    expect(after(9).incidents.get("I")).toMatchObject({ waiting_reason: "all_off_duty", retry_at_ms: 9_000 });
    expect(after(10).incidents.get("I")).toMatchObject({ waiting_reason: null, retry_at_ms: null });
  });

  it("keeps the law: a stale snapshot and the frames after it equal a fresh one, wherever it was taken", () => {
    const fresh = after(STORY.length);
    for (let cut = 0; cut <= STORY.length; cut += 1) {
      expect(after(STORY.length, boardOf(snapshot(after(cut))))).toEqual(fresh);
    }
  });

  it("changes nothing it was given", () => {
    const board = after(9);
    const before = structuredClone(snapshot(board));
    fold(board, frame(10, offered("O2", "B", 2)));
    expect(snapshot(board)).toEqual(before);
  });

  it("passes over an event that was folded before", () => {
    const board = after(12);
    expect(fold(board, frame(5, offered("O1", "A")))).toBe(board);
  });

  it("moves only its seq for an order or incident that the snapshot left out", () => {
    const board = boardOf(snapshotOf({ seq: 40, teams: [team("A")] }));
    const next = fold(board, frame(41, { kind: "order_closed", order: "O9", team: "A", occurred_at_ms: 1 }));
    expect(next).toEqual({ ...board, seq: 41 });
  });

  it("passes over a fact that it does not know, and keeps its place", () => {
    const board = after(9);
    const later = { kind: "from_a_later_server", incident: "I", team: "A" } as unknown as Body;
    expect(fold(board, frame(10, later))).toEqual({ ...board, seq: 10 });
  });

  it("counts the orders of a merged incident with those of the one it was merged into", () => {
    const orders = [order("P", { incident: "C" }), order("Q", { incident: "I", team: "B", offered_seq: 2 })];
    const board = boardOf(snapshotOf({ seq: 1, incidents: [incident("I", { orders: ["Q"] }), incident("C", { orders: ["P"] })], orders }));
    const merged = fold(board, frame(2, { kind: "incident_merged", incident: "C", into: "I" }));
    const of = (from: Board) => ordersOf(from, from.incidents.get("I")!).map((one) => one.order);
    expect([of(board), of(merged)]).toEqual([["Q"], ["Q", "P"]]);
    expect(of(fold(merged, frame(3, { kind: "incident_unmerged", incident: "C" })))).toEqual(["Q"]);
  });

  it("does not move an order backwards", () => {
    const board = boardOf(snapshotOf({ seq: 1, orders: [order("O", { status: "on_scene" })] }));
    const next = fold(board, frame(2, { kind: "order_accepted", order: "O", team: "A", occurred_at_ms: 1 }));
    expect(next.orders.get("O")).toBe(board.orders.get("O"));
  });

  it("keeps so many closed incidents and no more", () => {
    const closed = Array.from({ length: MOST_CLOSED }, (_, index) => incident(`C${index}`, { status: "closed", closed_at_ms: index, orders: [`P${index}`] }));
    const orders = closed.map((one, index) => order(`P${index}`, { incident: one.incident, status: "closed" }));
    const board = boardOf(snapshotOf({ seq: 1, incidents: [...closed, incident("I")], orders }));
    const next = fold(board, frame(2, { kind: "incident_closed", incident: "I", outcome: "" }, 99_000));
    expect(next.incidents.size).toBe(MOST_CLOSED);
    expect([next.incidents.has("C0"), next.orders.has("P0"), next.incidents.has("I")]).toEqual([false, false, true]);
  });
});
