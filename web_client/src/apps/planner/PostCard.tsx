/** One standby point: its name, force, way of travel and hours. */
import { useState, type ReactNode } from "react";
import { problemText } from "../../i18n/format";
import { clockOf, minuteOf } from "../../model/planner";
import type { Problem, TeamKind } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import type { PlannerDesk } from "./usePlanner";
import { useWords } from "./words";

const UNITS: readonly TeamKind[] = ["village", "dedicated", "station", "district"];

const OFF_ROADS: ReadonlySet<string> = new Set(["too_far_from_road", "out_of_range"]);

/** The card of the selected post; `problem` is why it has no circles. */
export function PostCard({ desk, problem }: { desk: PlannerDesk; problem: Problem | null }): ReactNode {
  const { t, english } = useUi();
  const w = useWords();
  const post = desk.posts.find((each) => each.post === desk.selected);
  if (post === undefined) return null;
  const profiles: readonly string[] = desk.ground.demand?.profiles ?? [post.profile];
  const named = w.profiles as Readonly<Record<string, string>>;
  return (
    <section className="post-card" aria-label={w.post.title}>
      <header>
        <h2>{w.post.title}</h2>
        <button type="button" className="quiet" onClick={() => desk.select(null)}>{w.post.close}</button>
      </header>
      {problem !== null && <p className="bad" role="status">{OFF_ROADS.has(problem.code) ? w.post.offRoads : problemText(t, problem).message}</p>}
      <label>
        <span>{w.post.name}</span>
        <input value={(english && post.name_en) || post.name} maxLength={64} onChange={(event) => desk.change(post.post, { name: event.target.value, name_en: "" })} />
      </label>
      <div className="row">
        <label className="grow">
          <span>{w.post.unit}</span>
          <select value={post.unit} onChange={(event) => desk.change(post.post, { unit: event.target.value as TeamKind })}>
            {UNITS.map((unit) => <option key={unit} value={unit}>{t.unit[unit]}</option>)}
          </select>
        </label>
        <label className="grow">
          <span>{w.post.profile}</span>
          <select value={post.profile} onChange={(event) => desk.change(post.post, { profile: event.target.value })}>
            {profiles.map((profile) => <option key={profile} value={profile}>{named[profile] ?? profile}</option>)}
          </select>
        </label>
      </div>
      <div className="row">
        <Clock key={`from ${post.post}`} label={w.post.from} minute={post.from_min} onChange={(from_min) => desk.change(post.post, { from_min })} />
        <Clock key={`until ${post.post}`} label={w.post.until} minute={post.until_min} onChange={(until_min) => desk.change(post.post, { until_min })} />
      </div>
      <p className="soft small">{w.post.wholeDay}</p>
      <button type="button" onClick={() => desk.remove(post.post)}>{w.post.remove}</button>
    </section>
  );
}

function Clock({ label, minute, onChange }: { label: string; minute: number; onChange(minute: number): void }): ReactNode {
  const [text, setText] = useState(() => clockOf(minute));
  const wrong = minuteOf(text) === null;
  return (
    <label className="grow">
      <span>{label}</span>
      <input
        value={text}
        inputMode="numeric"
        aria-invalid={wrong}
        maxLength={5}
        onChange={(event) => {
          setText(event.target.value);
          const found = minuteOf(event.target.value);
          if (found !== null && found !== minute) onChange(found);
        }}
      />
    </label>
  );
}
