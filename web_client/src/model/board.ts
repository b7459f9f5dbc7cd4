/**
 * The board is a fold: snapshot, then events. It mirrors `DeskState.apply` of dispatch/domain/state.py, and keeps the
 * law that a stale snapshot plus the frames after it equals a fresh snapshot.
 *
 * A snapshot leaves out old closed incidents, so an event about an order or incident that is not on the board moves
 * `seq` and nothing else.
 */
import type { EventFrame, Incident, Order, OrderTrigger, Snapshot, Team } from "../wire/types.gen";
import { dutyAfter, isLive, nextOrderStatus } from "./machines";

/** All that a console knows of the log, as of event `seq`. */
export interface Board {
  readonly seq: number;
  readonly teams: ReadonlyMap<string, Team>;
  readonly incidents: ReadonlyMap<string, Incident>;
  readonly orders: ReadonlyMap<string, Order>;
}

/** Closed incidents that stay on the board; the oldest go first. */
export const MOST_CLOSED = 200;

/** The board before anything was heard. */
export const EMPTY_BOARD: Board = { seq: 0, teams: new Map(), incidents: new Map(), orders: new Map() };

type Body = EventFrame["event"];
type Moved = Extract<Body, { kind: "order_accepted" | "order_departed" | "order_arrived" | "order_reported_back" | "order_closed" | "order_declined" | "order_expired" | "order_recalled" }>;

const TRIGGER_OF: Readonly<Record<Moved["kind"], OrderTrigger>> = {
  order_accepted: "accept",
  order_departed: "depart",
  order_arrived: "arrive",
  order_reported_back: "report_back",
  order_closed: "close",
  order_declined: "decline",
  order_expired: "expire",
  order_recalled: "recall",
};

/** The board of a whole snapshot (its parts already joined). */
export function boardOf(snapshot: Snapshot): Board {
  return {
    seq: snapshot.seq,
    teams: new Map(snapshot.teams.map((team) => [team.team, team])),
    incidents: new Map(snapshot.incidents.map((incident) => [incident.incident, incident])),
    orders: new Map(snapshot.orders.map((order) => [order.order, order])),
  };
}

/** Fold one event; the board given is left as it was. */
export function fold(board: Board, frame: EventFrame): Board {
  if (frame.seq <= board.seq) return board;
  return { ...change(board, frame), seq: frame.seq };
}

function change(board: Board, frame: EventFrame): Board {
  const event = frame.event;
  switch (event.kind) {
    case "team_registered": {
      const { team, name, name_en, unit, profile, home } = event;
      return withTeam(board, { team, name, name_en, unit, profile, home, duty: "off_duty" });
    }
    case "duty_started":
    case "duty_ended": {
      const team = board.teams.get(event.team);
      if (team === undefined) return board;
      const moved = withTeam(board, { ...team, duty: dutyAfter(event.kind) });
      return event.kind === "duty_started" ? askWaitingAgain(moved, frame.at_ms) : moved;
    }
    case "incident_reported":
      return withIncident(board, newIncident(event, frame.at_ms));
    case "incident_waiting":
      return patchIncident(board, event.incident, (incident) => ({
        ...incident,
        waiting_reason: event.reason,
        retry_at_ms: event.retry_at_ms,
        round_from_order: incident.orders.length,
      }));
    case "incident_closed":
      return trim(
        patchIncident(board, event.incident, (incident) => ({
          ...incident,
          status: "closed",
          closed_at_ms: frame.at_ms,
          outcome: event.outcome,
          waiting_reason: null,
          retry_at_ms: null,
        })),
      );
    case "order_offered":
      return offer(board, frame, event);
    case "order_stored":
      return patchOrder(board, event.order, (order) => ({ ...order, stored_at_ms: frame.at_ms }));
    case "order_shown":
      return patchOrder(board, event.order, (order) => ({ ...order, shown_at_ms: frame.at_ms }));
    default:
      return moveOrder(board, event, frame.at_ms);
  }
}

