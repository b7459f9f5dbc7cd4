/** What is never stored because it follows: a team's status, the chain of an order, clocks against targets, the queue's order. */
import type { Board } from "./board";
import type { Candidate, Duty, Incident, Order, Team, Urgency } from "../wire/types.gen";
import { groupOf } from "./incidents";
import { isLive } from "./machines";

/** What a team is doing, from its duty and its live order. */
export type TeamStatus = Duty | "offered" | "accepted" | "en_route" | "on_scene" | "reported_back";

/** The steps of an order in the order they come. */
export const CHAIN = ["issued", "stored", "shown", "accepted", "departed", "arrived", "reported_back", "closed"] as const;
/** One step of an order. */
export type ChainStep = (typeof CHAIN)[number];

/** One step with its time, whether it is the one being waited for, and whether it was passed over without its own fact. */
export interface ChainLink {
  readonly step: ChainStep;
  readonly at_ms: number | null;
  readonly state: "done" | "next" | "skipped" | "open" | "lost";
}

/** The live order of each team. */
export function liveOrders(board: Board): ReadonlyMap<string, Order> {
  const live = new Map<string, Order>();
  for (const order of board.orders.values()) if (isLive(order.status)) live.set(order.team, order);
  return live;
}

/** A team's status; a live order counts before the duty. */
export function teamStatus(team: Team, order: Order | undefined): TeamStatus {
  if (order === undefined) return team.duty;
  switch (order.status) {
    case "offered":
    case "accepted":
    case "en_route":
    case "on_scene":
    case "reported_back":
      return order.status;
    default:
      return team.duty;
  }
}

/** The chain of an order; a step without a time before a step that has one was skipped, and an ended order has no next. */
export function chainOf(order: Order): ChainLink[] {
  const times: Record<ChainStep, number | null> = {
    issued: order.offered_at_ms,
    stored: order.stored_at_ms,
    shown: order.shown_at_ms,
    accepted: order.accepted_at_ms,
    departed: order.departed_at_ms,
    arrived: order.arrived_at_ms,
    reported_back: order.reported_back_at_ms,
    closed: order.status === "closed" ? order.ended_at_ms : null,
  };
  const last = CHAIN.findLastIndex((step) => times[step] !== null);
  const ended = !isLive(order.status);
  return CHAIN.map((step, index) => {
    const at_ms = times[step];
    if (at_ms !== null) return { step, at_ms, state: "done" };
    if (index < last) return { step, at_ms, state: "skipped" };
    if (ended) return { step, at_ms, state: "lost" };
    return { step, at_ms, state: index === last + 1 ? "next" : "open" };
  });
}

/** The orders of an incident and of those merged into it, newest first. */
export function ordersOf(board: Board, incident: Incident): Order[] {
  const names = [incident, ...groupOf(board, incident.incident).slice(1)].flatMap((one) => one.orders);
  return names.flatMap((name) => board.orders.get(name) ?? []).sort((a, b) => b.offered_seq - a.offered_seq);
}

/** When the first team arrived, or null. */
export function firstArrival_ms(orders: readonly Order[]): number | null {
  const arrivals = orders.flatMap((order) => order.arrived_at_ms ?? []);
  return arrivals.length > 0 ? Math.min(...arrivals) : null;
}

/** The clock of an incident against its target: it runs from the report until somebody arrives or it is closed. */
export interface IncidentClock {
  /** By this machine's clock. */
  readonly elapsed_ms: number;
  /** With driving at its real length; the same as `elapsed_ms` but in a demo, whose cars drive `pace` times as fast. */
  readonly real_ms: number;
  readonly target_ms: number;
  readonly running: boolean;
  /** `missed` once the target is behind; `tight` in its last quarter. */
  readonly verdict: "good" | "tight" | "missed";
}

/** How long it is from the report until `at_ms`, with driving at its real length: what a target is compared with. */
export function realSpan_ms(incident: Incident, orders: readonly Order[], at_ms: number, pace: number): number {
  const drives = orders
    .map((order): [number, number] => {
      const start_ms = order.departed_at_ms ?? (order.arrived_at_ms === null ? null : order.accepted_at_ms) ?? at_ms;
      return [start_ms, Math.min(at_ms, order.arrived_at_ms ?? order.ended_at_ms ?? at_ms)];
    })
    .sort(([a], [b]) => a - b);
  let driven_ms = 0;
  let counted_to_ms = incident.reported_at_ms;
  for (const [start_ms, end_ms] of drives) {
    driven_ms += Math.max(0, end_ms - Math.max(start_ms, counted_to_ms)); // two who drive at once drive through one time
    counted_to_ms = Math.max(counted_to_ms, end_ms);
  }
  return Math.max(0, at_ms - incident.reported_at_ms) + driven_ms * (pace - 1);
}

