/** Coverage: by tier in large figures, the whole table, the hours of a day, and what differs from another plan. */
import { useMemo, type ReactNode, type RefObject } from "react";
import { fill } from "../../i18n";
import { cellOf, differences, shareOf } from "../../model/planner";
import { coverCsv, planGeoJson } from "../../model/planner_export";
import { planning } from "../../wire/planning";
import type { CoverView, Tier, Wave } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { HourChart } from "./Charts";
import { ExportRow } from "./ExportRow";
import type { MapHandle } from "./MapArea";
import { ProblemLine } from "./ProblemLine";
import { useLatest } from "./useLatest";
import type { PlannerDesk } from "./usePlanner";
import { demandText, percent, useWords } from "./words";

const TIERS: readonly Tier[] = ["T1", "T2", "T3"];
const WAVES: readonly (Wave | null)[] = [null, "W1", "W2", "W3"];
const KS = [1, 2, 3] as const;

/** The coverage tab. */
export function CoverTab({ desk, may, map }: { desk: PlannerDesk; may: boolean; map: RefObject<MapHandle | null> }): ReactNode {
  const w = useWords();
  const { answer, problem, busy, again } = desk.cover;
  if (answer === null) return problem === null ? <p className="wait" role="status">{w.loading}</p> : <ProblemLine problem={problem} again={again} />;
  return (
    <div className={busy && problem === null ? "is-busy" : ""}>
      {problem !== null && <ProblemLine problem={problem} again={again} />}
      <Emptiness desk={desk} view={answer} />
      <Figures view={answer} />
      {desk.other.problem !== null && desk.compare !== null && <ProblemLine problem={desk.other.problem} again={desk.other.again} />}
      {desk.compare !== null && desk.other.answer !== null && <Differences desk={desk} one={answer} other={desk.other.answer} />}
      <Table view={answer} />
      <Hours desk={desk} />
      <ExportRow may={may} what="coverage" map={map} csv={() => coverCsv(answer)} geojson={() => planGeoJson(answer.posts, [])} />
    </div>
  );
}

function Emptiness({ desk, view }: { desk: PlannerDesk; view: CoverView }): ReactNode {
  const w = useWords();
  if (view.posts.length === 0 && desk.source === "now") return <p className="empty">{w.cover.noTeams}</p>;
  if (view.posts.length === 0 && desk.source === "roster" && desk.filter.hour === null) return <p className="empty">{w.cover.noRoster}</p>;
  if (desk.filter.demand !== "streets" && view.incidents === 0) return <p className="empty">{w.cover.noIncidents}</p>;
  return null;
}

function Figures({ view }: { view: CoverView }): ReactNode {
  const { t } = useUi();
  const w = useWords();
  const all = cellOf(view, null, null, null, 1);
  return (
    <section className="figures" aria-label={w.cover.covered}>
      <div className="figure figure-all">
        <b>{percent(shareOf(all))}</b>
        <span>{w.cover.covered}</span>
        <small>{all === undefined ? "" : `${demandText(all.covered)} / ${demandText(all.demand)}`}</small>
      </div>
      {TIERS.map((tier) => {
        const cell = cellOf(view, null, tier, null, 1);
        return (
          <div key={tier} className={`figure figure-${tier}`}>
            <b>{percent(shareOf(cell))}</b>
            <span>{t.tier[tier]}</span>
            <small>{cell === undefined || cell.demand === 0 ? w.cover.none : `${cell.covered_points} / ${cell.points}`}</small>
          </div>
        );
      })}
    </section>
  );
}

