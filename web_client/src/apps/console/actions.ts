/** From a command that was read to what is asked of the service, and to words for people. */
import { fill, type Dictionary } from "../../i18n";
import { timeOfDay } from "../../i18n/format";
import { serverNow, type ServerClock } from "../../model/clock";
import type { Command } from "../../model/command";
import { api, orders } from "../../wire/api";
import type { Done } from "../../wire/types.gen";
import { nameOf, teamName } from "../shared/names";
import type { ConsoleState } from "../shared/store";

/** Ask the service; null where the command is about this screen alone. */
export function request(command: Command, key: string, t: Dictionary): Promise<Done> | null {
  switch (command.verb) {
    case "send":
      return orders.send(command.incident.incident, key, command.team.team, command.reason || t.sentByHand, null);
    case "confirm":
      return orders.confirm(command.incident.incident, key, command.incident.recommended.map((pick) => pick.team));
    case "close":
      return api.close(command.incident.incident, { key, outcome: command.text });
    case "note":
      return orders.note(command.incident.incident, key, command.text.slice(0, 300));
    case "reopen":
      return orders.reopen(command.incident.incident, key);
    case "wave":
      return orders.wave(command.incident.incident, key);
    case "unmerge":
      return orders.unmerge(command.incident.incident, key);
    case "merge":
      return orders.merge(command.incident.incident, key, command.into.incident);
    case "recall":
      return orders.recall(command.order.order, key, command.reason || t.desk.orderActions.noReason);
    case "undo":
      return orders.undo(command.order.order, key);
    case "help":
      return orders.help(command.order.order, key, command.text);
    case "duty_on":
    case "duty_off":
      return orders.duty(command.team.team, key, command.verb === "duty_on");
    case "patrol":
      return orders.standby(command.team.team, key, null);
    default:
      return null;
  }
}

/** What a command will do, in words. */
export function sentence(command: Command, state: ConsoleState, t: Dictionary, english: boolean): string {
  const words = t.desk.does;
  const team = (id: string): string => teamName(state.board, id, english);
  switch (command.verb) {
    case "send":
      return fill(words.send, { team: nameOf(command.team, english), incident: command.incident.incident });
    case "confirm":
      return fill(words.confirm, { incident: command.incident.incident, team: command.incident.recommended.map((pick) => team(pick.team)).join(" ") });
    case "note":
      return fill(words.note, { incident: command.incident.incident, text: command.text });
    case "merge":
      return fill(words.merge, { incident: command.incident.incident, into: command.into.incident });
    case "close":
    case "reopen":
    case "wave":
    case "unmerge":
      return fill(words[command.verb], { incident: command.incident.incident });
    case "recall":
    case "undo":
    case "help":
      return fill(words[command.verb], { team: team(command.order.team), order: command.order.order });
    case "duty_on":
    case "duty_off":
    case "patrol":
      return fill(words[command.verb], { team: nameOf(command.team, english) });
    case "go":
      return fill(words.go, { place: placeWords(command, t, english) });
    case "past":
      return fill(words.past, { time: momentWords(command, state.clock) });
    case "now":
      return words.now;
  }
}

function placeWords(command: Extract<Command, { verb: "go" }>, t: Dictionary, english: boolean): string {
  const { place, incident, team } = command;
  if (place !== null) return english && place.name_en !== "" ? place.name_en : place.name;
  if (incident !== null) return `${incident.incident} ${t.kind[incident.what]}`;
  return team === null ? "" : nameOf(team, english);
}

function momentWords({ at }: Extract<Command, { verb: "past" }>, clock: ServerClock): string {
  const now_ms = serverNow(clock, Date.now());
  if ("seq" in at) return `#${at.seq}`;
  if ("back_ms" in at) return timeOfDay(now_ms - at.back_ms);
  return timeOfDay(momentOf(at, now_ms));
}

/** The latest time of day `minutes_of_day` that is not after `now_ms`, by this machine's zone. */
export function momentOf(at: { readonly minutes_of_day: number; readonly seconds: number }, now_ms: number): number {
  const day = new Date(now_ms);
  day.setHours(Math.floor(at.minutes_of_day / 60), at.minutes_of_day % 60, at.seconds, 999);
  return day.getTime() <= now_ms ? day.getTime() : day.getTime() - 86_400_000;
}
