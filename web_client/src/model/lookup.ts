/** Finding a team, an incident or a place by what an operator types: a number, a name, a part of it. Pure. */
import type { Incident, PlaceView, Team } from "../wire/types.gen";

/** What was found: one, several that fit equally well, or none. */
export type Found<One> = { readonly kind: "one"; readonly one: One } | { readonly kind: "many"; readonly many: readonly One[] } | { readonly kind: "none" };

const NONE = { kind: "none" } as const;
const MOST = 8;

/** Full width becomes half width, capitals small, blanks single. */
export function plain(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** The first rule that anything fits decides; two that fit it are a question, not a guess. */
function firstRule<One>(all: readonly One[], rules: readonly ((one: One) => boolean)[]): Found<One> {
  for (const rule of rules) {
    const found = all.filter(rule);
    const [only] = found;
    if (only !== undefined && found.length === 1) return { kind: "one", one: only };
    if (found.length > 1) return { kind: "many", many: found.slice(0, MOST) };
  }
  return NONE;
}

/** A team by id, by its number (`3` or `3队` is the team whose name begins with it), by name or a part of it. */
export function findTeam(teams: readonly Team[], wish: string): Found<Team> {
  const sought = plain(wish);
  if (sought === "") return NONE;
  const number = /^(?:team )?(\d{1,4})(?:队|号|号队)?$/.exec(sought)?.[1];
  const numbered = number === undefined ? null : new RegExp(`(^|\\D)0*${Number(number)}(?!\\d)`);
  const names = (team: Team): string[] => [plain(team.name), plain(team.name_en)];
  return firstRule(teams, [
    (team) => plain(team.team) === sought,
    (team) => names(team).includes(sought),
    (team) => numbered !== null && names(team).some((name) => new RegExp(`^(team )?0*${Number(number)}(?!\\d)`).test(name)),
    (team) => number === undefined && names(team).some((name) => name.startsWith(sought)),
    (team) => number === undefined && names(team).some((name) => name.includes(sought)),
    (team) => numbered !== null && names(team).some((name) => numbered.test(name)),
    (team) => numbered !== null && Number(/\d+$/.exec(team.team)?.[0] ?? NaN) === Number(number),
  ]);
}

/** An incident by id or by the number in it: `12` and `i12` are I0012. */
export function findIncident(incidents: readonly Incident[], wish: string): Found<Incident> {
  const sought = plain(wish).replace(/^#/, "");
  const number = /^i?0*(\d+)$/.exec(sought)?.[1];
  return firstRule(incidents, [
    (one) => one.incident.toLowerCase() === sought,
    (one) => number !== undefined && Number(/\d+$/.exec(one.incident)?.[0] ?? NaN) === Number(number),
  ]);
}

const LETTERS = /^[\x20-\x7e]+$/;

/** A place by its whole name, its beginning, a part; letters begin a word: `gx` are initials, not the middle of Chengxi. */
export function findPlace(places: readonly PlaceView[], wish: string): Found<PlaceView> {
  const sought = plain(wish);
  if (sought === "") return NONE;
  const names = (place: PlaceView): string[] => [plain(place.name), plain(place.name_en)];
  return firstRule(places, [
    (place) => names(place).includes(sought) || plain(place.place) === sought,
    (place) => names(place).some((name) => name.startsWith(sought)),
    (place) => names(place).some((name) => name.includes(LETTERS.test(sought) ? ` ${sought}` : sought)),
  ]);
}
