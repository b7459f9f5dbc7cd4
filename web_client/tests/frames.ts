/** Frames made by hand, for the tests. */
import type { Choice, EventFrame, Incident, Order, Snapshot, Team, Welcome } from "../src/wire/types.gen";

/** A welcome of epoch `e1`. */
export function welcome(part: Partial<Welcome>): Welcome {
  return { type: "welcome", protocol: "patrol.v1", epoch: "e1", head: 0, resume: false, generation: 1, ping_every_s: 10, now_ms: 0, ...part };
}

/** A snapshot, empty where nothing is given. */
export function snapshotOf(part: Partial<Snapshot>): Snapshot {
  return { type: "snapshot", seq: 0, part: 1, parts: 1, teams: [], incidents: [], orders: [], ...part };
}

/** An event frame. */
export function frame(seq: number, event: EventFrame["event"], at_ms = seq * 1000, after = seq - 1): EventFrame {
  return { type: "event", seq, after, at_ms, event };
}

/** A start of duty. */
export function dutyFrame(seq: number, after: number): EventFrame {
  return frame(seq, { kind: "duty_started", team: "A" }, seq * 1000, after);
}

/** A team at home. */
export function team(id: string, part: Partial<Team> = {}): Team {
  return {
    team: id, name: `${id}队`, name_en: `Team ${id}`, unit: "village", profile: "car", home: { lon: 120, lat: 28 }, duty: "on_patrol",
    skills: [], vehicle: "car", staff: 2, shift: null, task: null, post: null, post_name: "", last_accepted_at_ms: null, ...part,
  };
}

/** A choice of one team, with no rival. */
export function choice(part: Partial<Choice> = {}): Choice {
  return { policy: "nearest", ranked: [], excluded: [], margin_ms: null, straight_line_team: null, straight_line_loss_ms: 0, hole: null, ...part };
}

/** An open incident. */
export function incident(id: string, part: Partial<Incident> = {}): Incident {
  return {
    incident: id, what: "fire", urgency: "urgent", where: { lon: 120, lat: 28 }, tier: "T2", target_ms: 180_000, place: "", road: "", off_road_m: 0,
    note: "", source: "console", reported_at_ms: 0, status: "open", orders: [], waiting_reason: null, retry_at_ms: null, round_from_order: 0,
    closed_at_ms: null, outcome: null, similar: [], waves: [{ wave: "W1", at_ms: 0, reason: "reported", late_at_ms: null }], since_order: 0, merged_into: null,
    merged_at_ms: null, merged: [], recommended: [], notes: [], ...part,
  };
}

/** An order that was just offered. */
export function order(id: string, part: Partial<Order> = {}): Order {
  return {
    order: id, incident: "I", team: "A", wave: "W1", attempt: 1, eta_ms: 60_000, road_m: 700, deadline_ms: 31_000, choice: choice(), offered_seq: 1,
    offered_at_ms: 1_000, status: "offered", stored_at_ms: null, shown_at_ms: null, accepted_at_ms: null, departed_at_ms: null, arrived_at_ms: null,
    reported_back_at_ms: null, ended_at_ms: null, report: null, by: "desk", replaces: null, help_asked_at_ms: null, end_reason: null, ...part,
  };
}
