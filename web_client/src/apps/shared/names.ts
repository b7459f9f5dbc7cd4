/** Names in the user's language, from what the board holds. */
import type { Board } from "../../model/board";
import { fill, type Dictionary } from "../../i18n";
import type { GroundView, Incident, PlaceView, Team } from "../../wire/types.gen";

/** A team's name; its id where it is unknown. */
export function teamName(board: Board, id: string, english: boolean): string {
  const team = board.teams.get(id);
  return team === undefined ? id : nameOf(team, english);
}

/** A team's name in one language. */
export function nameOf(team: Team, english: boolean): string {
  return english && team.name_en !== "" ? team.name_en : team.name;
}

/** Place and road of an incident, as far as they are known; a place of the ground's list by its English name. */
export function whereOf(t: Dictionary, incident: Incident, places: readonly PlaceView[], english: boolean): string {
  const known = english ? places.find((place) => place.name === incident.place)?.name_en : undefined;
  const parts = [known || incident.place, incident.road].filter((part) => part !== "");
  return parts.length > 0 ? [...new Set(parts)].join(" · ") : t.unnamedRoad;
}

/** The name of a place of the ground's list in one language; the name given where the list has none. */
export function placeName(places: readonly PlaceView[], place: string, name: string, english: boolean): string {
  return (english ? places.find((one) => one.place === place)?.name_en : undefined) || name;
}

/** Whose the map is, in the user's language. */
export function licenceOf(t: Dictionary, ground: GroundView): string {
  if (ground.synthetic) return t.desk.licence.own;
  return /odbl|openstreetmap/i.test(ground.licence) ? t.desk.licence.osm : fill(t.desk.licence.other, { licence: ground.licence });
}

const SHORT = 10;
const LONGEST = 22;

/** Names for the map, as short as they can be while no two teams share one: `1队 塘下村巡防队` → `1队`. */
export function shortNames(teams: Iterable<Team>, english: boolean): ReadonlyMap<string, string> {
  return shortened(new Map([...teams].map((team) => [team.team, nameOf(team, english)])));
}

/** The same of any names by their ids. */
export function shortened(long: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const uses = new Map<string, number>();
  for (const name of long.values()) uses.set(shorten(name), (uses.get(shorten(name)) ?? 0) + 1);
  const named = [...long].map(([team, name]) => [team, clip(uses.get(shorten(name)) === 1 ? shorten(name) : name)] as const);
  const shared = new Map<string, number>();
  for (const [, name] of named) shared.set(name, (shared.get(name) ?? 0) + 1);
  return new Map(named.map(([team, name]) => [team, shared.get(name) === 1 ? name : `${name} ${team}`]));
}

/** The first whole words of a name, up to ten columns; a Chinese character takes two. */
function shorten(name: string): string {
  const [first = name, ...words] = name.split(" ");
  let short = first;
  for (const word of words) {
    if (columns(`${short} ${word}`) > SHORT) break;
    short = `${short} ${word}`;
  }
  return short;
}

function clip(name: string): string {
  let end = name.length;
  while (columns(name.slice(0, end)) > LONGEST) end -= 1;
  return end === name.length ? name : `${name.slice(0, end)}…`;
}

function columns(text: string): number {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 2 : 1), 0);
}
