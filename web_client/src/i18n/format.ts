/** Times and lengths for eyes: 24-hour clock, metric, the same width from second to second. */
import type { Dictionary } from "./zh-CN";
import { fill } from "./index";
import type { Problem } from "../wire/types.gen";

/** `75_000` → `1:15`; beyond an hour `1:02:03`. */
export function stopwatch(span_ms: number): string {
  const total = Math.max(0, Math.floor(span_ms / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** Time of day as `HH:MM:SS` in this machine's zone. */
export function timeOfDay(at_ms: number): string {
  const at = new Date(at_ms);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** A span in words, `1 分 42 秒`, that does not break over two lines; seconds are left out from an hour on. */
export function span(t: Dictionary, span_ms: number): string {
  return unbroken(spanWords(t, span_ms));
}

function unbroken(words: string): string {
  return words.replaceAll(" ", "\u00a0");
}

function spanWords(t: Dictionary, span_ms: number): string {
  const total = Math.max(0, Math.round(span_ms / 1000));
  if (total < 60) return fill(t.seconds, { count: total });
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return total % 60 === 0 ? fill(t.minutes, { count: minutes }) : fill(t.minutesSeconds, { minutes, seconds: total % 60 });
  return fill(t.hoursMinutes, { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** A lag behind the start of an order, `+0.4s`, `+12s`, `+1:15`. */
export function lag(span_ms: number): string {
  const at_least = Math.max(0, span_ms);
  if (at_least < 9_950) return `+${(at_least / 1000).toFixed(1)}s`;
  return at_least < 60_000 ? `+${Math.round(at_least / 1000)}s` : `+${stopwatch(at_least)}`;
}

/** Metres, and kilometres from ten thousand on. */
export function metres(t: Dictionary, length_m: number): string {
  if (length_m >= 10_000) return unbroken(fill(t.kilometres, { count: (length_m / 1000).toFixed(1) }));
  return unbroken(fill(t.metres, { count: Math.round(length_m).toLocaleString("en-US") }));
}

/** A problem in the user's language; the service's own words stand in where a code is new. */
export function problemText(t: Dictionary, problem: Problem): { message: string; hint: string } {
  const known = (t.problem as Readonly<Record<string, { message: string; hint: string }>>)[problem.code];
  return known ?? { message: problem.message, hint: problem.hint };
}
