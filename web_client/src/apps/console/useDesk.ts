import { useCallback, useState, type RefObject } from "react";
import type { MapHandlers } from "../../map/view";
import { useUi } from "../shared/ui";
import type { MapHandle } from "./MapPane";
import type { ConsoleStore } from "./store";
import { useKeys } from "./useKeys";

/** A report that is being written; `at` is null until a place was chosen. */
export interface Report {
  readonly at: readonly [number, number] | null;
}

/** What is selected and what is being written, and everything that changes it. */
export interface Desk {
  readonly team: string | null;
  readonly incident: string | null;
  readonly report: Report | null;
  readonly handlers: MapHandlers;
  chooseTeam(team: string | null): void;
  chooseIncident(incident: string): void;
  openReport(): void;
  moveReport(at: readonly [number, number]): void;
  /** The form is done: with the id of what was reported, or null. */
  endReport(incident: string | null): void;
}

/** The operator's place: selection, the report form, and the keys Esc L N R /. */
export function useDesk(store: ConsoleStore, map: RefObject<MapHandle | null>, search: RefObject<HTMLInputElement | null>): Desk {
  const { toggleLanguage, toggleLook } = useUi();
  const [team, setTeam] = useState<string | null>(null);
  const [incident, setIncident] = useState<string | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const [, setMoves] = useState(0);

  const chooseTeam = useCallback((id: string | null) => setTeam((before) => (before === id ? null : id)), []);
  const chooseIncident = useCallback(
    (id: string) => {
      setIncident((before) => (before === id ? null : id));
      const where = store.get().board.incidents.get(id)?.where;
      if (where !== undefined) map.current?.show(where.lon, where.lat);
    },
    [store, map],
  );
  const openReport = useCallback(() => {
    if (!canSend(store)) return;
    const centre = map.current?.centre() ?? null;
    setReport({ at: centre === null ? null : [centre.lon, centre.lat] });
  }, [store, map]);
  const dismiss = (): void => {
    if (report !== null) setReport(null);
    else if (team !== null) setTeam(null);
    else setIncident(null);
  };
  useKeys({ Escape: dismiss, l: toggleLanguage, n: toggleLook, "/": () => search.current?.focus(), r: openReport });

  return {
    team,
    incident,
    report,
    handlers: {
      onTeam: chooseTeam,
      onIncident: chooseIncident,
      onGround: (lon, lat) => (report !== null || canSend(store)) && setReport({ at: [lon, lat] }),
      onMove: () => report !== null && setMoves((count) => count + 1), // the form follows its pin
    },
    chooseTeam,
    chooseIncident,
    openReport,
    moveReport: (at) => setReport({ at }),
    endReport: (id) => {
      setReport(null);
      if (id !== null) setIncident(id);
    },
  };
}

/** A form that is open stays while the service is gone; a new one has to wait for it. */
function canSend(store: ConsoleStore): boolean {
  return store.get().session.phase === "live";
}
