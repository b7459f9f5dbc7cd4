/**
 * The tablet's end of `patrol.v1` without any I/O: `step(tablet, input) → [tablet, outputs]`, the same promises as
 * dispatch/wire/tablet_session.py (tests/golden/tablet_transcript.json holds the two together).
 *
 * An order is drawn only after it is stored, `stored` is said only after the store's commit, and a command keeps the
 * key it was given when the button was pressed until its result has come. The shell finishes the outputs of one input,
 * and gives `committed` for each commit, before the next input.
 */
import type {
  ClientFrame,
  CommandFrame,
  EventFrame,
  HelpFrame,
  Incident,
  IncidentKind,
  Order,
  OrderStatus,
  OrderTrigger,
  Point,
  Result,
  ServerFrame,
  Snapshot,
  Team,
  Urgency,
  Wave,
  Welcome,
} from "../wire/types.gen";
import { TRIGGER_OF } from "./board";
import { isLive, nextOrderStatus } from "./machines";
import { changeTeam, type TeamFact } from "./teams";

export const MAX_OUTBOX = 64;
export const MAX_PARTS = 64;

/** Refusals that are no verdict: the same key is said again. The golden transcript names them. */
export const UNSETTLED: ReadonlySet<string> = new Set(["defect", "going_down", "log_away", "outcome_unknown", "overloaded", "storage_full"]);

/** The live order as the tablet knows it; the fields after `status` are for the crew's eyes. */
export interface TabletOrder {
  readonly order: string;
  readonly incident: string;
  readonly where: Point;
  readonly eta_ms: number;
  readonly deadline_ms: number;
  readonly status: OrderStatus;
  readonly offered_at_ms: number;
  readonly what: IncidentKind;
  readonly urgency: Urgency;
  readonly wave: Wave;
  readonly place: string;
  readonly road: string;
  readonly road_m: number;
  readonly note: string;
  readonly help_asked: boolean;
  /** That of the log in which it was seen. */
  readonly epoch: string | null;
}

/** A command that waits for its result. */
export type Waiting = CommandFrame | HelpFrame;

/** All that a tablet must keep over a crash; `live` and `parts` mean nothing after one. */
export interface Tablet {
  readonly team: string;
  readonly device: string;
  readonly epoch: string | null;
  readonly seq: number;
  readonly order: TabletOrder | null;
  /** Unanswered commands by key, in the order in which they were pressed. */
  readonly outbox: ReadonlyMap<string, Waiting>;
  readonly live: boolean;
  readonly shown: ReadonlySet<string>;
  readonly parts: readonly Snapshot[];
  /** The team itself, with its duty, task and post; null until it was heard of. */
  readonly own: Team | null;
  /** The log was restored: commands wait for the snapshot, which tells whether their order is still that one. */
  readonly restored: boolean;
}

/** What happens to the tablet. */
export type Input =
  | { readonly kind: "connected"; readonly ticket: string | null }
  | { readonly kind: "lost" }
  | { readonly kind: "received"; readonly text: string }
  | { readonly kind: "committed"; readonly seq: number }
  | { readonly kind: "drawn"; readonly order: string }
  | { readonly kind: "press"; readonly key: string; readonly verb: OrderTrigger; readonly note: string }
  | { readonly kind: "callhelp"; readonly key: string; readonly note: string }
  | { readonly kind: "again" };

/** What the shell must do, in this order. */
export type Output =
  | { readonly kind: "send"; readonly frame: ClientFrame }
  | { readonly kind: "commit"; readonly seq: number }
  | { readonly kind: "draw"; readonly order: TabletOrder }
  | { readonly kind: "withdrawn"; readonly order: string; readonly status: OrderStatus }
  | { readonly kind: "hang"; readonly reason: string; readonly reconnect: boolean };

type Step = [Tablet, Output[]];

/** A tablet that has heard nothing yet. */
export function newTablet(team: string, device: string): Tablet {
  return { team, device, epoch: null, seq: 0, order: null, outbox: new Map(), live: false, shown: new Set(), parts: [], own: null, restored: false };
}