/** The clock of an incident at `now_ms` of the service. */
export function clockOf(incident: Incident, orders: readonly Order[], now_ms: number, pace: number): IncidentClock {
  const stopped_ms = firstArrival_ms(orders) ?? incident.closed_at_ms;
  const elapsed_ms = Math.max(0, (stopped_ms ?? now_ms) - incident.reported_at_ms);
  const real_ms = realSpan_ms(incident, orders, stopped_ms ?? now_ms, pace);
  const { target_ms } = incident;
  const running = stopped_ms === null;
  const verdict = real_ms > target_ms ? "missed" : running && real_ms > target_ms * 0.75 ? "tight" : "good";
  return { elapsed_ms, real_ms, target_ms, running, verdict };
}

/** How a closed or reached incident did: true in time, false late, null where nobody arrived. */
export function inTime(incident: Incident, orders: readonly Order[], pace: number): boolean | null {
  const arrival_ms = firstArrival_ms(orders);
  return arrival_ms === null ? null : realSpan_ms(incident, orders, arrival_ms, pace) <= incident.target_ms;
}

const WEIGHT: Readonly<Record<Urgency, number>> = { critical: 0, urgent: 1, routine: 2 };

/** How the service names the source of a call for help by a patrol itself (`POST /api/tablet/panic`). */
const PANIC = /^panic (.+)$/;

/** The team that itself needs help, where an incident is such a call; else null. */
export function panicOf(incident: Incident): string | null {
  return PANIC.exec(incident.source)?.[1] ?? null;
}

/** Open incidents: patrols that themselves need help, then by urgency, the oldest first. */
export function openQueue(board: Board): Incident[] {
  return [...board.incidents.values()]
    .filter((incident) => incident.status === "open")
    .sort((a, b) => Number(panicOf(a) === null) - Number(panicOf(b) === null) || WEIGHT[a.urgency] - WEIGHT[b.urgency] || a.reported_at_ms - b.reported_at_ms);
}

/** Closed incidents, the latest first. */
export function closedLately(board: Board, most: number): Incident[] {
  return [...board.incidents.values()]
    .filter((incident) => incident.status === "closed")
    .sort((a, b) => (b.closed_at_ms ?? 0) - (a.closed_at_ms ?? 0))
    .slice(0, most);
}

/** The team that was ranked after the one that was chosen, or null. */
export function runnerUp(order: Order): Candidate | null {
  return order.choice.ranked.find((candidate) => candidate.team !== order.team) ?? null;
}

/** The team a straight line would have sent, where it is another one. */
export function straightLineRival(order: Order): { team: string; loss_ms: number } | null {
  const { straight_line_team: team, straight_line_loss_ms: loss_ms } = order.choice;
  return team === null || team === order.team ? null : { team, loss_ms };
}

/** By how much a team would miss the target, as it was forecast when it was asked; 0 once it is there. */
export function beyond_ms(incident: Incident, orders: readonly Order[], order: Order, pace: number): number {
  if (!isLive(order.status) || order.arrived_at_ms !== null) return 0;
  const asked_ms = realSpan_ms(incident, orders, order.offered_at_ms, pace);
  return Math.max(0, asked_ms + order.eta_ms - incident.target_ms);
}

/** Counts for the head of the panel. */
export interface Tally {
  readonly open: number;
  readonly waiting: number;
  readonly free: number;
  readonly busy: number;
  readonly off: number;
}

/** Whether a team may be sent without taking it from an order; one on a duty task is called off. */
export function isFree(status: TeamStatus): boolean {
  return status === "on_patrol" || status === "standby" || status === "on_task";
}

/** How much is open, and how many teams could be sent. */
export function tally(board: Board): Tally {
  const live = liveOrders(board);
  const counts = { open: 0, waiting: 0, free: 0, busy: 0, off: 0 };
  for (const incident of board.incidents.values()) {
    if (incident.status !== "open") continue;
    counts.open += 1;
    if (incident.waiting_reason !== null) counts.waiting += 1;
  }
  for (const team of board.teams.values()) {
    const status = teamStatus(team, live.get(team.team));
    counts[isFree(status) ? "free" : status === "off_duty" ? "off" : "busy"] += 1;
  }
  return counts;
}
