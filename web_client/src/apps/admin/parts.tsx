/** What the tabs share: a list that is asked for again, a button that asks back, a secret shown once. */
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { ADMIN_DICTIONARIES, type AdminDictionary } from "../../i18n/admin";
import { problemText, span } from "../../i18n/format";
import { ApiError } from "../../wire/api";
import type { Problem } from "../../wire/types.gen";
import { useUi } from "../shared/ui";

const ASK_EVERY_MS = 5_000;

/** The page's own words. */
export function useWords(): AdminDictionary {
  return ADMIN_DICTIONARIES[useUi().language];
}

/** A list of the service, what it last refused, and how to do something and look again. */
export interface Listing<Row> {
  readonly rows: readonly Row[] | null;
  readonly problem: Problem | null;
  look(): void;
  act(work: () => Promise<unknown>): void;
}

/** Asks for a list now and every five seconds while the page is in sight. */
export function useListing<Row>(ask: () => Promise<Row[]>): Listing<Row> {
  const [rows, setRows] = useState<readonly Row[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const told = useCallback((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    setProblem(error.problem);
  }, []);
  const look = useCallback(() => void ask().then(setRows, told), [ask, told]);
  useEffect(() => {
    look();
    const timer = setInterval(() => document.visibilityState === "visible" && look(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [look]);
  const act = useCallback(
    (work: () => Promise<unknown>) => {
      setProblem(null);
      void work().then(look, told);
    },
    [look, told],
  );
  return { rows, problem, look, act };
}

/** The "no" of the service, in the user's language. */
export function Said({ problem }: { problem: Problem | null }): ReactNode {
  const { t } = useUi();
  if (problem === null) return null;
  const { message, hint } = problemText(t, problem);
  return <p className="admin-problem" role="alert"><b>{message}</b> {hint}</p>;
}

/** A button that asks back before it does something that cannot be taken back easily. */
export function Sure({ label, onSure }: { label: string; onSure(): void }): ReactNode {
  const words = useWords();
  const [asked, setAsked] = useState(false);
  if (!asked) return <button type="button" onClick={() => setAsked(true)}>{label}</button>;
  return (
    <span className="sure">
      <button type="button" className="danger" autoFocus onClick={() => { setAsked(false); onSure(); }}>{fill(words.sure, { what: label })}</button>
      <button type="button" className="quiet" onClick={() => setAsked(false)}>{words.cancel}</button>
    </span>
  );
}

/** A password or token that is told once. */
export function Secret({ title, secret, how, onDone }: { title: string; secret: string; how?: string; onDone(): void }): ReactNode {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard.writeText(secret).then(() => setCopied(true), () => undefined);
  return (
    <section className="secret" role="status">
      <b>{title}</b>
      <code>{secret}</code>
      <p>{words.once} {how}</p>
      <p>
        {isSecureContext && <button type="button" onClick={copy}>{copied ? words.copied : words.copy}</button>}
        <button type="button" className="primary" onClick={onDone}>{words.done}</button>
      </p>
    </section>
  );
}

/** When something was last there, in words. */
export function Seen({ connected, seen_ms }: { connected: boolean; seen_ms: number | null }): ReactNode {
  const { t } = useUi();
  const words = useWords();
  if (connected) return <span className="good">{words.now}</span>;
  if (seen_ms === null) return <span className="soft">{words.never}</span>;
  return fill(words.ago, { time: span(t, Date.now() - seen_ms) });
}

/** A percentage, or a dash where it is not known; low ones stand out. */
export function Battery({ percent }: { percent: number | null }): ReactNode {
  if (percent === null) return <span className="soft">–</span>;
  return <span className={percent < 20 ? "bad" : undefined}>{Math.round(percent)}%</span>;
}

/** A moment as date and time of this machine's zone. */
export function moment(at_ms: number): string {
  const at = new Date(at_ms);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
