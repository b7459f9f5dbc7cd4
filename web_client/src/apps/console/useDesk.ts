import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from "react";
import type { MapHandlers } from "../../map/view";
import { openQueue } from "../../model/derive";
import { actionOf, neighbour, type Action } from "../../model/keys";
import type { ConsoleState, ConsoleStore } from "../shared/store";
import type { MapHandle } from "../shared/MapPane";
import { useUi } from "../shared/ui";
import { useKeys } from "./useKeys";

/** A report that is being written; `at` is null until a place was chosen. */
export interface Report {
  readonly at: readonly [number, number] | null;
}

/** A team that is about to be sent by hand; null is not chosen yet. */
export interface Assigning {
  readonly incident: string;
  readonly team: string | null;
}

/** Which part of the selected incident is being worked on. */
export type Task = "note" | "close" | "merge" | "recall" | null;

/** What is selected and what is being written, and everything that changes it. */
export interface Desk {
  readonly team: string | null;
  readonly incident: string | null;
  readonly report: Report | null;
  readonly assigning: Assigning | null;
  readonly task: Task;
  /** The text of the command bar; null while it is closed. */
  readonly bar: string | null;
  readonly sheet: boolean;
  readonly cover: boolean;
  readonly handlers: MapHandlers;
  chooseTeam(team: string | null): void;
  chooseIncident(incident: string | null): void;
  centre(incident: string): void;
  openReport(): void;
  moveReport(at: readonly [number, number]): void;
  /** The form is done: with the id of what was reported, or null. */
  endReport(incident: string | null): void;
  assign(assigning: Assigning | null): void;
  setTask(task: Task): void;
  setBar(text: string | null): void;
  setSheet(open: boolean): void;
  toggleCover(): void;
}

/** What the keys do that is not the selection's alone. */
export interface Deeds {
  send(): void;
  wave(): void;
  undo(): void;
  mute(): void;
  past(): void;
}

const CHANNEL = "patrol.desk";
/** A key that is held down walks through the list or the map; it does no deed twice. */
const MAY_REPEAT: ReadonlySet<Action> = new Set(["next", "previous", "closer", "farther"]);

/** The operator's place: selection, forms, and every key. `state` is what is shown, which may be the past. */
export function useDesk(store: ConsoleStore, state: ConsoleState, past: boolean, map: RefObject<MapHandle | null>, search: RefObject<HTMLInputElement | null>, deeds: RefObject<Deeds>): Desk {
  const [report, setReport] = useState<Report | null>(null);
  const [assigning, assign] = useState<Assigning | null>(null);
  const [task, setTask] = useState<Task>(null);
  const [{ team, incident }, setChosen] = useChosen(() => (setTask(null), assign(null))); // a form begun for one incident is not for another
  const [bar, setBar] = useState<string | null>(null);
  const [sheet, setSheet] = useState(false);
  const [cover, setCover] = useState(false);
  const [, setMoves] = useState(0);

  const chooseTeam = useCallback((id: string | null) => setChosen((before) => ({ ...before, team: before.team === id ? null : id })), [setChosen]);
  const centre = useCallback(
    (id: string) => {
      const where = state.board.incidents.get(id)?.where;
      if (where !== undefined) map.current?.show(where.lon, where.lat);
    },
    [state.board, map],
  );
  const chooseIncident = useCallback(
    (id: string | null) => {
      setTask(null);
      assign(null);
      setChosen((before) => ({ ...before, incident: id }));
      if (id !== null) centre(id);
    },
    [setChosen, centre],
  );
  const openReport = useCallback(() => {
    if (past || !canSend(store)) return;
    const middle = map.current?.centre() ?? null;
    setReport({ at: middle === null ? null : [middle.lon, middle.lat] });
  }, [store, map, past]);
  const dismiss = (): void => {
    if (sheet) setSheet(false);
    else if (report !== null) setReport(null);
    else if (assigning !== null) assign(null);
    else if (task !== null) setTask(null);
    else if (team !== null) chooseTeam(null);
    else chooseIncident(null);
  };
  useDeskKeys({
    open: () => openQueue(state.board).map((one) => one.incident),
    incident, team, past, dismiss, chooseIncident, assign, setTask, setBar, setSheet, setCover, centre, openReport, search, deeds,
    zoom: (by) => map.current?.zoomBy(by),
  });

  const handlers = useMemo<MapHandlers>(
    () => ({
      onTeam: chooseTeam,
      onIncident: chooseIncident,
      onGround: (lon, lat) => !past && (report !== null || canSend(store)) && setReport({ at: [lon, lat] }),
      onMove: () => report !== null && setMoves((count) => count + 1), // the form follows its pin
    }),
    [chooseTeam, chooseIncident, past, report, store],
  );
  return {
    team, incident, report, assigning, task, bar, sheet, cover, handlers, chooseTeam, chooseIncident, centre, openReport, assign, setTask, setBar, setSheet,
    toggleCover: () => setCover((on) => !on),
    moveReport: (at) => setReport({ at }),
    endReport: (id) => {
      setReport(null);
      if (id !== null) chooseIncident(id);
    },
  };
}

