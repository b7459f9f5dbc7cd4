/** The command bar on `/`: says what the words will do before Enter does it; a refused command stays to be mended. */
import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { parse, type Command, type Context } from "../../model/command";
import { useUi } from "../shared/ui";

interface Props {
  readonly context: Context;
  /** While the past is looked at, only going about is allowed. */
  readonly past: boolean;
  readonly live: boolean;
  words(command: Command): string;
  onRun(command: Command): void;
  onClose(): void;
}

const MOST_KEPT = 30;
const kept: string[] = [];
const LOCAL: ReadonlySet<Command["verb"]> = new Set(["go", "past", "now"]);

/** One line over the foot of the map; arrows bring earlier lines back. */
export function CommandBar({ context, past, live, words, onRun, onClose }: Props): ReactNode {
  const { t } = useUi();
  const field = useRef<HTMLInputElement>(null);
  const hint = useId();
  const [text, setText] = useState("");
  const [back, setBack] = useState(0);
  const reading = useMemo(() => parse(text, context), [text, context]);
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
