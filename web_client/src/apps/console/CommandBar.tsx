/** The command bar on `/`: says what the words will do before Enter does it; a refused command stays to be mended. */
import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { parse, placeWish, type Command, type Context } from "../../model/command";
import { api, ApiError } from "../../wire/api";
import type { FoundView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";

interface Props {
  readonly context: Context;
  /** While the past is looked at, only going about is allowed. */
  readonly past: boolean;
  readonly live: boolean;
  /** Where one looks: of equal matches the nearer place is meant. */
  near(): readonly [number, number] | null;
  words(command: Command): string;
  onRun(command: Command): void;
  onClose(): void;
}

const MOST_KEPT = 30;
const kept: string[] = [];
const LOCAL: ReadonlySet<Command["verb"]> = new Set(["go", "past", "now"]);

/** One line over the foot of the map; arrows bring earlier lines back. */
export function CommandBar({ context, past, live, near, words, onRun, onClose }: Props): ReactNode {
  const { t } = useUi();
  const field = useRef<HTMLInputElement>(null);
  const hint = useId();
  const [text, setText] = useState("");
  const [back, setBack] = useState(0);
  const found = usePlaces(live ? placeWish(text, context) : null, near);
  const reading = useMemo(() => parse(text, { ...context, found }), [text, context, found]);
  useEffect(() => field.current?.focus(), []);
  const local = reading.ok && LOCAL.has(reading.command.verb);
  const blocked = reading.ok && !local && (past || !live);
  const said = reading.ok
    ? blocked
      ? past ? t.desk.bar.blocked : t.noContact
      : fill(t.desk.bar.does, { what: words(reading.command) })
    : `${t.desk.gaps[reading.gap]}${reading.choices.length > 0 ? ` ${reading.choices.join(" · ")}` : ""}`;
  const submit = (): void => {
    if (!reading.ok || blocked) return;
    kept.push(text);
    if (kept.length > MOST_KEPT) kept.shift();
    onRun(reading.command);
    onClose();
  };
  const recall = (by: 1 | -1): void => {
    const next = Math.max(0, Math.min(kept.length, back + by));
    setBack(next);
    setText(next === 0 ? "" : (kept[kept.length - next] ?? ""));
  };
  return (
    <form
      className="bar"
      role="search"
      aria-label={t.desk.bar.label}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return; // these keys are the input method's
        if (event.key === "ArrowUp") recall(1);
        else if (event.key === "ArrowDown") recall(-1);
        else if (event.key !== "Escape") return;
        else onClose();
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <kbd aria-hidden="true">/</kbd>
      <input
        ref={field}
        value={text}
        maxLength={400}
        spellCheck={false}
        autoComplete="off"
        placeholder={t.desk.bar.placeholder}
        aria-label={t.desk.bar.label}
        aria-describedby={hint}
        onChange={(event) => setText(event.target.value)}
      />
      <p id={hint} role="status" className={reading.ok && !blocked ? "good" : reading.ok || reading.gap !== "empty" ? "bad" : "soft"}>{said}</p>
    </form>
  );
}

const ASK_AFTER_MS = 90;
const NONE: readonly FoundView[] = [];

/** What the ground's search finds for some words, a moment after the last letter; nothing while other words are asked for. */
function usePlaces(wish: string | null, near: Props["near"]): readonly FoundView[] {
  const [answer, setAnswer] = useState<{ readonly wish: string; readonly found: readonly FoundView[] }>({ wish: "", found: NONE });
  const where = useRef(near);
  where.current = near;
  useEffect(() => {
    if (wish === null) return undefined;
    let old = false;
    const timer = setTimeout(() => {
      api.find(wish, where.current(), 1).then(
        (found) => void (old || setAnswer({ wish, found })),
        (error: unknown) => {
          if (!(error instanceof ApiError)) throw error; // a "no" finds nothing, and the bar says that there is no such place
        },
      );
    }, ASK_AFTER_MS);
    return () => {
      old = true;
      clearTimeout(timer);
    };
  }, [wish]);
  return wish !== null && answer.wish === wish ? answer.found : NONE;
}
