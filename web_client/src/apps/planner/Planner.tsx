/** The planner's page: the map, and beside it what is covered, what is not, what was, and how fast help came. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { canDrawMap } from "../../map/view";
import type { SessionView } from "../../wire/types.gen";
import { PlaceSearch } from "../shared/PlaceSearch";
import { ProblemLine } from "./ProblemLine";
import { useUi } from "../shared/ui";
import { CoverTab } from "./CoverTab";
import { Filters } from "./Filters";
import { GapsTab } from "./GapsTab";
import { Header } from "./Header";
import { HeatTab, useHeat } from "./HeatTab";
import { MapArea, type MapHandle } from "./MapArea";
import { PlanBar } from "./PlanBar";
import { ReportTab } from "./ReportTab";
import { usePlanner, type PlannerDesk, type Tab } from "./usePlanner";
import { useWords } from "./words";

const TABS: readonly Tab[] = ["cover", "gaps", "heat", "report"];

/** The whole planner. */
export function Planner({ session, signOut }: { session: SessionView; signOut(): void }): ReactNode {
  const w = useWords();
  const { t } = useUi();
  const desk = usePlanner();
  const [tab, setTab] = useState<Tab>(firstTab);
  const heat = useHeat(desk, tab === "heat");
  const map = useRef<MapHandle>(null);
  const drawable = useMemo(canDrawMap, []);
  const [mark, setMark] = useState<readonly [number, number] | null>(null);
  useKeys(desk);
  useEffect(() => {
    document.title = `${w.title} · 135`;
  }, [w]);
  const find = (lon: number, lat: number): void => {
    setMark([lon, lat]);
    map.current?.bring(lon, lat);
  };
  const may = { plan: session.may.includes("plan"), export: session.may.includes("export") };
  return (
    <main className="planner">
      <section className="area" aria-label={t.map}>
        {drawable && <div className="map-search"><PlaceSearch near={() => map.current?.centre() ?? null} onChoose={({ lon, lat }) => find(lon, lat)} /></div>}
        {drawable ? <MapArea ref={map} desk={desk} tab={tab} heat={heat} mark={mark} /> : <p className="no-map" role="status">{t.noWebgl}</p>}
      </section>
      <aside className="panel">
        <Header ground={desk.ground.view} session={session} signOut={signOut} />
        <nav className="tabs" role="tablist" aria-label={w.title}>
          {TABS.map((name) => (
            <button key={name} type="button" role="tab" id={`tab-${name}`} aria-selected={tab === name} aria-controls="tab-panel" onClick={() => (setTab(name), setMark(null))}>
              {w.tabs[name]}
            </button>
          ))}
        </nav>
        {desk.problem !== null && <ProblemLine problem={desk.problem} again={() => (desk.tell(null), void desk.reload())} />}
        <div className="tab-panel" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
          {(tab === "cover" || tab === "gaps") && <PlanBar desk={desk} may={may.plan} />}
          {(tab === "cover" || tab === "gaps") && <Filters desk={desk} />}
          {tab === "cover" && <CoverTab desk={desk} may={may.export} map={map} />}
          {tab === "gaps" && <GapsTab desk={desk} may={may.export} onFind={find} map={map} />}
          {tab === "heat" && <HeatTab desk={desk} heat={heat} may={may} map={map} />}
          {tab === "report" && <ReportTab may={may.export} places={desk.ground.places} />}
        </div>
      </aside>
    </main>
  );
}

function firstTab(): Tab {
  const asked = location.hash.slice(1);
  return TABS.find((name) => name === asked) ?? "cover";
}

/** Ctrl+Z, Ctrl+Y, Esc. */
function useKeys(desk: PlannerDesk): void {
  const held = useRef(desk);
  held.current = desk;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      const { key, ctrlKey, metaKey, shiftKey } = event;
      if (key === "Escape") {
        held.current.setAdding(false);
        held.current.select(null);
      } else if ((ctrlKey || metaKey) && !typing && key.toLowerCase() === "z") {
        event.preventDefault();
        if (shiftKey) held.current.redo();
        else held.current.undo();
      } else if ((ctrlKey || metaKey) && !typing && key.toLowerCase() === "y") {
        event.preventDefault();
        held.current.redo();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
