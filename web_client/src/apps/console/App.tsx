/** The console's page: the map, the panel beside it, and what is selected. */
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { canDrawMap, type MapHandlers } from "../../map/view";
import { tally } from "../../model/derive";
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
import { useKeys } from "./useKeys";

interface Report {
  readonly at: readonly [number, number] | null;
}

const FORM_WIDTH = 316;
const FORM_HEIGHT = 470;
const MARGIN = 10;

/** The whole console. */
export function App({ store }: { store: ConsoleStore }): ReactNode {
  const state = useConsole(store);
  const now_ms = useNow();
  const { t, toggleLanguage, toggleLook } = useUi();
  const [team, setTeam] = useState<string | null>(null);
  const [incident, setIncident] = useState<string | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const [, setMoves] = useState(0);
  const map = useRef<MapHandle>(null);
  const area = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const drawable = useMemo(canDrawMap, []);
  const circles = useCircles(team);

  useTitle(state, t.title);
  const chooseTeam = useCallback((id: string) => setTeam((before) => (before === id ? null : id)), []);
  const chooseIncident = useCallback((id: string) => {
    setIncident((before) => (before === id ? null : id));
    const where = store.get().board.incidents.get(id)?.where;
    if (where !== undefined) map.current?.show(where.lon, where.lat);
  }, [store]);
  const openReport = useCallback(() => {
    const centre = map.current?.centre();
    setReport({ at: centre === undefined ? null : [centre.lon, centre.lat] });
  }, []);
  const dismiss = (): void => {
    if (report !== null) setReport(null);
    else if (team !== null) setTeam(null);
    else setIncident(null);
  };
  useKeys({ Escape: dismiss, l: toggleLanguage, n: toggleLook, "/": () => search.current?.focus(), r: openReport });

  const handlers: MapHandlers = {
    onTeam: chooseTeam,
    onIncident: chooseIncident,
    onGround: (lon, lat) => setReport({ at: [lon, lat] }),
    onMove: () => report !== null && setMoves((count) => count + 1),
  };
  const selected = team === null ? undefined : state.board.teams.get(team);
  const old = state.session.phase !== "live" && state.wasLive;
  return (
    <main className={`console${old ? " is-old" : ""}`}>
      <section className="area" ref={area} aria-label={t.map}>
        {drawable ? (
          <MapPane ref={map} state={state} now_ms={now_ms} team={team} incident={incident} pin={report?.at ?? null} circles={circles.collection} handlers={handlers} />
        ) : (
          <p className="no-map" role="status">{t.noWebgl}</p>
        )}
        <Banner store={store} state={state} now_ms={now_ms} />
        {selected !== undefined && (
          <TeamCard state={state} now_ms={now_ms} team={selected} circles={circles} onClose={() => setTeam(null)} onShow={(lon, lat) => map.current?.show(lon, lat)} onIncident={chooseIncident} />
        )}
        {report !== null && (
          <ReportForm
            at={report.at}
            places={state.ground.places}
            anchor={anchorOf(report, map.current, area.current)}
            onMove={(at) => setReport({ at })}
            onCancel={() => setReport(null)}
            onDone={(id) => {
              setReport(null);
              setIncident(id);
            }}
          />
        )}
        {drawable && <Legend ground={state.ground.view} />}
      </section>
      <aside className="panel">
        <Header state={state} now_ms={now_ms} />
        <Queue state={state} now_ms={now_ms} selected={incident} onSelect={chooseIncident} onTeam={chooseTeam} onReport={openReport} />
        <TeamBoard state={state} now_ms={now_ms} selected={team} search={search} onSelect={chooseTeam} />
      </aside>
    </main>
  );
}

/** Beside the pin, and wholly on the map. */
function anchorOf(report: Report, map: MapHandle | null, area: HTMLElement | null): { left: number; top: number } | null {
  if (report.at === null || map === null || area === null) return null;
  const { x, y } = map.project(report.at[0], report.at[1]);
  const fits = x + 24 + FORM_WIDTH + MARGIN <= area.clientWidth;
  const left = fits ? x + 24 : x - 24 - FORM_WIDTH;
  const inside = (value: number, most: number): number => Math.max(MARGIN, Math.min(value, most - MARGIN));
  return { left: inside(left, area.clientWidth - FORM_WIDTH), top: inside(y - 90, area.clientHeight - FORM_HEIGHT) };
}

function useTitle(state: ConsoleState, title: string): void {
  const { open } = tally(state.board);
  useEffect(() => {
    document.title = open > 0 ? `(${open}) ${title}` : title;
  }, [open, title]);
}
