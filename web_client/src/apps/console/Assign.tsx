/** Sending a team by hand: which one, and why; the reason is kept on the log. */
import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { span } from "../../i18n/format";
import { isFree, liveOrders, teamStatus } from "../../model/derive";
import { orders } from "../../wire/api";
import type { Incident, Team } from "../../wire/types.gen";
import { nameOf } from "../shared/names";
import type { ConsoleState } from "../shared/store";
import { useUi } from "../shared/ui";
import type { Advice } from "./useAdvice";
import type { Assigning } from "./useDesk";
import type { Wish } from "./useRun";

interface Props {
  readonly state: ConsoleState;
  readonly incident: Incident;
  readonly assigning: Assigning;
  readonly advice: Advice;
  readonly live: boolean;
  onChange(assigning: Assigning | null): void;
  run(what: string, wish: Wish): Promise<boolean>;
}

const REASONS = ["local", "radio", "stronger", "people", "order", "other"] as const;

/** A short form: the team's field has the focus, digits choose a reason. */
export function Assign({ state, incident, assigning, advice, live, onChange, run }: Props): ReactNode {
  const { t, english } = useUi();
  const field = useId();
  const first = useRef<HTMLSelectElement>(null);
  const [reason, setReason] = useState<(typeof REASONS)[number]>("local");
  const [words, setWords] = useState("");
  const eta = useMemo(() => etas(advice), [advice]);
  const teams = useMemo(() => sorted(state, eta), [state.board, eta]);
  useEffect(() => first.current?.focus(), [assigning.incident]);
  const live_order = assigning.team === null ? undefined : liveOrders(state.board).get(assigning.team);
  const told = reason === "other" ? words.trim() : t.desk.assign.reasons[reason];
  const ready = live && assigning.team !== null && told !== "";
  const submit = async (): Promise<void> => {
    const { team } = assigning;
    if (!ready || team === null) return;
    const name = state.board.teams.get(team);
    const what = fill(t.desk.does.send, { team: name === undefined ? team : nameOf(name, english), incident: incident.incident });
    if (await run(what, (key) => orders.send(incident.incident, key, team, told, null))) onChange(null);
  };
  return (
    <form
      className="part assign"
      aria-label={t.desk.actions.assign}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h3>{t.desk.actions.assign}</h3>
      <label className="field" htmlFor={field}>
        <span>{t.desk.assign.choose}</span>
        <select ref={first} id={field} value={assigning.team ?? ""} onChange={(event) => onChange({ ...assigning, team: event.target.value || null })}>
          <option value="" />
          {teams.map(({ team, status }) => (
            <option key={team.team} value={team.team}>
              {nameOf(team, english)} · {t.teamStatus[status]}{eta.has(team.team) ? ` · ${span(t, eta.get(team.team) ?? 0)}` : ""}
            </option>
          ))}
        </select>
      </label>
      {live_order !== undefined && <p className="waiting">{fill(t.desk.assign.diverts, { incident: live_order.incident })}</p>}
      <fieldset className="choices reasons-choice">
        <legend>{t.desk.assign.reason}</legend>
        {REASONS.map((one) => (
          <label key={one} className={`choice${one === reason ? " is-on" : ""}`}>
            <input type="radio" name="override" checked={one === reason} onChange={() => setReason(one)} />
            {t.desk.assign.reasons[one]}
          </label>
        ))}
      </fieldset>
      {reason === "other" && <input value={words} maxLength={500} autoFocus aria-label={t.desk.assign.other} placeholder={t.desk.assign.other} onChange={(event) => setWords(event.target.value)} />}
      <div className="buttons">
        <button type="button" onClick={() => onChange(null)}>{t.reportForm.cancel}</button>
        <button type="submit" className="primary" disabled={!ready} title={live ? undefined : t.noContact}>{t.desk.assign.send}</button>
      </div>
    </form>
  );
}

/** Road time of each team that the recommendation has ranked. */
function etas(advice: Advice): ReadonlyMap<string, number> {
  const ranked = advice.view?.picks.flatMap((pick) => pick.choice?.ranked ?? []) ?? [];
  return new Map(ranked.map((candidate) => [candidate.team, candidate.eta_ms]));
}

/** Free teams first, the nearest of them first; who is off duty cannot be sent. */
function sorted(state: ConsoleState, eta: ReadonlyMap<string, number>): { team: Team; status: ReturnType<typeof teamStatus> }[] {
  const live = liveOrders(state.board);
  const order = (status: ReturnType<typeof teamStatus>): number => (isFree(status) ? 0 : 1);
  return [...state.board.teams.values()]
    .map((team) => ({ team, status: teamStatus(team, live.get(team.team)) }))
    .filter(({ status }) => status !== "off_duty")
    .sort((a, b) => order(a.status) - order(b.status) || (eta.get(a.team.team) ?? 1e12) - (eta.get(b.team.team) ?? 1e12) || a.team.team.localeCompare(b.team.team, "en", { numeric: true }));
}
