/** Check-in: every so many minutes the tablet asks; who does not answer in a minute is helped. */
import { useEffect, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { stopwatch } from "../../i18n/format";
import { useWords } from "./words";

const CHOICES_MIN = [5, 10, 20] as const;
const ANSWER_WITHIN_MS = 60_000;
const KEPT = "patrol.check_in";
/** A page that did not run for so long has not asked meanwhile. */
const FROZEN_MS = 10_000;

/** A running timer: every so many ms, and when it is due next (local time). */
export interface CheckTimer {
  readonly every_ms: number;
  readonly due_ms: number;
  /** Asked a second time, after the page had not run when it was due. */
  readonly again?: boolean;
}

/** The timer that was running when the page was closed, or null. */
function keptTimer(): CheckTimer | null {
  try {
    return asked(JSON.parse(localStorage.getItem(KEPT) ?? "null") as CheckTimer | null, Date.now());
  } catch {
    return null;
  }
}

/** Another team's tablet begins without it. */
export function forgetCheckIn(): void {
  localStorage.removeItem(KEPT);
}

/**
 * Nobody is helped unasked: where the time for an answer went by while this page did not run, it is asked now, once for
 * each time that was due: a page whose clock beats slowly, or that is started again and again, still calls for help.
 */
function asked(timer: CheckTimer | null, now_ms: number): CheckTimer | null {
  if (timer === null || timer.again === true || now_ms < timer.due_ms + ANSWER_WITHIN_MS) return timer;
  const next: CheckTimer = { ...timer, due_ms: now_ms, again: true };
  localStorage.setItem(KEPT, JSON.stringify(next));
  return next;
}

/** The timer, kept over a crash; `missed` is called once where nobody answered. */
export function useCheckIn(missed: () => void): { timer: CheckTimer | null; due: boolean; left_ms: number; start: (every_ms: number) => void; stop: () => void; safe: () => void } {
  const [timer, setTimer] = useState(keptTimer);
  const [now_ms, setNow] = useState(() => Date.now());
  const keep = (next: CheckTimer | null): void => {
    setTimer(next);
    if (next === null) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, JSON.stringify(next));
  };
  useEffect(() => {
    if (timer === null) return undefined;
    let last_ms = Date.now();
    const beat = setInterval(() => {
      const now = Date.now();
      if (now - last_ms > FROZEN_MS) setTimer((held) => asked(held, now));
      last_ms = now;
      setNow(now);
    }, 500);
    return () => clearInterval(beat);
  }, [timer]);
  const due = timer !== null && now_ms >= timer.due_ms;
  const over = timer !== null && now_ms >= timer.due_ms + ANSWER_WITHIN_MS;
  useEffect(() => {
    if (!over) return;
    keep(null);
    missed();
  }, [over]);
  const left_ms = timer === null ? 0 : due ? timer.due_ms + ANSWER_WITHIN_MS - now_ms : timer.due_ms - now_ms;
  const begin = (every_ms: number): void => {
    setNow(Date.now());
    keep({ every_ms, due_ms: Date.now() + every_ms });
  };
  return { timer, due, left_ms, start: begin, stop: () => keep(null), safe: () => timer !== null && begin(timer.every_ms) };
}

/** The timer in the menu: choose, see, stop. */
export function CheckChoice({ check }: { check: ReturnType<typeof useCheckIn> }): ReactNode {
  const t = useWords();
  return (
    <fieldset className="chips">
      <legend>{check.timer === null ? t.checkOff : fill(t.checkIn, { time: stopwatch(check.left_ms) })}</legend>
      {CHOICES_MIN.map((count) => (
        <button key={count} type="button" data-check={count} aria-pressed={check.timer?.every_ms === count * 60_000} onClick={() => check.start(count * 60_000)}>{fill(t.checkEvery, { count })}</button>
      ))}
      {check.timer !== null && <button type="button" onClick={check.stop}>{t.checkStop}</button>}
    </fieldset>
  );
}

/** The question, over everything. */
export function CheckDue({ check }: { check: ReturnType<typeof useCheckIn> }): ReactNode {
  const t = useWords();
  if (!check.due) return null;
  return (
    <div className="sheet due" role="alertdialog" aria-label={t.checkDue}>
      <h2>{t.checkDue}</h2>
      <p>{fill(t.checkDueHint, { seconds: Math.max(0, Math.ceil(check.left_ms / 1000)) })}</p>
      <button type="button" className="big" data-do="safe" onClick={check.safe} autoFocus><b>{t.safe}</b></button>
    </div>
  );
}
