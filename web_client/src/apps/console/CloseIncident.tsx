/** Ending an incident: a button, a question, an outcome. */
import { useCallback, useEffect, useId, useRef, useState, type ReactNode } from "react";
import { api } from "../../wire/api";
import { useUi } from "../shared/ui";
import { ProblemNote } from "./ProblemNote";
import { useSend } from "./useSend";

/** The button, and after it the question. */
export function CloseIncident({ incident, live }: { incident: string; live: boolean }): ReactNode {
  const { t } = useUi();
  const [asking, setAsking] = useState(false);
  if (asking) return <Question incident={incident} live={live} onBack={() => setAsking(false)} />;
  return (
    <button type="button" className="quiet" onClick={() => setAsking(true)}>{t.close}</button>
  );
}

function Question({ incident, live, onBack }: { incident: string; live: boolean; onBack(): void }): ReactNode {
  const { t } = useUi();
  const form = useRef<HTMLFormElement>(null);
  const field = useId();
  const [outcome, setOutcome] = useState("");
  const command = useCallback((key: string) => api.close(incident, { key, outcome }), [incident, outcome]);
  const { busy, problem, send } = useSend(command);
  useEffect(() => {
    form.current?.scrollIntoView({ block: "nearest" }); // its buttons must be seen, and the last "no"
  }, [problem]);
  return (
    <form
      ref={form}
      className="close-form"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onBack();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (live) void send();
      }}
    >
      <p>{t.closeAsk}</p>
      <label htmlFor={field}>{t.closeOutcome}</label>
      <input id={field} value={outcome} maxLength={2000} autoFocus onChange={(event) => setOutcome(event.target.value)} />
      {problem !== null && <ProblemNote problem={problem} />}
      <div className="buttons">
        <button type="button" onClick={onBack}>{t.back}</button>
        <button type="submit" className="danger" disabled={busy || !live} title={live ? undefined : t.noContact}>{busy ? t.closing : t.closeConfirm}</button>
      </div>
    </form>
  );
}
