/** Heat: where past incidents were, by weekday and hour; from the log or an imported CSV file. */
import { useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from "react";
import { fill } from "../../i18n";
import { mercator } from "../../map/plane";
import { heatByHour, heatOf } from "../../model/planner_heat";
import { csvText } from "../../model/planner_export";
import { planning } from "../../wire/planning";
import { ApiError } from "../../wire/api";
import type { HeatView, Problem } from "../../wire/types.gen";
import { HourChart } from "./Charts";
import { ExportRow } from "./ExportRow";
import { historyName, WeekdayChips } from "./Filters";
import { ImportRow } from "./ImportRow";
import type { MapHandle } from "./MapArea";
import { ProblemLine } from "./ProblemLine";
import { useLatest } from "./useLatest";
import type { PlannerDesk } from "./usePlanner";
import { useWords } from "./words";

const PLAY_MS = 700;

/** What the heat tab and the map share. */
export interface HeatDesk {
  readonly history: string;
  readonly view: HeatView | null;
  readonly problem: Problem | null;
  readonly weekdays: readonly number[];
  readonly hour: number | null;
  readonly shown: { lon: Float64Array; merc: Float64Array; count: Uint32Array; cell_m: number } | null;
  choose(history: string): void;
  setWeekdays(days: readonly number[]): void;
  setHour(hour: number | null): void;
  again(): void;
}

/** The heat that is chosen; asked for while `on`. */
export function useHeat(desk: PlannerDesk, on: boolean): HeatDesk {
  const [history, choose] = useState("log");
  const [weekdays, setWeekdays] = useState<readonly number[]>([]);
  const [hour, setHour] = useState<number | null>(null);
  const question = useMemo(() => (on ? { history, of: desk.histories } : null), [on, history, desk.histories]);
  const { answer: view, problem, again } = useLatest(question, (asked) => planning.heat(asked.history));
  const fixed = useMemo(() => (view === null ? null : { lon: Float64Array.from(view.lon), merc: Float64Array.from(view.lat, mercator) }), [view]);
  const shown = useMemo(() => (view === null || fixed === null ? null : { ...fixed, count: heatOf(view, new Set(weekdays), hour), cell_m: view.cell_m }), [view, fixed, weekdays, hour]);
  return { history, view, problem, weekdays, hour, shown, choose, setWeekdays, setHour, again };
}

/** The heat tab. */
export function HeatTab({ desk, heat, may, map }: { desk: PlannerDesk; heat: HeatDesk; may: { plan: boolean; export: boolean }; map: RefObject<MapHandle | null> }): ReactNode {
  const w = useWords();
  const { view } = heat;
  const [problem, setProblem] = useState<Problem | null>(null);
  const known = desk.histories.find((each) => each.history === heat.history);
  const forget = async (): Promise<void> => {
    try {
      await planning.forget(heat.history);
      heat.choose("log");
      if (desk.filter.demand === heat.history) desk.setFilter({ demand: "streets" });
      await desk.reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    }
  };
  return (
    <>
      <section className="filters">
        <div className="row">
          <label className="grow">
            <span>{w.heat.which}</span>
            <select value={heat.history} onChange={(event) => heat.choose(event.target.value)}>
              {desk.histories.map((each) => <option key={each.history} value={each.history}>{historyName(w, each)}</option>)}
            </select>
          </label>
          {may.plan && known !== undefined && known.history !== "log" && <button type="button" className="low" onClick={() => void forget()}>{w.heat.remove}</button>}
        </div>
        <WeekdayChips chosen={heat.weekdays} onChange={heat.setWeekdays} />
        <HourSlider heat={heat} />
      </section>
      {(problem ?? heat.problem) !== null && <ProblemLine problem={(problem ?? heat.problem) as Problem} again={() => (setProblem(null), heat.again())} />}
      {view !== null && <Shown heat={heat} view={view} />}
      {may.plan && <ImportRow desk={desk} onDone={heat.choose} />}
      {view !== null && view.incidents > 0 && <ExportRow may={may.export} what="heat" map={map} csv={() => heatCsv(view)} />}
    </>
  );
}

function Shown({ heat, view }: { heat: HeatDesk; view: HeatView }): ReactNode {
  const w = useWords();
  const byHour = useMemo(() => heatByHour(view, new Set(heat.weekdays)), [view, heat.weekdays]);
  if (view.incidents === 0) return <p className="empty">{w.heat.empty}</p>;
  const count = heat.shown?.count.reduce((sum, each) => sum + each, 0) ?? 0;
  const data = byHour.map((incidents, hour) => ({ hour, bars: incidents, share: null, steps: 0, tip: `${hour}:00 · ${incidents}` }));
  return (
    <section>
      <h2>{w.heat.byHour}</h2>
      <HourChart data={data} hour={heat.hour} label={w.heat.byHour} line={false} onHour={(hour) => heat.setHour(heat.hour === hour ? null : hour)} />
      <p>{fill(w.heat.shown, { count, total: view.incidents, days: view.days })}</p>
      {view.outside > 0 && <p className="soft">{fill(w.heat.outside, { count: view.outside })}</p>}
    </section>
  );
}

/** A slider over the hours; its left end is the whole day. */
function HourSlider({ heat }: { heat: HeatDesk }): ReactNode {
  const w = useWords();
  const [playing, setPlaying] = useState(false);
  const held = useRef(heat);
  held.current = heat;
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => held.current.setHour(((held.current.hour ?? -1) + 1) % 24), PLAY_MS);
    return () => clearInterval(timer);
  }, [playing]);
  const two = (hour: number): string => String(hour).padStart(2, "0");
  return (
    <div className="row hour-slider">
      <label className="grow">
        <span>{w.heat.hour} <b>{heat.hour === null ? w.allDay : fill(w.hourOf, { from: two(heat.hour), until: two(heat.hour + 1) })}</b></span>
        <input type="range" min={-1} max={23} step={1} value={heat.hour ?? -1} aria-valuetext={heat.hour === null ? w.allDay : `${heat.hour}:00`} onChange={(event) => heat.setHour(Number(event.target.value) < 0 ? null : Number(event.target.value))} />
      </label>
      <button type="button" className="low" aria-pressed={playing} onClick={() => setPlaying(!playing)}>{playing ? w.heat.stop : w.heat.play}</button>
    </div>
  );
}

function heatCsv(view: HeatView): string {
  return csvText(["lat", "lon", "weekday", "hour", "incidents"], view.rows.map(([cell, slot, count]) => [view.lat[cell] ?? 0, view.lon[cell] ?? 0, Math.floor(slot / 24) + 1, slot % 24, count]));
}