interface Keyed {
  open(): string[];
  readonly incident: string | null;
  readonly team: string | null;
  readonly past: boolean;
  readonly search: RefObject<HTMLInputElement | null>;
  readonly deeds: RefObject<Deeds>;
  dismiss(): void;
  chooseIncident(incident: string | null): void;
  assign(assigning: Assigning | null): void;
  setTask(task: Task): void;
  setBar(text: string | null): void;
  setSheet(turn: (on: boolean) => boolean): void;
  setCover(turn: (on: boolean) => boolean): void;
  centre(incident: string): void;
  zoom(step: 1 | -1): void;
  openReport(): void;
}

/** Every key of the table, and what it does at this desk. */
function useDeskKeys(given: Keyed): void {
  const { toggleLanguage, toggleLook } = useUi();
  const { open, incident, team, past, deeds, chooseIncident, setTask } = given;
  const step = (by: 1 | -1): void => chooseIncident(neighbour(open(), incident, by));
  const onSelected = (act: (id: string) => void): void => void (incident !== null && !past && act(incident));
  const acts: Readonly<Record<Action, (key: string) => void>> = {
    next: () => step(1),
    previous: () => step(-1),
    nth: (key) => chooseIncident(open()[Number(key) - 1] ?? incident),
    send: () => deeds.current.send(),
    assign: () => onSelected((id) => given.assign({ incident: id, team })),
    note: () => onSelected(() => setTask("note")),
    close: () => onSelected(() => setTask("close")),
    merge: () => onSelected(() => setTask("merge")),
    recall: () => onSelected(() => setTask("recall")),
    wave: () => deeds.current.wave(),
    undo: () => deeds.current.undo(),
    centre: () => incident !== null && given.centre(incident),
    closer: () => given.zoom(1),
    farther: () => given.zoom(-1),
    report: given.openReport,
    find_team: () => given.search.current?.focus(),
    command: () => given.setBar(""),
    coverage: () => given.setCover((on) => !on),
    past: () => deeds.current.past(),
    mute: () => deeds.current.mute(),
    language: toggleLanguage,
    look: toggleLook,
    sheet: () => given.setSheet((on) => !on),
    dismiss: given.dismiss,
  };
  useKeys((key, held) => {
    const action = actionOf(key);
    return action === null || (held && !MAY_REPEAT.has(action)) ? null : () => acts[action](key);
  }, incident);
}

interface Chosen {
  readonly team: string | null;
  readonly incident: string | null;
}

/** What is selected, the same in every window of this browser. */
function useChosen(onElsewhere: () => void): [Chosen, (change: (before: Chosen) => Chosen) => void] {
  const [chosen, setChosen] = useState<Chosen>({ team: null, incident: null });
  const channel = useRef<BroadcastChannel | null>(null);
  const latest = useRef(chosen);
  const heard = useRef(onElsewhere);
  heard.current = onElsewhere;
  useEffect(() => {
    if (typeof BroadcastChannel === "undefined") return undefined;
    const open = new BroadcastChannel(CHANNEL);
    channel.current = open;
    open.onmessage = ({ data }: MessageEvent<Chosen>) => {
      if (data.incident !== latest.current.incident) heard.current();
      latest.current = { team: data.team, incident: data.incident };
      setChosen(latest.current);
    };
    return () => {
      channel.current = null;
      open.close();
    };
  }, []);
  const change = useCallback((turn: (before: Chosen) => Chosen) => {
    latest.current = turn(latest.current);
    setChosen(latest.current);
    channel.current?.postMessage(latest.current);
  }, []);
  return [chosen, change];
}

/** A form that is open stays while the service is gone; a new one has to wait for it. */
function canSend(store: ConsoleStore): boolean {
  return store.get().session.phase === "live";
}