function newIncident(event: Extract<Body, { kind: "incident_reported" }>, at_ms: number): Incident {
  const { kind: _kind, ...facts } = event;
  return {
    ...facts,
    reported_at_ms: at_ms,
    status: "open",
    orders: [],
    waiting_reason: null,
    retry_at_ms: null,
    round_from_order: 0,
    closed_at_ms: null,
    outcome: null,
  };
}

function offer(board: Board, frame: EventFrame, event: Extract<Body, { kind: "order_offered" }>): Board {
  const { order, incident, team, wave, attempt, eta_ms, road_m, deadline_ms, choice } = event;
  const made: Order = {
    order,
    incident,
    team,
    wave,
    attempt,
    eta_ms,
    road_m,
    deadline_ms,
    choice,
    offered_seq: frame.seq,
    offered_at_ms: frame.at_ms,
    status: "offered",
    stored_at_ms: null,
    shown_at_ms: null,
    accepted_at_ms: null,
    departed_at_ms: null,
    arrived_at_ms: null,
    reported_back_at_ms: null,
    ended_at_ms: null,
    report: null,
  };
  const known = { ...board, orders: new Map(board.orders).set(order, made) };
  return patchIncident(known, incident, (before) => ({
    ...before,
    orders: [...before.orders, order],
    waiting_reason: null,
    retry_at_ms: null,
  }));
}

function moveOrder(board: Board, event: Moved, at_ms: number): Board {
  const order = board.orders.get(event.order);
  const status = order && nextOrderStatus(order.status, TRIGGER_OF[event.kind]);
  if (order === undefined || status === null || status === undefined) return board;
  const moved: Order = { ...order, ...clockOf(event, at_ms), status };
  if (event.kind === "order_reported_back") moved.report = event.note;
  if (isLive(status)) return { ...board, orders: new Map(board.orders).set(order.order, moved) };
  moved.ended_at_ms = at_ms;
  return askWaitingAgain({ ...board, orders: new Map(board.orders).set(order.order, moved) }, at_ms);
}

function clockOf(event: Moved, at_ms: number): Partial<Order> {
  switch (event.kind) {
    case "order_accepted":
      return { accepted_at_ms: at_ms };
    case "order_departed":
      return { departed_at_ms: at_ms };
    case "order_arrived":
      return { arrived_at_ms: at_ms };
    case "order_reported_back":
      return { reported_back_at_ms: at_ms };
    default:
      return {};
  }
}

/** A team has become free: the incidents that wait for one are due now, not at their retry time. */
function askWaitingAgain(board: Board, at_ms: number): Board {
  let incidents: Map<string, Incident> | null = null;
  for (const incident of board.incidents.values()) {
    if (incident.status !== "open" || incident.waiting_reason === null) continue;
    incidents ??= new Map(board.incidents);
    incidents.set(incident.incident, { ...incident, retry_at_ms: at_ms });
  }
  return incidents === null ? board : { ...board, incidents };
}

function trim(board: Board): Board {
  const closed = [...board.incidents.values()].filter((incident) => incident.status === "closed");
  if (closed.length <= MOST_CLOSED) return board;
  closed.sort((a, b) => (a.closed_at_ms ?? 0) - (b.closed_at_ms ?? 0));
  const incidents = new Map(board.incidents);
  const orders = new Map(board.orders);
  for (const old of closed.slice(0, closed.length - MOST_CLOSED)) {
    if (old.orders.some((name) => isLive(orders.get(name)?.status ?? "closed"))) continue;
    incidents.delete(old.incident);
    for (const name of old.orders) orders.delete(name);
  }
  return { ...board, incidents, orders };
}

function withTeam(board: Board, team: Team): Board {
  return { ...board, teams: new Map(board.teams).set(team.team, team) };
}

function withIncident(board: Board, incident: Incident): Board {
  return { ...board, incidents: new Map(board.incidents).set(incident.incident, incident) };
}

function patchIncident(board: Board, name: string, patch: (incident: Incident) => Incident): Board {
  const incident = board.incidents.get(name);
  return incident === undefined ? board : withIncident(board, patch(incident));
}

function patchOrder(board: Board, name: string, patch: (order: Order) => Order): Board {
  const order = board.orders.get(name);
  return order === undefined ? board : { ...board, orders: new Map(board.orders).set(name, patch(order)) };
}
