/** A patrol that itself needs help: over everything else, until its incident is closed. */
import { useMemo, type ReactNode } from "react";
import { fill } from "../../i18n";
import { span } from "../../i18n/format";
import type { Board } from "../../model/board";
import { openQueue, panicOf } from "../../model/derive";
import type { Incident } from "../../wire/types.gen";
import { teamName } from "../shared/names";
import { useUi } from "../shared/ui";

const MOST_SHOWN = 3;

/** A red line for each call, pressed to select it; nothing where there is none. */
export function SosBar({ board, service_ms, selected, onSelect }: { board: Board; service_ms: number; selected: string | null; onSelect(incident: string): void }): ReactNode {
  const { t, english } = useUi();
  const calls = useMemo(() => openQueue(board).filter((incident) => panicOf(incident) !== null), [board]);
  if (calls.length === 0) return null;
  return (
    <div className="sos-bar" role="alert">
      {calls.slice(0, MOST_SHOWN).map((incident) => (
        <button key={incident.incident} type="button" aria-pressed={incident.incident === selected} onClick={() => onSelect(incident.incident)}>
          <b>SOS</b>
          <span>{fill(t.desk.sos.calls, { team: teamName(board, panicOf(incident) ?? "", english) })}</span>
          <span>{fill(t.desk.sos.since, { time: span(t, Math.max(0, service_ms - incident.reported_at_ms)), incident: incident.incident })}</span>
        </button>
      ))}
      {calls.length > MOST_SHOWN && <p>{fill(t.desk.sos.more, { count: calls.length - MOST_SHOWN })}</p>}
    </div>
  );
}

/** The same in the panel of the incident, with the way to the team that calls. */
export function SosNote({ board, incident, onTeam }: { board: Board; incident: Incident; onTeam(team: string): void }): ReactNode {
  const { t, english } = useUi();
  const team = panicOf(incident);
  if (team === null) return null;
  return (
    <p className="sos-note" role="status">
      <b>SOS</b> {fill(t.desk.sos.calls, { team: teamName(board, team, english) })}{" "}
      <button type="button" onClick={() => onTeam(team)}>{t.desk.sos.show}</button>
    </p>
  );
}
