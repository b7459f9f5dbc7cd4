/** What happened to an incident, from the log; each line can be looked back to. */
import { useState, type ReactNode } from "react";
import { timeOfDay } from "../../i18n/format";
import type { Dictionary } from "../../i18n";
import { groupOf, photosNoted } from "../../model/incidents";
import type { EventFrame, Incident } from "../../wire/types.gen";
import type { ConsoleState } from "../shared/store";
import { useUi } from "../shared/ui";
import { useEvents, type Past } from "./usePast";

interface Props {
  readonly state: ConsoleState;
  readonly incident: Incident;
  readonly past: Past;
  names(team: string): string;
}

/** The events about an incident and its orders, the latest first; read when it is opened. */
export function Timeline({ state, incident, past, names }: Props): ReactNode {
  const { t } = useUi();
  const [open, setOpen] = useState(false);
  const { events, more, busy } = useEvents(state.board.seq, open && past.moment === null);
  const group = groupOf(state.board, incident.incident);
  const about = new Set(group.flatMap((one) => [one.incident, ...one.orders]));
  const lines = events.filter(({ event }) => mentions(event, about)).reverse();
  const reported = lines.some(({ event }) => event.kind === "incident_reported" && event.incident === incident.incident);
  return (
    <details className="part timeline" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.desk.timeline.title}</summary>
      <ol>
        {lines.map((frame) => (
          <li key={frame.seq}>
            <button type="button" className="plain" title={t.desk.timeline.at} onClick={() => past.look({ seq: frame.seq })}>
              <time>{timeOfDay(frame.at_ms)}</time> {eventWords(frame, t, names)}
            </button>
          </li>
        ))}
      </ol>
      {busy && <p className="soft">{t.desk.timeline.loading}</p>}
      {!busy && lines.length === 0 && <p className="soft">{t.desk.timeline.none}</p>}
      {!busy && !reported && (events[0]?.seq ?? 1) > 1 && <button type="button" className="quiet" onClick={more}>{t.desk.timeline.more}</button>}
    </details>
  );
}

function mentions(event: EventFrame["event"], names: ReadonlySet<string>): boolean {
  const told = event as { readonly incident?: string; readonly order?: string; readonly into?: string };
  return [told.incident, told.order, told.into].some((name) => name !== undefined && names.has(name));
}

/** One event in words: what, who, and what was said. */
export function eventWords({ event }: EventFrame, t: Dictionary, names: (team: string) => string): string {
  const told = event as { readonly team?: string; readonly note?: string | null; readonly reason?: string; readonly outcome?: string };
  const reason = told.reason === undefined ? "" : (t.waiting[told.reason] ?? t.desk.waveReason[told.reason] ?? told.reason);
  const note = told.note ?? "";
  const words = photosNoted([{ at_ms: 0, source: "", note }]).length > 0 ? t.desk.photos.noted : note;
  const parts = [t.desk.events[event.kind] ?? event.kind, told.team === undefined ? "" : names(told.team), words, reason, told.outcome ?? ""];
  return parts.filter((part) => part !== "").join(" · ");
}
