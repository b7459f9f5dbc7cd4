/** Small changes of a board, each of which leaves the board it was given as it was. */
import type { EventFrame, Incident, Order, Team } from "../wire/types.gen";

/** Any fact, as a frame carries it. */
export type Body = EventFrame["event"];

/** All that a console knows of the log, as of event `seq`. */
export interface Board {
  readonly seq: number;
  readonly teams: ReadonlyMap<string, Team>;
  readonly incidents: ReadonlyMap<string, Incident>;
  readonly orders: ReadonlyMap<string, Order>;
}

/** A team has become free: the incidents that wait for one are due now, not at their retry time. */
export function askWaitingAgain(board: Board, at_ms: number): Board {
  let incidents: Map<string, Incident> | null = null;
  for (const incident of board.incidents.values()) {
    if (incident.status !== "open" || incident.retry_at_ms === null) continue;
    incidents ??= new Map(board.incidents);
    incidents.set(incident.incident, { ...incident, retry_at_ms: at_ms });
  }
  return incidents === null ? board : { ...board, incidents };
}

/** With one team changed. */
export function withTeam(board: Board, team: Team): Board {
  return { ...board, teams: new Map(board.teams).set(team.team, team) };
}

/** With one incident changed. */
export function withIncident(board: Board, incident: Incident): Board {
  return { ...board, incidents: new Map(board.incidents).set(incident.incident, incident) };
}

/** With one incident changed, where the board has it. */
export function patchIncident(board: Board, name: string, patch: (incident: Incident) => Incident): Board {
  const incident = board.incidents.get(name);
  return incident === undefined ? board : withIncident(board, patch(incident));
}

/** With one order changed, where the board has it. */
export function patchOrder(board: Board, name: string, patch: (order: Order) => Order): Board {
  const order = board.orders.get(name);
  return order === undefined ? board : { ...board, orders: new Map(board.orders).set(name, patch(order)) };
}

/** With one team changed, where the board has it. */
export function patchTeam(board: Board, name: string, patch: (team: Team) => Team): Board {
  const team = board.teams.get(name);
  return team === undefined ? board : withTeam(board, patch(team));
}
