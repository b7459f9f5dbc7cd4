/** Gaps: who is not reached in time, by how much, and which point would mend most. */
import { useMemo, useState, type ReactNode, type RefObject } from "react";
import { fill } from "../../i18n";
import { span } from "../../i18n/format";
import { gapsCsv, planGeoJson } from "../../model/planner_export";
import { ApiError } from "../../wire/api";
import { planning } from "../../wire/planning";
import type { GapsView, GapView, MendPick, MendView, Problem } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { ExportRow } from "./ExportRow";
import type { MapHandle } from "./MapArea";
import { postNames } from "./names";
import { ProblemLine } from "./ProblemLine";
import { useLatest } from "./useLatest";
import type { PlannerDesk } from "./usePlanner";
import { demandText, percent, useWords } from "./words";

type Column = "tier" | "place" | "nearest" | "missing" | "weight";

/** The gaps tab; `onFind` shows a point on the map. */
export function GapsTab({ desk, may, onFind, map }: { desk: PlannerDesk; may: boolean; onFind(lon: number, lat: number): void; map: RefObject<MapHandle | null> }): ReactNode {
  const w = useWords();
  const dragging = desk.source === "plan" && desk.posts !== desk.draft.posts;
  const question = useMemo(() => (dragging ? null : desk.question), [dragging, desk.question]);
  const { answer, problem, again } = useLatest(question, planning.gaps);
  if (answer === null) return problem === null ? <p className="wait" role="status">{w.loading}</p> : <ProblemLine problem={problem} again={again} />;
  const whole = desk.cover.answer?.cells.find((cell) => cell.wave === null && cell.tier === null && cell.limit_ms === null && cell.k === 1)?.demand ?? 0;
  return (
    <>
      {problem !== null && <ProblemLine problem={problem} again={again} />}
      <Mend desk={desk} onFind={onFind} />
      <h2>{w.gaps.title}</h2>
      <p className="soft">
        {answer.total === 0 ? w.gaps.none : fill(w.gaps.total, { total: answer.total, share: percent(whole === 0 ? null : answer.demand / whole) })}
        {answer.gaps.length < answer.total && ` · ${fill(w.gaps.shown, { count: answer.gaps.length })}`}
      </p>
      {answer.total > 0 && <GapTable view={answer} desk={desk} onFind={onFind} />}
      <ExportRow may={may} what="gaps" map={map} csv={() => gapsCsv(answer.gaps)} geojson={() => planGeoJson(desk.posts, answer.gaps)} />
    </>
  );
}