/** One input in, the next state and what is to be done out; pure. */
export function step(tablet: Tablet, given: Input, now_ms: number): Step {
  switch (given.kind) {
    case "connected": {
      const { device, team, epoch, seq } = tablet;
      return [{ ...tablet, live: false, parts: [] }, [send({ type: "hello", role: "tablet", device, team, epoch, seq, ticket: given.ticket })]];
    }
    case "lost":
      return [{ ...tablet, live: false, parts: [] }, []];
    case "received":
      return received(tablet, given.text);
    case "committed":
      return committed(tablet, given.seq);
    case "drawn":
      return [{ ...tablet, shown: new Set([given.order]) }, tablet.live ? [send({ type: "shown", order: given.order })] : []];
    case "again":
      return [tablet, tablet.live && !tablet.restored ? unanswered(tablet) : []];
    case "press":
    case "callhelp":
      return press(tablet, given, now_ms);
  }
}

function send(frame: ClientFrame): Output {
  return { kind: "send", frame };
}

function unanswered(tablet: Tablet): Output[] {
  return [...tablet.outbox.values()].map(send);
}

function hang(tablet: Tablet, reason: string, reconnect = true): Step {
  return [tablet, [{ kind: "hang", reason, reconnect }]];
}

function received(tablet: Tablet, text: string): Step {
  let frame: ServerFrame;
  try {
    frame = JSON.parse(text) as ServerFrame;
  } catch {
    return hang(tablet, "a frame that this tablet does not know: not JSON");
  }
  switch (frame?.type) {
    case "welcome":
      return welcomed(tablet, frame);
    case "snapshot":
      return loaded(tablet, frame);
    case "event":
      if (frame.after !== tablet.seq) return hang(tablet, `gap: frame ${frame.seq} follows ${frame.after}, the tablet has ${tablet.seq}`);
      return happened({ ...tablet, seq: frame.seq }, frame);
    case "result":
      return answered(tablet, frame);
    case "ping":
      return [tablet, [send({ type: "pong", at_ms: frame.at_ms })]];
    case "bye":
      return hang({ ...tablet, live: false }, frame.message, frame.reconnect);
    case "pong":
    case "peer":
      return [tablet, []];
    default:
      return hang(tablet, "a frame that this tablet does not know");
  }
}

function answered(tablet: Tablet, result: Result): Step {
  if (!tablet.outbox.has(result.key) || (result.code !== null && UNSETTLED.has(result.code))) return [tablet, []];
  const outbox = new Map(tablet.outbox);
  outbox.delete(result.key);
  return [{ ...tablet, outbox }, [{ kind: "commit", seq: tablet.seq }]];
}

function welcomed(before: Tablet, welcome: Welcome): Step {
  const restored = before.restored || (before.epoch !== null && before.epoch !== welcome.epoch);
  const tablet = { ...before, live: true, epoch: welcome.epoch, restored };
  const outputs = restored ? [] : unanswered(tablet);
  // what was held means nothing now: until the snapshot is whole there is nothing to resume from
  if (!welcome.resume) return [{ ...tablet, seq: 0 }, outputs];
  if (tablet.seq > 0) outputs.unshift(send({ type: "stored", seq: tablet.seq }));
  if (tablet.order?.status === "offered") outputs.push({ kind: "draw", order: tablet.order });
  return [tablet, outputs];
}

function loaded(before: Tablet, frame: Snapshot): Step {
  const parts = [...before.parts, frame];
  if (frame.part !== parts.length || frame.parts > MAX_PARTS) {
    return hang({ ...before, parts: [] }, `part ${frame.part} of a snapshot came after ${parts.length - 1}`);
  }
  if (frame.part < frame.parts) return [{ ...before, parts }, []];
  const own = parts.flatMap((part) => part.teams).find((team) => team.team === before.team) ?? before.own;
  const order = parts.flatMap((part) => part.orders).find((one) => one.team === before.team);
  const incident = parts.flatMap((part) => part.incidents).find((one) => one.incident === order?.incident);
  const [tablet, again] = afterRestore({ ...before, seq: frame.seq, parts: [], own }, order);
  const outputs: Output[] = [{ kind: "commit", seq: frame.seq }, ...again];
  if (order === undefined || incident === undefined) return [{ ...tablet, order: null }, outputs];
  const shown = order.shown_at_ms === null ? new Set<string>() : tablet.shown; // the desk was not told: draw it again
  return [{ ...tablet, order: known(order, incident, tablet.epoch), shown }, outputs];
}

/**
 * The outbox under a restored log: answers to an order that is still the same one are of this epoch now. An id says
 * nothing, for the log counts anew; the same incident and deadline do. The desk refuses the rest.
 */
