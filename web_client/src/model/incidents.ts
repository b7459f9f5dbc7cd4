/** What the facts of incidents do to the board. */
import type { Incident, OpenedWave } from "../wire/types.gen";
import { isLive } from "./machines";
import { patchIncident, type Board, type Body } from "./patch";

/** The facts of incidents that the board folds, but for the report that makes one. */
export type IncidentFact = Extract<
  Body,
  {
    kind:
      | "incident_waiting"
      | "waiting_ended"
      | "teams_recommended"
      | "incident_closed"
      | "incident_reopened"
      | "incident_merged"
      | "incident_unmerged"
      | "note_added"
      | "wave_opened";
  }
>;

/** Notes that an incident's record keeps, the latest. */
const MOST_NOTES = 5;

/** Closed incidents that stay on the board; the oldest go first. */
export const MOST_CLOSED = 200;

/** An incident that nobody is wanted for. */
export const NOT_WAITING = { waiting_reason: null, retry_at_ms: null, recommended: [] as Incident["recommended"] };

function firstWave(at_ms: number, reason: string, late_at_ms: number | null): OpenedWave {
  return { wave: "W1", at_ms, reason, late_at_ms };
}

/** The record of an incident that was just reported. */
export function newIncident(event: Extract<Body, { kind: "incident_reported" }>, at_ms: number): Incident {
  const { kind: _kind, late_at_ms, ...facts } = event;
  return {
    ...facts,
    ...NOT_WAITING,
    reported_at_ms: at_ms,
    status: "open",
    orders: [],
    round_from_order: 0,
    closed_at_ms: null,
    outcome: null,
    waves: [firstWave(at_ms, "reported", late_at_ms)],
    since_order: 0,
    merged_into: null,
    merged_at_ms: null,
    merged: [],
    notes: [],
  };
}

const PHOTO = /^photo sha256:([0-9a-f]{64})$/;

/** The digests of the photos that notes tell of: the service notes each one when it is whole. */
export function photosNoted(notes: Incident["notes"]): string[] {
  return notes.flatMap(({ note }) => PHOTO.exec(note)?.[1] ?? []);
}

/** An incident and all that were merged into it, as far as the board has them. */
export function groupOf(board: Board, name: string): Incident[] {
  const found: Incident[] = [];
  const names = [name];
  for (const one of names) {
    const incident = board.incidents.get(one);
    if (incident === undefined) continue;
    found.push(incident);
    names.push(...incident.merged);
  }
  return found;
}

/** Fold one fact of an incident. */
export function changeIncident(board: Board, event: IncidentFact, at_ms: number): Board {
  const patch = (part: (incident: Incident) => Partial<Incident>, name = event.incident, from = board): Board =>
    patchIncident(from, name, (incident) => ({ ...incident, ...part(incident) }));
  switch (event.kind) {
    case "incident_waiting": {
      const round = groupOf(board, event.incident).reduce(
        (next, one) => patch((incident) => ({ round_from_order: incident.orders.length }), one.incident, next),
        board,
      );
      return patch(() => ({ ...NOT_WAITING, waiting_reason: event.reason, retry_at_ms: event.retry_at_ms }), event.incident, round);
    }
    case "waiting_ended":
      return patch(() => NOT_WAITING);
    case "teams_recommended":
      return patch(() => ({ waiting_reason: "unconfirmed", retry_at_ms: event.retry_at_ms, recommended: event.picks }));
    case "incident_closed":
      return trim(patch(() => ({ ...NOT_WAITING, status: "closed", closed_at_ms: at_ms, outcome: event.outcome })));
    case "incident_reopened": {
      const since = groupOf(board, event.incident).reduce(
        (next, { incident: one }) =>
          patch(({ orders }) => ({ since_order: orders.length, round_from_order: orders.length }), one, next),
        board,
      );
      const waves = [firstWave(at_ms, "reopened", event.late_at_ms)];
      return patch(() => ({ status: "open", closed_at_ms: null, outcome: null, waves }), event.incident, since);
    }
    case "incident_merged": {
      const rested = patch(() => ({ ...NOT_WAITING, status: "merged", merged_at_ms: at_ms, merged_into: event.into }));
      return patch((into) => ({ merged: [...into.merged, event.incident] }), event.into, rested);
    }
    case "incident_unmerged": {
      const into = board.incidents.get(event.incident)?.merged_into ?? "";
      const left = patch((root) => ({ merged: root.merged.filter((name) => name !== event.incident) }), into);
      return patch(() => ({ status: "open", merged_into: null, merged_at_ms: null }), event.incident, left);
    }
    case "note_added":
      return patch((incident) => ({ notes: [...incident.notes, { at_ms, note: event.note, source: event.source }].slice(-MOST_NOTES) }));
    case "wave_opened": {
      const { wave, reason, late_at_ms } = event;
      return patch((incident) => ({ waves: [...incident.waves, { wave, at_ms, reason, late_at_ms }] }));
    }
  }
}

/** Lets go of the oldest closed incidents and of what was merged into them. */
function trim(board: Board): Board {
  const closed = [...board.incidents.values()].filter((incident) => incident.status === "closed");
  if (closed.length <= MOST_CLOSED) return board;
  closed.sort((a, b) => (a.closed_at_ms ?? 0) - (b.closed_at_ms ?? 0));
  const incidents = new Map(board.incidents);
  const orders = new Map(board.orders);
  for (const old of closed.slice(0, closed.length - MOST_CLOSED)) {
    if (old.orders.some((name) => isLive(orders.get(name)?.status ?? "closed"))) continue;
    for (const one of groupOf(board, old.incident)) {
      incidents.delete(one.incident);
      for (const name of one.orders) orders.delete(name);
    }
  }
  return { ...board, incidents, orders };
}