function Table({ view }: { view: CoverView }): ReactNode {
  const { t } = useUi();
  const w = useWords();
  const limits = view.limits_ms;
  const there = WAVES.filter((wave) => wave !== null && (cellOf(view, wave, null, limits.at(-1) ?? null, 1)?.covered_points ?? 0) > 0);
  const waves = there.length > 1 ? [null, ...there] : [null]; // one wave alone is all there is
  const line = (wave: Wave | null, tier: Tier | null, limit_ms: number | null, name: string): ReactNode => (
    <tr key={`${wave} ${tier} ${limit_ms}`} className={tier === null && limit_ms === null ? "is-sum" : ""}>
      <th scope="row">{name}</th>
      {KS.map((k) => <Share key={k} share={shareOf(cellOf(view, wave, tier, limit_ms, k))} />)}
    </tr>
  );
  return (
    <section>
      <h2>{w.cover.table}</h2>
      <table className="grid-table">
        <thead><tr><th scope="col">{w.cover.tier}</th>{KS.map((k) => <th key={k} scope="col">{fill(w.cover.k, { k })}</th>)}</tr></thead>
        {waves.map((wave) => (
          <tbody key={wave ?? "all"}>
            <tr className="group"><th scope="rowgroup" colSpan={4}>{wave === null ? w.cover.allWaves : `${wave} ${t.wave[wave]}`}</th></tr>
            {TIERS.map((tier) => line(wave, tier, null, `${tier} ${t.tier[tier]}`))}
            {line(wave, null, null, `${w.cover.allTiers} · ${w.cover.ownTarget}`)}
            {limits.map((limit_ms) => line(wave, null, limit_ms, `${w.cover.allTiers} · ${fill(w.cover.within, { minutes: limit_ms / 60_000 })}`))}
          </tbody>
        ))}
      </table>
    </section>
  );
}

function Share({ share }: { share: number | null }): ReactNode {
  return (
    <td className="share">
      <i aria-hidden="true" style={{ width: `${(share ?? 0) * 100}%` }} />
      <span>{percent(share)}</span>
    </td>
  );
}

function Differences({ desk, one, other }: { desk: PlannerDesk; one: CoverView; other: CoverView }): ReactNode {
  const { t } = useUi();
  const w = useWords();
  const tiers = desk.ground.demand?.tier;
  const lines = useMemo(() => differences(one, other, tiers ?? [], 1), [one, other, tiers]);
  return (
    <section>
      <h2>{w.difference.title}</h2>
      <table className="grid-table">
        <thead>
          <tr>{([w.difference.tier, w.difference.before, w.difference.after, w.difference.change, w.difference.won, w.difference.lost] as const).map((name) => <th key={name} scope="col">{name}</th>)}</tr>
        </thead>
        <tbody>
          {lines.map((line) => {
            const change = line.one === null || line.other === null ? null : line.other - line.one;
            return (
              <tr key={line.tier ?? "all"} className={line.tier === null ? "is-sum" : ""}>
                <th scope="row">{line.tier === null ? w.cover.allTiers : `${line.tier} ${t.tier[line.tier]}`}</th>
                <td>{percent(line.one)}</td>
                <td>{percent(line.other)}</td>
                <td className={change === null || change === 0 ? "" : change > 0 ? "good" : "bad"}>{change === null ? "–" : `${change > 0 ? "+" : change < 0 ? "−" : "±"}${Math.abs(change * 100).toFixed(1)}`}</td>
                <td>{line.won}</td>
                <td>{line.lost}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Hours({ desk }: { desk: PlannerDesk }): ReactNode {
  const w = useWords();
  const dragging = desk.posts !== desk.draft.posts && desk.source === "plan";
  const question = useMemo(() => (dragging ? null : desk.question), [dragging, desk.question]);
  const { answer, problem, again } = useLatest(question, planning.hours);
  if (answer === null) return problem === null ? null : <ProblemLine problem={problem} again={again} />;
  const data = answer.hours.map((each) => {
    const share = each.all_permille / 1000;
    const tip = fill(w.cover.hoursTip, { hour: each.hour, posts: each.posts, incidents: each.incidents, share: percent(share) });
    return { hour: each.hour, bars: each.incidents, share: answer.incidents > 0 && each.incidents === 0 ? null : share, steps: each.posts, tip };
  });
  return (
    <section>
      <h2>{w.cover.hours}</h2>
      <HourChart data={data} hour={desk.filter.hour} label={w.cover.hours} onHour={(hour) => desk.setFilter({ hour: desk.filter.hour === hour ? null : hour })} />
      <p className="keys soft">
        <span><i className="key-line" />{w.cover.hoursAxis.line}</span>
        <span><i className="key-steps" />{w.cover.hoursAxis.steps}</span>
        {answer.incidents > 0 && <span><i className="key-bar" />{w.cover.hoursAxis.bars}</span>}
      </p>
    </section>
  );
}
