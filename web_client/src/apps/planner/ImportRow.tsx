/** Past incidents of a CSV file: read in this browser, only place, day and hour go to the service. */
import { useRef, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { problemText } from "../../i18n/format";
import { documentName } from "../../model/planner";
import { partsOf, readPast, type PastRow } from "../../model/planner_heat";
import { ApiError } from "../../wire/api";
import { planning } from "../../wire/planning";
import { useUi } from "../shared/ui";
import type { PlannerDesk } from "./usePlanner";
import { useWords } from "./words";

const MOST_BYTES = 60_000_000;

/** The button that takes a file, and what came of it. */
export function ImportRow({ desk, onDone }: { desk: PlannerDesk; onDone(history: string): void }): ReactNode {
  const { t } = useUi();
  const w = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [told, setTold] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const send = async (title: string, rows: readonly PastRow[], passed: string | null): Promise<void> => {
    const name = documentName(title, new Set(desk.histories.map((each) => each.history)), "history");
    let done = 0;
    for (const part of partsOf(rows)) {
      const kept = await planning.keep(name, { title, rows: part, at: done });
      done += part.length;
      setTold([fill(w.heat.importing, { done, all: rows.length })]);
      if (done === rows.length) setTold([fill(w.heat.imported, { count: kept.incidents, inside: kept.inside }), ...(passed === null ? [] : [passed])]);
    }
    await desk.reload();
    onDone(name);
  };
  const take = async (file: File): Promise<void> => {
    if (file.size > MOST_BYTES) return setTold([w.heat.tooLarge]);
    const read = readPast(await file.text());
    if (read.missing !== null) return setTold([read.missing === "time" ? w.heat.missingTime : w.heat.missingPlace]);
    const passed = read.firstBad === null ? null : fill(w.heat.passed, { count: read.passed, ...read.firstBad });
    if (read.rows.length === 0) return setTold([w.heat.nothing, ...(passed === null ? [] : [passed])]);
    await send(file.name.replace(/\.csv$/i, "").slice(0, 64) || "csv", read.rows, passed);
  };
  const chosen = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setBusy(true);
    try {
      await take(file);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { message, hint } = problemText(t, error.problem);
      setTold([`${message} ${hint}`]);
    } finally {
      setBusy(false);
      if (input.current !== null) input.current.value = "";
    }
  };
  return (
    <section className="import no-print">
      <input ref={input} type="file" accept=".csv,text/csv" hidden aria-hidden="true" onChange={(event) => void chosen(event.target.files?.[0])} />
      <button type="button" disabled={busy} onClick={() => input.current?.click()}>{w.heat.import}</button>
      <p className="soft small">{w.heat.importHint}</p>
      {told.map((line) => <p key={line} role="status">{line}</p>)}
    </section>
  );
}
