import { fill } from "../../i18n";
import type { Command } from "../../model/command";
import { ordersOf } from "../../model/derive";
import { isLive } from "../../model/machines";
import { api, orders } from "../../wire/api";
import type { Done, Incident, RecommendationView } from "../../wire/types.gen";
import { serverNow } from "../../model/clock";
import { teamName } from "../shared/names";
import type { ConsoleState } from "../shared/store";
import { useUi } from "../shared/ui";
import { momentOf, request, sentence } from "./actions";
import type { MapRef } from "./App";
import type { Advice } from "./useAdvice";
import type { Deeds, Desk } from "./useDesk";
import type { Past } from "./usePast";
import type { Wish } from "./useRun";
import type { Sound } from "./useSounds";

interface Given {
  readonly state: ConsoleState;
  readonly real: ConsoleState;
  readonly desk: Desk;
  readonly advice: Advice;
  readonly past: Past;
  readonly live: boolean;
  readonly map: MapRef;
  readonly sound: Sound;
  run(what: string, wish: Wish): Promise<boolean>;
  say(what: string): void;
}

/** What an operator does, by key, by button or by command, about what is selected. */
export function useDeeds(given: Given): { deeds: Deeds; command(command: Command): void } {
  const { state, real, desk, past, live, sound, run, say } = given;
  const { t, english } = useUi();
  const incident = desk.incident === null ? undefined : state.board.incidents.get(desk.incident);
  const name = (team: string): string => teamName(state.board, team, english);

  const send = (): void => {
    if (!live || incident === undefined) return live ? undefined : say(past.moment === null ? t.noContact : t.desk.bar.blocked);
    if (incident.status !== "open") return say(t.desk.advice.gone);
    const picks = incident.recommended.map((pick) => pick.team);
    if (picks.length > 0) {
      const what = fill(t.desk.does.confirm, { incident: incident.incident, team: picks.map(name).join(" ") });
      return void run(what, (key) => orders.confirm(incident.incident, key, picks));
    }
    return void sendAdvised(given, incident, t.desk.assign.recommended, name, t.desk.does.send, t.desk.advice.none);
  };
  const deeds: Deeds = {
    send,
    wave: () => {
      if (live && incident?.status === "open") void run(fill(t.desk.does.wave, { incident: incident.incident }), (key) => orders.wave(incident.incident, key));
    },
    undo: () => {
      const order = incident && ordersOf(state.board, incident).find((one) => one.by === "operator" || one.status === "recalled" || isLive(one.status));
      if (!live || order === undefined) return;
      void run(fill(t.desk.does.undo, { team: name(order.team), order: order.order }), (key) => orders.undo(order.order, key));
    },
    mute: sound.toggle,
    past: () => (past.moment === null ? past.look({ seq: Math.max(0, real.board.seq - 1) }) : past.leave()),
  };

  const command = (wish: Command): void => {
    if (wish.verb === "now") return past.leave();
    if (wish.verb === "past") return past.look(whenOf(wish, real));
    if (wish.verb === "go") return go(wish, given);
    void run(sentence(wish, real, t, english), (key) => request(wish, key, t) ?? Promise.resolve());
  };
  return { deeds, command };
}

/** Send the teams that the desk would send now; asked anew where the panel has not heard yet, so that two keys always do. */
async function sendAdvised({ advice, run, say }: Given, incident: Incident, reason: string, name: (team: string) => string, sentence_: string, none: string): Promise<void> {
  const known = advice.incident === incident.incident ? advice.view : null;
  let view: RecommendationView | null = known;
  if (view === null) {
    const heard = await run(incident.incident, async () => {
      view = await api.recommendation(incident.incident);
    });
    if (!heard) return;
  }
  const picks = (view as RecommendationView | null)?.picks.filter((pick) => pick.action === "send" && pick.team !== null) ?? [];
  if (picks.length === 0) return say(none);
  for (const pick of picks) {
    const team = pick.team ?? "";
    const wish = (key: string): Promise<Done> => orders.send(incident.incident, key, team, reason, pick.wave);
    if (!(await run(fill(sentence_, { team: name(team), incident: incident.incident }), wish))) return;
  }
}

function whenOf({ at }: Extract<Command, { verb: "past" }>, real: ConsoleState): { seq: number } | { at_ms: number } {
  if ("seq" in at) return at;
  const now_ms = serverNow(real.clock, Date.now());
  return { at_ms: "back_ms" in at ? now_ms - at.back_ms : momentOf(at, now_ms) };
}

function go({ place, incident, team }: Extract<Command, { verb: "go" }>, { desk, state, map }: Given): void {
  if (place !== null) return map.current?.show(place.lon, place.lat);
  if (incident !== null) return desk.chooseIncident(incident.incident);
  if (team === null) return;
  const at = state.fixes.get(team.team) ?? team.home;
  map.current?.show(at.lon, at.lat);
  if (desk.team !== team.team) desk.chooseTeam(team.team);
}
