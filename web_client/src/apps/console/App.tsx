/** The console's page: the map, the panel beside it, and what stands over the map. */
import { useEffect, useMemo, useRef, type ReactNode, type RefObject } from "react";
import { canDrawMap } from "../../map/view";
import { tally } from "../../model/derive";
import type { SessionView } from "../../wire/types.gen";
import { useNow } from "../shared/useNow";
import { useUi } from "../shared/ui";
import { Banner } from "./Banner";
import { TeamBoard } from "./Board";
import { Header } from "./Header";
import { Legend } from "./Legend";
import { MapPane, type MapHandle } from "./MapPane";
import { Queue } from "./Queue";
import { ReportForm } from "./ReportForm";
import { useConsole, type ConsoleState, type ConsoleStore } from "./store";
import { TeamCard } from "./TeamCard";
import { useCircles } from "./useCircles";
import { useDesk, type Desk } from "./useDesk";

const FORM_WIDTH = 316;
const FORM_HEIGHT = 470;
const MARGIN = 10;

/** The whole console. */
export function App({ store, session, signOut }: { store: ConsoleStore; session: SessionView; signOut(): void }): ReactNode {
  const state = useConsole(store);
  const now_ms = useNow();
  const map = useRef<MapHandle>(null);
  const search = useRef<HTMLInputElement>(null);
  const desk = useDesk(store, map, search);
  const { t } = useUi();
  useTitle(state, t.title);
  const old = state.session.phase !== "live" && state.wasLive;
  return (
    <main className={`console${old ? " is-old" : ""}`}>
      <Area store={store} state={state} now_ms={now_ms} desk={desk} map={map} />
      <aside className="panel">
        <Header state={state} now_ms={now_ms} session={session} signOut={signOut} />
        <Queue state={state} now_ms={now_ms} selected={desk.incident} onSelect={desk.chooseIncident} onTeam={desk.chooseTeam} onReport={desk.openReport} />
        <TeamBoard state={state} now_ms={now_ms} selected={desk.team} search={search} onSelect={desk.chooseTeam} />
      </aside>
    </main>
  );
}

interface AreaProps {
  readonly store: ConsoleStore;
  readonly state: ConsoleState;
  readonly now_ms: number;
  readonly desk: Desk;
  readonly map: RefObject<MapHandle | null>;
}

/** The map and what stands over it; without WebGL a sentence instead of the map. */
function Area({ store, state, now_ms, desk, map }: AreaProps): ReactNode {
  const { t } = useUi();
  const area = useRef<HTMLElement>(null);
  const drawable = useMemo(canDrawMap, []);
  const circles = useCircles(desk.team);
  const { team: id, incident, report, handlers } = desk;
  const team = id === null ? undefined : state.board.teams.get(id);
  return (
    <section className="area" ref={area} aria-label={t.map}>
      {drawable ? (
        <MapPane ref={map} state={state} now_ms={now_ms} team={id} incident={incident} pin={report?.at ?? null} circles={circles.collection} handlers={handlers} />
      ) : (
        <p className="no-map" role="status">{t.noWebgl}</p>
      )}
      <div className="over">
        <Banner store={store} state={state} now_ms={now_ms} />
        {team !== undefined && (
          <TeamCard
            state={state}
            now_ms={now_ms}
            team={team}
            circles={circles}
            onClose={() => desk.chooseTeam(null)}
            onShow={(lon, lat) => map.current?.show(lon, lat)}
            onIncident={desk.chooseIncident}
          />
        )}
      </div>
      {report !== null && (
        <ReportForm
          at={report.at}
          places={state.ground.places}
          live={state.session.phase === "live"}
          anchor={anchorOf(report.at, map.current, area.current)}
          onMove={desk.moveReport}
          onCancel={() => desk.endReport(null)}
          onDone={desk.endReport}
        />
      )}
      {drawable && <Legend ground={state.ground.view} />}
    </section>
  );
}

/** Beside the pin, and wholly on the map; null where there is no map. */
function anchorOf(at: readonly [number, number] | null, map: MapHandle | null, area: HTMLElement | null): { left: number; top: number } | null {
  if (at === null || map === null || area === null) return null;
  const { x, y } = map.project(at[0], at[1]);
  const fits = x + 24 + FORM_WIDTH + MARGIN <= area.clientWidth;
  const left = fits ? x + 24 : x - 24 - FORM_WIDTH;
  const inside = (value: number, least: number, most: number): number => Math.max(least, Math.min(value, most - MARGIN));
  const banner = area.querySelector(".banner");
  const least = MARGIN + (banner === null ? 0 : banner.getBoundingClientRect().bottom - area.getBoundingClientRect().top);
  return { left: inside(left, MARGIN, area.clientWidth - FORM_WIDTH), top: inside(y - 90, least, area.clientHeight - FORM_HEIGHT) };
}

function useTitle(state: ConsoleState, title: string): void {
  const { open } = tally(state.board);
  useEffect(() => {
    document.title = open > 0 ? `(${open}) ${title}` : title;
  }, [open, title]);
}