function GapTable({ view, desk, onFind }: { view: GapsView; desk: PlannerDesk; onFind(lon: number, lat: number): void }): ReactNode {
  const { t, english } = useUi();
  const w = useWords();
  const [sort, setSort] = useState<{ column: Column; down: boolean } | null>(null);
  const names = useMemo(() => postNames(desk.posts, english), [desk.posts, english]);
  const nameOf = (gap: GapView): string => {
    if (gap.name !== "") return english ? gap.name_en : gap.name;
    return gap.street === "" ? `${w.gaps.street} ${gap.lat.toFixed(4)}, ${gap.lon.toFixed(4)}` : gap.street;
  };
  const nearest = (gap: GapView): string => (gap.post === null ? "" : (names.get(gap.post) ?? gap.post));
  const value: Readonly<Record<Column, (gap: GapView) => string | number>> = {
    tier: (gap) => gap.tier, place: nameOf, nearest, missing: (gap) => gap.missing_ms ?? Number.MAX_SAFE_INTEGER, weight: (gap) => gap.weight,
  };
  const rows = useMemo(() => {
    if (sort === null) return view.gaps;
    const of = value[sort.column];
    const order = (a: GapView, b: GapView): number => {
      const [x, y] = [of(a), of(b)];
      return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), english ? "en" : "zh-CN");
    };
    return [...view.gaps].sort((a, b) => (sort.down ? -1 : 1) * order(a, b));
  }, [view, sort, names, english]);
  const head = (column: Column): ReactNode => (
    <th scope="col" aria-sort={sort?.column === column ? (sort.down ? "descending" : "ascending") : "none"}>
      <button type="button" className="sorter" title={fill(w.gaps.sort, { column: w.gaps[column] })} onClick={() => setSort((before) => ({ column, down: before?.column === column ? !before.down : column === "missing" || column === "weight" }))}>
        {w.gaps[column]}{sort?.column === column ? (sort.down ? " ↓" : " ↑") : ""}
      </button>
    </th>
  );
  return (
    <table className="grid-table gap-table">
      <thead><tr>{(["tier", "place", "nearest", "missing", "weight"] as const).map((column) => <FragmentHead key={column}>{head(column)}</FragmentHead>)}</tr></thead>
      <tbody>
        {rows.map((gap) => (
          <tr key={gap.point}>
            <td title={t.tier[gap.tier]}>{gap.tier}</td>
            <td><button type="button" className="find" title={w.gaps.find} onClick={() => onFind(gap.lon, gap.lat)}>{nameOf(gap)}</button></td>
            <td>{gap.post === null ? <span className="soft">{w.gaps.nobody}</span> : nearest(gap)}</td>
            <td className="bad">{gap.missing_ms === null ? "–" : `+${span(t, gap.missing_ms)}`}</td>
            <td>{demandText(gap.weight)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FragmentHead({ children }: { children: ReactNode }): ReactNode {
  return children;
}

function Mend({ desk, onFind }: { desk: PlannerDesk; onFind(lon: number, lat: number): void }): ReactNode {
  const { t, english } = useUi();
  const w = useWords();
  const [found, setFound] = useState<MendView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const profile = desk.ground.demand?.profiles[0] ?? "car";
  const ask = async (way: "add" | "move"): Promise<void> => {
    setBusy(true);
    try {
      setFound(await planning.mend({ ...desk.question, way, profile, picks: 3 }));
      setProblem(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    } finally {
      setBusy(false);
    }
  };
  const take = (pick: MendPick): void => {
    if (pick.post === null) desk.add(pick.lat, pick.lon, { profile });
    else desk.change(pick.post, { lat: pick.lat, lon: pick.lon });
    setFound((before) => (before === null || pick.post !== null ? null : { ...before, picks: before.picks.filter((each) => each !== pick) }));
  };
  const names = useMemo(() => postNames(desk.posts, english), [desk.posts, english]);
  const nameOf = (id: string): string => names.get(id) ?? id;
  return (
    <section className="mend">
      <h2>{w.gaps.mend}</h2>
      <div className="row buttons">
        <button type="button" disabled={busy} onClick={() => void ask("add")}>{w.gaps.mendAdd}</button>
        <button type="button" disabled={busy || desk.posts.length === 0} onClick={() => void ask("move")}>{w.gaps.mendMove}</button>
        {busy && <span className="soft" role="status">{w.loading}</span>}
      </div>
      {problem !== null && <ProblemLine problem={problem} />}
      {found !== null && found.picks.length === 0 && <p className="soft">{w.gaps.mendNone}</p>}
      {found !== null && found.picks.length > 0 && (
        <>
          <ol className="picks">
            {found.picks.map((pick) => (
              <li key={`${pick.post} ${pick.lon} ${pick.lat}`}>
                <p>
                  <b>{fill(w.gaps.mendGain, { gain: demandText(pick.gain), points: pick.points })}</b>
                  {pick.sooner_ms !== null && <span> · {fill(w.gaps.mendSooner, { time: span(t, pick.sooner_ms) })}</span>}
                  {pick.post !== null && <small>{fill(w.gaps.mendMoved, { post: nameOf(pick.post), lost: demandText(pick.lost) })}</small>}
                </p>
                <button type="button" onClick={() => onFind(pick.lon, pick.lat)}>{w.gaps.mendShow}</button>
                <button type="button" className="primary" onClick={() => take(pick)}>{w.gaps.mendApply}</button>
              </li>
            ))}
          </ol>
          <p className="soft small">{fill(w.gaps.mendFrom, { count: found.candidates })}</p>
        </>
      )}
    </section>
  );
}
