/** What may be the same incident: merged by a press, and taken apart again. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { timeOfDay } from "../../i18n/format";
import { findIncident } from "../../model/lookup";
import { orders } from "../../wire/api";
import type { Incident } from "../../wire/types.gen";
import { whereOf } from "../shared/names";
import type { ConsoleState } from "../shared/store";
import { useUi } from "../shared/ui";
import type { Wish } from "./useRun";

interface Props {
  readonly state: ConsoleState;
  readonly incident: Incident;
  readonly live: boolean;
  readonly focus: boolean;
  onDone(): void;
  onSelect(incident: string): void;
  run(what: string, wish: Wish): Promise<boolean>;
}

/** Likely duplicates, a field for any other number, and what was merged. */
export function Duplicates(props: Props): ReactNode {
  const { state, incident, live, focus, onSelect, run } = props;
  const { t, english } = useUi();
  const { board } = state;
  const open = (name: string): Incident[] => {
    const found = board.incidents.get(name);
    return found?.status === "open" ? [found] : [];
  };
  const similar = incident.status === "open" ? incident.similar.flatMap(open) : [];
  const merge = (into: string): void =>
    void run(fill(t.desk.does.merge, { incident: incident.incident, into }), (key) => orders.merge(incident.incident, key, into)).then((done) => done && onSelect(into));
  const unmerge = (name: string): void => void run(fill(t.desk.does.unmerge, { incident: name }), (key) => orders.unmerge(name, key));
  if (similar.length === 0 && incident.merged.length === 0 && incident.merged_into === null && !focus) return null;
  return (
    <section className="part">
      <h3>{t.desk.duplicates.title}</h3>
      {incident.merged_into !== null && (
        <p>
          {fill(t.desk.duplicates.mergedInto, { incident: incident.merged_into })}{" "}
          <button type="button" disabled={!live} onClick={() => unmerge(incident.incident)}>{t.desk.duplicates.unmerge}</button>
        </p>
      )}
      <ul className="likely">
        {similar.map((one) => (
          <li key={one.incident}>
            <button type="button" className="text-link" onClick={() => onSelect(one.incident)}>
              {one.incident} {t.kind[one.what]} · {timeOfDay(one.reported_at_ms)} · {whereOf(t, one, state.ground.places, english)}
            </button>
            <button type="button" disabled={!live} onClick={() => merge(one.incident)}>{t.desk.duplicates.merge}</button>
          </li>
        ))}
        {incident.merged.map((name) => (
          <li key={name}>
            <span>{t.desk.duplicates.merged} {name}</span>
            <button type="button" disabled={!live} onClick={() => unmerge(name)}>{t.desk.duplicates.unmerge}</button>
          </li>
        ))}
      </ul>
      {focus && <MergeField {...props} onMerge={merge} />}
    </section>
  );
}

function MergeField({ state, incident, live, onDone, onMerge }: Props & { onMerge(into: string): void }): ReactNode {
  const { t } = useUi();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  useEffect(() => field.current?.focus(), []);
  const found = findIncident([...state.board.incidents.values()].filter((one) => one.status === "open" && one !== incident), text);
  return (
    <form
      className="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (found.kind !== "one" || !live) return;
        onMerge(found.one.incident);
        onDone();
      }}
    >
      <input ref={field} value={text} inputMode="numeric" placeholder={t.desk.duplicates.mergeWith} aria-label={t.desk.duplicates.mergeWith} onChange={(event) => setText(event.target.value)} />
      <button type="submit" disabled={found.kind !== "one" || !live}>{found.kind === "one" ? `${found.one.incident} ${t.kind[found.one.what]}` : t.desk.duplicates.merge}</button>
    </form>
  );
}