function afterRestore(tablet: Tablet, order: Order | undefined): Step {
  if (!tablet.restored) return [tablet, []];
  const held = tablet.order;
  const same = held?.order === order?.order && held?.incident === order?.incident && held?.deadline_ms === order?.deadline_ms;
  const outbox = new Map<string, Waiting>();
  for (const [key, command] of tablet.outbox) {
    outbox.set(key, same && command.order === held?.order ? { ...command, epoch: tablet.epoch } : command);
  }
  const next = { ...tablet, outbox, restored: false };
  return [next, unanswered(next)];
}

function known(order: Order, incident: Incident, epoch: string | null): TabletOrder {
  return {
    order: order.order,
    incident: order.incident,
    where: incident.where,
    eta_ms: order.eta_ms,
    deadline_ms: order.deadline_ms,
    status: order.status,
    offered_at_ms: order.offered_at_ms,
    what: incident.what,
    urgency: incident.urgency,
    wave: order.wave,
    place: incident.place,
    road: incident.road,
    road_m: order.road_m,
    note: incident.note,
    help_asked: order.help_asked_at_ms !== null,
    epoch,
  };
}

const TEAM_FACTS: ReadonlySet<string> = new Set([
  "team_registered", "duty_started", "duty_ended", "standby_taken", "patrol_resumed", "task_planned", "task_started", "task_ended",
]);

function happened(tablet: Tablet, frame: EventFrame): Step {
  const { event, at_ms } = frame;
  const commit: Output = { kind: "commit", seq: tablet.seq };
  if (event.kind === "order_offered") {
    const { order, incident, where, eta_ms, deadline_ms, what, urgency, wave, place, road, road_m, note } = event;
    const made: TabletOrder = { order, incident, where, eta_ms, deadline_ms, what, urgency, wave, place, road, road_m, note, status: "offered", offered_at_ms: at_ms, help_asked: false, epoch: tablet.epoch };
    // a new offer was never shown, even where a restored log gives an id a second time
    return [{ ...tablet, order: made, shown: new Set() }, [commit]];
  }
  if (TEAM_FACTS.has(event.kind)) return [{ ...tablet, own: ownAfter(tablet, event as TeamFact, at_ms) }, [commit]];
  const held = tablet.order;
  if (event.kind === "help_asked" && held?.order === event.order) return [{ ...tablet, order: { ...held, help_asked: true } }, [commit]];
  const trigger = event.kind in TRIGGER_OF ? TRIGGER_OF[event.kind as keyof typeof TRIGGER_OF] : undefined;
  if (trigger === undefined || held === null || !("order" in event) || event.order !== held.order) return [tablet, [commit]];
  const status = nextOrderStatus(held.status, trigger);
  if (status === null) return hang({ ...tablet, seq: 0, epoch: null }, `${held.order} is ${held.status} and cannot ${trigger}`); // a fresh snapshot tells
  if (isLive(status)) return [{ ...tablet, order: { ...held, status } }, [commit]];
  return [{ ...tablet, order: null }, [commit, { kind: "withdrawn", order: held.order, status }]];
}

function ownAfter(tablet: Tablet, event: TeamFact, at_ms: number): Team | null {
  const teams = new Map(tablet.own === null ? [] : [[tablet.team, tablet.own]]);
  const board = { seq: 0, teams, incidents: new Map(), orders: new Map() };
  return changeTeam(board, event, at_ms).teams.get(tablet.team) ?? null;
}

function committed(tablet: Tablet, seq: number): Step {
  const outputs: Output[] = tablet.live && seq > 0 ? [send({ type: "stored", seq })] : [];
  if (tablet.order !== null && !tablet.shown.has(tablet.order.order)) outputs.push({ kind: "draw", order: tablet.order });
  return [tablet, outputs];
}

function press(tablet: Tablet, given: Input & { kind: "press" | "callhelp" }, now_ms: number): Step {
  if (tablet.order === null || tablet.outbox.size >= MAX_OUTBOX) return [tablet, []];
  const { key, note } = given;
  const said = { key, order: tablet.order.order, occurred_at_ms: Math.round(now_ms), note, epoch: tablet.order.epoch };
  const command: Waiting = given.kind === "press" ? { type: "command", verb: given.verb, ...said } : { type: "help", ...said };
  const next = { ...tablet, outbox: new Map(tablet.outbox).set(key, command) };
  const commit: Output = { kind: "commit", seq: tablet.seq };
  return [next, tablet.live && !tablet.restored ? [commit, send(command)] : [commit]];
}
