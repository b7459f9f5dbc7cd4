/** From the store's state to what the map draws; pure. */
import { firstArrival_ms, liveOrders, openQueue, ordersOf, panicOf, teamStatus } from "../../model/derive";
import { ageOf, isStale, placeOf } from "../../model/fixes";
import { serverNow } from "../../model/clock";
import { metres, span } from "../../i18n/format";
import type { Dictionary } from "../../i18n";
import type { IncidentMark } from "../../map/incidents";
import type { OrderLink } from "../../map/orders";
import type { TeamMark } from "../../map/teams";
import type { Team } from "../../wire/types.gen";
import { shortNames } from "./names";
import type { ConsoleState } from "./store";

const named = new WeakMap<ReadonlyMap<string, Team>, Map<boolean, ReadonlyMap<string, string>>>();

/** Short names are worked out once for each roster and language, not once a second. */
function namesOf(teams: ReadonlyMap<string, Team>, english: boolean): ReadonlyMap<string, string> {
  const known = named.get(teams) ?? new Map<boolean, ReadonlyMap<string, string>>();
  named.set(teams, known);
  const names = known.get(english) ?? shortNames(teams.values(), english);
  known.set(english, names);
  return names;
}

/** Every team, with how sure its position is at local time `now_ms`. */
export function teamMarks(state: ConsoleState, now_ms: number, english: boolean, selected: string | null): TeamMark[] {
  const live = liveOrders(state.board);
  const names = namesOf(state.board.teams, english);
  const service_ms = serverNow(state.clock, now_ms);
  return [...state.board.teams.values()].map((team) => {
    const place = placeOf(team, state.fixes);
    const age_ms = ageOf(place, service_ms, now_ms);
    return {
      team: team.team,
      label: names.get(team.team) ?? team.team,
      lon: place.lon,
      lat: place.lat,
      status: teamStatus(team, live.get(team.team)),
      certainty: age_ms === null ? "home" : isStale(age_ms) ? "stale" : "fresh",
      selected: team.team === selected,
    };
  });
}

/** Every open incident. */
export function incidentMarks(state: ConsoleState, t: Dictionary, selected: string | null): IncidentMark[] {
  return openQueue(state.board).map((incident) => ({
    incident: incident.incident,
    mark: t.kindMark[incident.what],
    label: t.kind[incident.what],
    sos: panicOf(incident) !== null,
    lon: incident.where.lon,
    lat: incident.where.lat,
    urgency: incident.urgency,
    attended: firstArrival_ms(ordersOf(state.board, incident)) !== null,
    selected: incident.incident === selected,
  }));
}

/** A line for every live order whose team is not there yet. */
export function orderLinks(state: ConsoleState, t: Dictionary): OrderLink[] {
  return [...liveOrders(state.board).values()].flatMap((order) => {
    const incident = state.board.incidents.get(order.incident);
    if (incident === undefined || order.arrived_at_ms !== null) return [];
    return {
      order: order.order,
      team: order.team,
      label: `${span(t, order.eta_ms)} · ${metres(t, order.road_m)}`,
      answered: order.accepted_at_ms !== null,
      to: [incident.where.lon, incident.where.lat] as const,
    };
  });
}
