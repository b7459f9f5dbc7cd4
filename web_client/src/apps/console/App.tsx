/** The console's page: the map, the selected incident, the lists, and what stands over the map. */
import { useEffect, useMemo, useRef, type ReactNode, type RefObject } from "react";
import { fill } from "../../i18n";
import { serverNow } from "../../model/clock";
import { liveOrders, tally } from "../../model/derive";
import type { Context } from "../../model/command";
import type { SessionView } from "../../wire/types.gen";
import type { MapHandle } from "../shared/MapPane";
import { nameOf } from "../shared/names";
import { useConsole, type ConsoleState, type ConsoleStore } from "../shared/store";
import { useUi } from "../shared/ui";
import { useNow } from "../shared/useNow";
import { sentence } from "./actions";
import { Area, nearOf } from "./Area";
import { TeamBoard } from "./Board";
import { Case } from "./Case";
import { CommandBar } from "./CommandBar";
import { Header } from "./Header";
import { NoticeBar } from "./NoticeBar";
import { Queue } from "./Queue";
import { Sheet } from "./Sheet";
import { useAdvice } from "./useAdvice";
import { useDeeds } from "./useDeeds";
import { useDesk, type Deeds } from "./useDesk";
import { useDrag } from "./useDrag";
import { usePast, type Past } from "./usePast";
import { useRun } from "./useRun";
import { useSounds } from "./useSounds";
import { viewOf } from "./views";

/** The whole console, or the part of it that the address asks for (`?view=map`, `queue`, `board`). */
export function App({ store, session, signOut }: { store: ConsoleStore; session: SessionView; signOut(): void }): ReactNode {
  const real = useConsole(store);
  const now_ms = useNow();
  const past = usePast();
  const state = useShown(real, past, now_ms);
  const map = useRef<MapHandle>(null);
  const search = useRef<HTMLInputElement>(null);
  const deeds = useRef<Deeds>(NOTHING);
  const view = useMemo(() => viewOf(location.search), []);
  const { t, english } = useUi();
  const live = real.session.phase === "live" && past.moment === null;
  const desk = useDesk(store, state, past.moment !== null, map, search, deeds);
  const incident = desk.incident === null ? undefined : state.board.incidents.get(desk.incident);
  const advice = useAdvice(incident?.status === "open" ? incident.incident : null, markOf(incident), live);
  const work = useRun();
  const sound = useSounds(real.board, real.offline, serverNow(real.clock, now_ms), real.session.phase === "live");
  const does = useDeeds({ state, real, desk, advice, past, live, map, run: work.run, say: work.say, sound });
  deeds.current = does.deeds;
  const drag = useDrag((x, y) => map.current?.incidentAt(x, y) ?? null, (team, onto) => {
    if (!live) return;
    desk.chooseIncident(onto);
    desk.assign({ incident: onto, team });
  });
  useTitle(state, t.title);
  const context = useContext(state, desk.incident);
  const dragged = drag.drag === null ? undefined : state.board.teams.get(drag.drag.team);
  const old = real.session.phase !== "live" && real.wasLive;
  return (
    <main className={`console view-${view}${old ? " is-old" : ""}${past.moment === null ? "" : " is-past"}${incident === undefined ? "" : " has-case"}`}>
      {view !== "queue" && view !== "board" && (
        <Area store={store} state={state} real={real} now_ms={now_ms} desk={desk} past={past} map={map} live={live} onGrip={drag.begin}>
          <NoticeBar notice={work.notice} onDismiss={work.dismiss} />
          {desk.bar !== null && (
            <CommandBar context={context} past={past.moment !== null} live={live} near={() => nearOf(map.current)} words={(command) => sentence(command, real, t, english)} onRun={does.command} onClose={() => desk.setBar(null)} />
          )}
        </Area>
      )}
      {incident !== undefined && view !== "board" && (
        <Case key={incident.incident} state={state} now_ms={now_ms} incident={incident} desk={desk} advice={advice} past={past} live={live} onSend={does.deeds.send} run={work.run} />
      )}
      {view !== "map" && (
        <aside className="panel">
          <Header state={state} now_ms={now_ms} session={session} skew_ms={real.clock.offset_ms} sound={sound} onSheet={() => desk.setSheet(true)} onPast={does.deeds.past} signOut={signOut} />
          {view !== "board" && <Queue state={state} now_ms={now_ms} selected={desk.incident} live={live} onSelect={desk.chooseIncident} onReport={desk.openReport} />}
          {view !== "queue" && <TeamBoard state={state} now_ms={now_ms} selected={desk.team} search={search} onSelect={desk.chooseTeam} onGrip={drag.begin} />}
          {view !== "all" && <NoticeBar notice={work.notice} onDismiss={work.dismiss} />}
        </aside>
      )}
      {drag.drag !== null && (
        <p className={`drag${drag.drag.over === null ? "" : " is-over"}`} style={{ left: Math.min(drag.drag.x + 12, window.innerWidth - DRAG_PX), top: drag.drag.y + 12 }} role="status">
          {fill(t.desk.assign.title, { team: dragged === undefined ? drag.drag.team : nameOf(dragged, english), incident: drag.drag.over ?? "…" })}
        </p>
      )}
      {desk.sheet && <Sheet onClose={() => desk.setSheet(false)} />}
    </main>
  );
}

/** What is dragged says its names inside the window. */
const DRAG_PX = 260;

const NOTHING: Deeds = { send: () => undefined, wave: () => undefined, undo: () => undefined, mute: () => undefined, past: () => undefined };
const NOWHERE: ConsoleState["fixes"] = new Map();

/** What is shown: now, or a moment of the past with its own clock and without positions, which are not on the log. */
function useShown(real: ConsoleState, past: Past, now_ms: number): ConsoleState {
  const { moment } = past;
  return useMemo(
    () => (moment === null ? real : { ...real, board: moment.board, fixes: NOWHERE, offline: new Map<string, number>(), clock: { offset_ms: moment.at_ms - now_ms } }),
    [real, moment, moment === null ? 0 : now_ms],
  );
}

/** What a recommendation rests on, but for the positions of teams. */
function markOf(incident: ReturnType<ConsoleState["board"]["incidents"]["get"]>): string {
  if (incident === undefined) return "";
  return [incident.orders.length, incident.waiting_reason, incident.waves.length, incident.merged.length, incident.recommended.map((pick) => pick.team)].join("|");
}

function useContext(state: ConsoleState, selected: string | null): Context {
  const { board } = state;
  const { places } = state.ground;
  return useMemo(
    () => ({ teams: [...board.teams.values()], incidents: [...board.incidents.values()], orders: board.orders, live: liveOrders(board), places, selected }),
    [board, places, selected],
  );
}

function useTitle(state: ConsoleState, title: string): void {
  const { open } = useMemo(() => tally(state.board), [state.board]);
  useEffect(() => {
    document.title = open > 0 ? `(${open}) ${title}` : title;
  }, [open, title]);
}

export type MapRef = RefObject<MapHandle | null>;
