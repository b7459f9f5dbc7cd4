/** The map and what stands over it; without WebGL a sentence instead of the map. */
import { useMemo, useRef, type ReactNode } from "react";
import { serverNow } from "../../model/clock";
import { canDrawMap, type MapHandlers } from "../../map/view";
import { MapPane, type MapHandle } from "../shared/MapPane";
import type { ConsoleState, ConsoleStore } from "../shared/store";
import { useCoverage } from "../shared/useCoverage";
import { useUi } from "../shared/ui";
import type { MapRef } from "./App";
import { Banner } from "./Banner";
import { CoverStrip } from "./CoverStrip";
import { Legend } from "./Legend";
import { PastBar } from "./PastBar";
import { ReportForm } from "./ReportForm";
import { SosBar } from "./Sos";
import { TeamCard } from "./TeamCard";
import { useCircles } from "./useCircles";
import type { Desk } from "./useDesk";
import type { Past } from "./usePast";

const FORM_WIDTH = 316;
const FORM_HEIGHT = 512;
const MARGIN = 10;

interface AreaProps {
  readonly store: ConsoleStore;
  readonly state: ConsoleState;
  readonly real: ConsoleState;
  readonly now_ms: number;
  readonly desk: Desk;
  readonly past: Past;
  readonly map: MapRef;
  readonly live: boolean;
  /** A team was pressed on the map: it may become a drag. */
  onGrip(team: string, event: MouseEvent): void;
  readonly children: ReactNode;
}

/** The largest part of the page. */
export function Area({ store, state, real, now_ms, desk, past, map, live, onGrip, children }: AreaProps): ReactNode {
  const { t } = useUi();
  const area = useRef<HTMLElement>(null);
  const drawable = useMemo(canDrawMap, []);
  const circles = useCircles(past.moment === null ? desk.team : null);
  const coverage = useCoverage(live, state.cover_ms);
  const { team: id, incident, report, handlers } = desk;
  const gripping = useMemo<MapHandlers>(() => (live ? { ...handlers, onGrip } : handlers), [handlers, onGrip, live]);
  const team = id === null ? undefined : state.board.teams.get(id);
  return (
    <section className="area" ref={area} aria-label={t.map}>
      {drawable ? (
        <MapPane
          ref={map}
          state={state}
          now_ms={now_ms}
          team={id}
          incident={incident}
          pin={report?.at ?? null}
          circles={circles.collection}
          cover={desk.cover && past.moment === null ? (coverage?.view.picture ?? null) : null}
          controls
          handlers={gripping}
        />
      ) : (
        <p className="no-map" role="status">{t.noWebgl}</p>
      )}
      <div className="over">
        <PastBar past={past} head={real.board.seq} />
        <Banner store={store} state={real} now_ms={now_ms} />
        <SosBar board={real.board} service_ms={serverNow(real.clock, now_ms)} selected={incident} onSelect={desk.chooseIncident} />
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
          live={live}
          anchor={anchorOf(report.at, map.current, area.current)}
          near={() => nearOf(map.current)}
          onMove={(at) => {
            desk.moveReport(at);
            map.current?.show(at[0], at[1]);
          }}
          onCancel={() => desk.endReport(null)}
          onDone={desk.endReport}
        />
      )}
      <div className="foot">
        <div className="under">
          {children}
          {past.moment === null && (
            <CoverStrip coverage={coverage} places={state.ground.places} now_ms={now_ms} shown={desk.cover} onToggle={desk.toggleCover} onShow={(lon, lat) => map.current?.show(lon, lat)} />
        )}
        </div>
        {drawable && <Legend ground={state.ground.view} cover={desk.cover} />}
      </div>
    </section>
  );
}

/** The middle of what is seen as a search wants it. */
export function nearOf(map: MapHandle | null): readonly [number, number] | null {
  const middle = map?.centre() ?? null;
  return middle === null ? null : [middle.lon, middle.lat];
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
