/** Where teams are: the latest fix of each, by the law that a newer one wins; and how old it is, never younger than it is. */
import type { Fix, FixSource, Team, TeamView } from "../wire/types.gen";

/** From here on a tablet's battery is low. */
export const LOW_BATTERY_PCT = 20;

/** A fix older than this is drawn hollow and called stale. */
export const STALE_AFTER_MS = 30_000;

/** The latest position of a team; `at_ms` by the service's clock, `heard_ms` by this machine's. */
export interface Place {
  readonly team: string;
  readonly lon: number;
  readonly lat: number;
  readonly at_ms: number;
  readonly heard_ms: number;
  readonly speed_m_s: number;
  readonly source: FixSource;
  /** What is left in the tablet's battery, as it last said; null where it never did. */
  readonly battery_pct: number | null;
}

/** The latest position of every team that has one. */
export type Places = ReadonlyMap<string, Place>;

/** Take fixes in; an older fix than the one held changes nothing. */
export function withFixes(places: Places, fixes: readonly Fix[], heard_ms: number): Places {
  let next: Map<string, Place> | null = null;
  for (const fix of fixes) {
    const held = (next ?? places).get(fix.team);
    if (held !== undefined && held.source === "fix" && (fix.source === "home" || fix.at_ms <= held.at_ms)) continue;
    next ??= new Map(places);
    const { team, lon, lat, at_ms, speed_m_s, source } = fix;
    next.set(team, { team, lon, lat, at_ms, heard_ms, speed_m_s, source, battery_pct: fix.battery_pct ?? held?.battery_pct ?? null });
  }
  return next ?? places;
}

/** The fixes of a board that was asked for over HTTP, which tells ages and not times. */
export function fixesOf(views: readonly TeamView[], server_now_ms: number): Fix[] {
  return views.map((view) => ({
    team: view.team,
    lon: view.position.lon,
    lat: view.position.lat,
    at_ms: Math.max(0, Math.round(server_now_ms - (view.fix_age_ms ?? 0))),
    accuracy_m: null,
    speed_m_s: 0,
    source: view.source,
    battery_pct: null,
  }));
}

/** Where a team is drawn: its latest fix, else its home. */
export function placeOf(team: Team, places: Places): Place {
  const home = { team: team.team, ...team.home, at_ms: 0, heard_ms: 0, speed_m_s: 0, source: "home" as const, battery_pct: null };
  return places.get(team.team) ?? home;
}

/** Age of a fix in ms, or null for a home; a tablet whose clock runs ahead cannot make it younger than it was heard. */
export function ageOf(place: Place, server_now_ms: number, local_now_ms: number): number | null {
  if (place.source === "home") return null;
  return Math.max(0, server_now_ms - place.at_ms, local_now_ms - place.heard_ms);
}

/** Whether a fix is too old to be believed. */
export function isStale(age_ms: number | null): boolean {
  return age_ms !== null && age_ms > STALE_AFTER_MS;
}
