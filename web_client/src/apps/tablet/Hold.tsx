/** A button that must be held: what a pocket or a glove's brush must not do. */
import { useEffect, useRef, useState, type ReactNode } from "react";

const HOLD_MS = 1_000;

/** Held for 1 s it does what it says; let go before, nothing. */
export function Hold({ className, label, hint, onHeld }: { className: string; label: string; hint: string; onHeld: () => void }): ReactNode {
  const [held, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const done = useRef(onHeld);
  done.current = onHeld;
  const begin = (): void => {
    clearTimeout(timer.current);
    setHeld(true);
    timer.current = setTimeout(() => {
      setHeld(false);
      done.current();
    }, HOLD_MS);
  };
  const end = (): void => {
    clearTimeout(timer.current);
    setHeld(false);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <button
      type="button"
      className={`hold ${className}${held ? " held" : ""}`}
      onPointerDown={begin}
      onPointerUp={end}
      onPointerLeave={end}
      onPointerCancel={end}
      onKeyDown={(event) => !event.repeat && (event.key === "Enter" || event.key === " ") && begin()}
      onKeyUp={end}
      onContextMenu={(event) => event.preventDefault()}
    >
      <b>{label}</b>
      <small>{hint}</small>
    </button>
  );
}
