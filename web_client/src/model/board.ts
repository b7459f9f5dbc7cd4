/**
 * The board is a fold: snapshot, then events. It mirrors `DeskState.apply` of dispatch/domain/state.py, and keeps the
 * law that a stale snapshot plus the frames after it equals a fresh snapshot.
 *
 * A snapshot leaves out old closed incidents, so an event about an order or incident that is not on the board moves
 * `seq` and nothing else.
 */
import type { EventFrame, Order, OrderTrigger, Snapshot } from "../wire/types.gen";
import { NOT_WAITING, changeIncident, newIncident } from "./incidents";
import { isLive, nextOrderStatus } from "./machines";
import { askWaitingAgain, patchIncident, patchOrder, withIncident, withTeam, type Board, type Body } from "./patch";
import { changeTeam } from "./teams";

export { MOST_CLOSED } from "./incidents";
export type { Board } from "./patch";

/** The board before anything was heard. */
export const EMPTY_BOARD: Board = { seq: 0, teams: new Map(), incidents: new Map(), orders: new Map() };

type Moved = Extract<Body, { kind: "order_accepted" | "order_departed" | "order_arrived" | "order_reported_back" | "order_closed" | "order_declined" | "order_expired" | "order_recalled" }>;

/** Which trigger of the order table each fact about an order is. */
export const TRIGGER_OF: Readonly<Record<Moved["kind"], OrderTrigger>> = {
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
    case "team_registered":
    case "duty_started":
    case "duty_ended":
    case "standby_taken":
    case "patrol_resumed":
    case "task_planned":
    case "task_started":
    case "task_ended":
      return changeTeam(board, event, frame.at_ms);
    case "incident_reported":
      return withIncident(board, newIncident(event, frame.at_ms));
    case "incident_waiting":
    case "waiting_ended":
    case "teams_recommended":
    case "incident_closed":
    case "incident_reopened":
    case "incident_merged":
    case "incident_unmerged":
    case "note_added":
    case "wave_opened":
      return changeIncident(board, event, frame.at_ms);
    case "order_offered":
      return offer(board, frame, event);
    case "order_stored":
      return patchOrder(board, event.order, (order) => ({ ...order, stored_at_ms: frame.at_ms }));
    case "order_shown":
      return patchOrder(board, event.order, (order) => ({ ...order, shown_at_ms: frame.at_ms }));
    case "help_asked":
      return patchOrder(board, event.order, (order) => ({ ...order, help_asked_at_ms: frame.at_ms }));
    case "order_accepted":
    case "order_departed":
    case "order_arrived":
    case "order_reported_back":
    case "order_closed":
    case "order_declined":
    case "order_expired":
    case "order_recalled":
      return moveOrder(board, event, frame.at_ms);
    default:
      return board; // for the record alone, or of a later server
  }
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
    by: event.by,
    replaces: event.replaces,
    help_asked_at_ms: null,
    end_reason: null,
  };
  const known = { ...board, orders: new Map(board.orders).set(order, made) };
  return patchIncident(known, incident, (before) => ({
    ...before,
    orders: [...before.orders, order],
    ...NOT_WAITING,
  }));
}

function moveOrder(board: Board, event: Moved, at_ms: number): Board {
  const order = board.orders.get(event.order);
  const status = order && nextOrderStatus(order.status, TRIGGER_OF[event.kind]);
  if (order === undefined || status === null || status === undefined) return board;
  const moved: Order = { ...order, ...clockOf(event, at_ms), status };
  if (event.kind === "order_reported_back") moved.report = event.note;
  if (event.kind === "order_recalled") moved.end_reason = event.reason;
  const team = event.kind === "order_accepted" ? board.teams.get(order.team) : undefined;
  const next = team === undefined ? board : withTeam(board, { ...team, last_accepted_at_ms: at_ms });
  if (isLive(status)) return { ...next, orders: new Map(board.orders).set(order.order, moved) };
  moved.ended_at_ms = at_ms;
  return askWaitingAgain({ ...next, orders: new Map(board.orders).set(order.order, moved) }, at_ms);
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
