/** Names in the user's language, from what the board holds. */
import type { Board } from "../../model/board";
import type { Dictionary } from "../../i18n";
import type { Incident, Team } from "../../wire/types.gen";

/** A team's name; its id where it is unknown. */
export function teamName(board: Board, id: string, english: boolean): string {
  const team = board.teams.get(id);
  return team === undefined ? id : nameOf(team, english);
}

/** A team's name in one language. */
export function nameOf(team: Team, english: boolean): string {
  return english && team.name_en !== "" ? team.name_en : team.name;
}

/** Place and road of an incident, as far as they are known. */
export function whereOf(t: Dictionary, incident: Incident): string {
  const parts = [incident.place, incident.road].filter((part) => part !== "");
  return parts.length > 0 ? [...new Set(parts)].join(" · ") : t.unnamedRoad;
}
