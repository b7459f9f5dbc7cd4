/** Response times of the log by tier and place: P50 and P90 of each leg against the target; nobody is rated. */
import { useMemo, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { span } from "../../i18n/format";
import { reportCsv } from "../../model/planner_export";
import { planning } from "../../wire/planning";
import type { GroupView, LegView, PlaceView, ReportView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { LegChart } from "./Charts";
import { ExportRow } from "./ExportRow";
import { ProblemLine } from "./ProblemLine";
import { useLatest } from "./useLatest";
import { percent, useWords } from "./words";

const DAYS = [1, 7, 28, 90, 366] as const;

/** The report tab. */
export function ReportTab({ may, places }: { may: boolean; places: readonly PlaceView[] }): ReactNode {
  const w = useWords();
  const [days, setDays] = useState<number>(28);
  const { answer, problem, again } = useLatest(days, planning.report);
  return (
    <div className="report">
      <h2 className="report-title">{w.report.title}</h2>
      <div className="row">
        <label>
          <span>{w.report.days}</span>
          <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {DAYS.map((count) => <option key={count} value={count}>{fill(w.report.daysOf, { count })}</option>)}
          </select>
        </label>
        {answer !== null && <b className="report-count">{fill(w.report.incidents, { count: answer.incidents })}</b>}
      </div>
      <p className="soft small">{w.report.rule}</p>
      {problem !== null && <ProblemLine problem={problem} again={again} />}
      {answer === null && problem === null && <p className="wait" role="status">{w.loading}</p>}
      {answer !== null && answer.incidents === 0 && <p className="empty">{w.report.empty}</p>}
      {answer !== null && answer.incidents > 0 && <Tables view={answer} may={may} places={places} />}
    </div>
  );
}

function Tables({ view, may, places }: { view: ReportView; may: boolean; places: readonly PlaceView[] }): ReactNode {
  const w = useWords();
  const tiers = useMemo(() => view.tiers.filter((group) => group.incidents > 0), [view]);
  return (
    <>
      <h2>{w.report.byTier}</h2>
      <p className="soft small">{w.report.fromReport}</p>
      {tiers.map((group) => <TierChart key={group.name} group={group} least={view.least} />)}
      <h2>{w.report.byPlace}</h2>
      <PlaceTable view={view} places={places} />
      <ExportRow may={may} what="report" csv={() => reportCsv([...view.tiers, ...view.places])} />
    </>
  );
}

function TierChart({ group, least }: { group: GroupView; least: number }): ReactNode {
  const { t } = useUi();
  const w = useWords();
  const few = fill(w.report.few, { least });
  const said = (ms: number | null): string => (ms === null ? "–" : span(t, ms));
  const legs = group.legs.map((leg: LegView) => ({
    leg: w.report.legs[leg.leg], p50_ms: leg.p50_ms, p90_ms: leg.p90_ms,
    tip: fill(w.report.legTip, { leg: w.report.legs[leg.leg], p50: said(leg.p50_ms), p90: said(leg.p90_ms), n: leg.n }),
  }));
  const name = group.tier === null ? group.name : `${group.tier} ${t.tier[group.tier]}`;
  return (
    <section className="tier-chart">
      <h3>
        <span>{name}</span>
        <small>
          {fill(w.report.incidents, { count: group.incidents })}
          {group.target_ms !== null && ` · ${w.report.target} ${span(t, group.target_ms)}`}
          {group.arrived > 0 && ` · ${w.report.met} ${percent(group.met / group.arrived)}`}
        </small>
      </h3>
      {group.incidents < least ? <p className="soft small">{few}</p> : (
        <LegChart legs={legs} target_ms={group.target_ms} label={name} few={few} minutes={(count) => fill(t.minutes, { count })} />
      )}
    </section>
  );
}

function PlaceTable({ view, places }: { view: ReportView; places: readonly PlaceView[] }): ReactNode {
  const { t, english } = useUi();
  const w = useWords();
  const called = new Map(places.map((place) => [place.name, english && place.name_en !== "" ? place.name_en : place.name]));
  const arrivedOf = (group: GroupView): LegView | undefined => group.legs.find((leg) => leg.leg === "arrived");
  return (
    <table className="grid-table">
      <thead>
        <tr>{[w.report.place, w.gaps.tier, w.report.count, `${w.report.legs.arrived} ${w.report.p50}`, w.report.p90, w.report.met].map((name) => <th key={name} scope="col">{name}</th>)}</tr>
      </thead>
      <tbody>
        {view.places.map((group) => {
          const leg = arrivedOf(group);
          const few = group.incidents < view.least;
          return (
            <tr key={`${group.name} ${group.tier}`}>
              <th scope="row">{group.name === "" ? w.gaps.street : (called.get(group.name) ?? group.name)}</th>
              <td>{group.tier}</td>
              <td>{group.incidents}</td>
              {few ? <td colSpan={3} className="soft">{fill(w.report.few, { least: view.least })}</td> : (
                <>
                  <td>{leg?.p50_ms == null ? "–" : span(t, leg.p50_ms)}</td>
                  <td>{leg?.p90_ms == null ? "–" : span(t, leg.p90_ms)}</td>
                  <td>{percent(group.arrived === 0 ? null : group.met / group.arrived)}</td>
                </>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
