/** What must be heard: new incidents by urgency, orders that nobody stored or accepted, calls for help. Pure. */
import type { Board } from "./board";
import { panicOf } from "./derive";
import { isLive } from "./machines";
import type { Order, Urgency } from "../wire/types.gen";

/** Not stored by a tablet after this, an order has probably not reached anybody. */
export const STORE_WITHIN_MS = 5_000;
/** Not shown on a tablet after this, nobody can have read it. */
export const SHOW_WITHIN_MS = 10_000;
/** Left to the deadline from here on, silence is red. */
export const NEAR_DEADLINE_MS = 10_000;

/** A tablet on an order that has been away for so long is more than a dead spot: somebody should call its crew. */
export const AWAY_WITHIN_MS = 120_000;

/** Since when tablets have been away, by team and in ms of the service: as long as this page knows it. */
export type Away = ReadonlyMap<string, number>;

/** The tablets that are away now, each since when it was first found so. */
export function stillAway(before: Away, teams: readonly string[], now_ms: number): Away {
  return new Map(teams.map((team) => [team, before.get(team) ?? now_ms]));
}

/** How an order stands whose team says nothing. */
export type Silence = "fine" | "not_stored" | "not_shown" | "not_accepted" | "away";

/** Whether an order is silent at `now_ms` of the service, and since which step. */
export function silenceOf(order: Order, now_ms: number, away: Away): Silence {
  if (order.status !== "offered") return isLive(order.status) && awayFor(order, now_ms, away) > AWAY_WITHIN_MS ? "away" : "fine";
  const waited_ms = now_ms - order.offered_at_ms;
  if (order.deadline_ms - now_ms < NEAR_DEADLINE_MS) return "not_accepted";
  if (order.stored_at_ms === null && order.shown_at_ms === null) return waited_ms > STORE_WITHIN_MS ? "not_stored" : "fine";
  return order.shown_at_ms === null && waited_ms > SHOW_WITHIN_MS ? "not_shown" : "fine";
}

/** For how long an order has been silent, in ms. */
export function silentFor(order: Order, now_ms: number, away: Away): number {
  return order.status === "offered" ? now_ms - order.offered_at_ms : awayFor(order, now_ms, away);
}

function awayFor(order: Order, now_ms: number, away: Away): number {
  return now_ms - (away.get(order.team) ?? now_ms);
}

/** One sound and what it is about; a sound is made once for each `key`. */
export interface Alarm {
  readonly key: string;
  readonly tone: Urgency | "panic" | "silence" | "help" | "expired";
}

const GRAVITY: Readonly<Record<Alarm["tone"], number>> = { panic: 0, help: 1, critical: 2, expired: 3, silence: 4, urgent: 5, routine: 6 };
/** A patrol that itself needs help and has nobody on the way is heard again so often. */
const PANIC_AGAIN_MS = 8_000;
/** What is older than this was heard before this page was opened. */
const NEWS_MS = 60_000;

/** Every alarm that stands at `now_ms` of the service, the gravest first. */
export function alarmsOf(board: Board, now_ms: number, away: Away): Alarm[] {
  const found: Alarm[] = [];
  for (const incident of board.incidents.values()) {
    if (incident.status === "open" && panicOf(incident) !== null && !incident.orders.some((name) => isAnswered(board, name))) {
      const again = Math.max(0, Math.floor((now_ms - incident.reported_at_ms) / PANIC_AGAIN_MS));
      found.push({ key: `panic ${incident.incident} ${again}`, tone: "panic" });
      continue;
    }
    if (incident.status !== "open" || now_ms - incident.reported_at_ms > NEWS_MS) continue;
    found.push({ key: `incident ${incident.incident}`, tone: incident.urgency });
  }
  for (const order of board.orders.values()) {
    if (isLive(order.status) && order.help_asked_at_ms !== null) found.push({ key: `help ${order.order} ${order.help_asked_at_ms}`, tone: "help" });
    if (order.status === "expired" && now_ms - (order.ended_at_ms ?? 0) < NEWS_MS) found.push({ key: `expired ${order.order}`, tone: "expired" });
    const silence = silenceOf(order, now_ms, away);
    if (silence !== "fine") found.push({ key: `silence ${order.order} ${silence}`, tone: "silence" });
  }
  return found.sort((a, b) => GRAVITY[a.tone] - GRAVITY[b.tone]);
}

/** Whether a team has accepted an order and still has it. */
function isAnswered(board: Board, name: string): boolean {
  const order = board.orders.get(name);
  return order !== undefined && isLive(order.status) && order.accepted_at_ms !== null;
}

const MOST_HEARD = 4_000;

/** The alarms that were not heard yet, and all that have been heard with them. */
export function unheard(alarms: readonly Alarm[], heard: ReadonlySet<string>): { fresh: Alarm[]; heard: ReadonlySet<string> } {
  const fresh = alarms.filter((alarm) => !heard.has(alarm.key));
  if (fresh.length === 0) return { fresh, heard };
  const kept = [...heard, ...fresh.map((alarm) => alarm.key)];
  return { fresh, heard: new Set(kept.slice(-MOST_HEARD)) };
}
