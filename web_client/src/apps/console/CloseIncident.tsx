/** Ending an incident, or opening it again: a button, a question, an outcome. */
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { api, orders } from "../../wire/api";
import type { Incident } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import type { Wish } from "./useRun";

interface Props {
  readonly incident: Incident;
  readonly live: boolean;
  readonly asking: boolean;
  onAsk(asking: boolean): void;
  run(what: string, wish: Wish): Promise<boolean>;
}

/** The button, and after it the question. */
export function CloseIncident(props: Props): ReactNode {
  const { incident, live, asking, onAsk, run } = props;
  const { t } = useUi();
  if (incident.status === "closed") {
    const what = fill(t.desk.does.reopen, { incident: incident.incident });
    return <button type="button" disabled={!live} onClick={() => void run(what, (key) => orders.reopen(incident.incident, key))}>{t.desk.dock.reopen}</button>;
  }
  if (incident.status !== "open") return null;
  if (asking) return <Question {...props} />;
  return <button type="button" className="quiet case-close" disabled={!live} onClick={() => onAsk(true)}>{t.close} <kbd>C</kbd></button>;
}

function Question({ incident, live, onAsk, run }: Props): ReactNode {
  const { t } = useUi();
  const form = useRef<HTMLFormElement>(null);
  const field = useId();
  const [outcome, setOutcome] = useState("");
  useEffect(() => void form.current?.scrollIntoView({ block: "nearest" }), []);
  const submit = async (): Promise<void> => {
    const what = fill(t.desk.does.close, { incident: incident.incident });
    if (live && (await run(what, (key) => api.close(incident.incident, { key, outcome })))) onAsk(false);
  };
  return (
    <form
      ref={form}
      className="close-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <p>{t.closeAsk}</p>
      <label htmlFor={field}>{t.closeOutcome}</label>
      <input id={field} value={outcome} maxLength={2000} autoFocus onChange={(event) => setOutcome(event.target.value)} />
      <div className="buttons">
        <button type="button" onClick={() => onAsk(false)}>{t.back}</button>
        <button type="submit" className="danger" disabled={!live} title={live ? undefined : t.noContact}>{t.closeConfirm}</button>
      </div>
    </form>
  );
}
