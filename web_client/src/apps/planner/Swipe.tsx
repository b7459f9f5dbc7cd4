/** The line between two coverages on one map: drag it, or use the arrow keys. */
import type { KeyboardEvent, PointerEvent, ReactNode } from "react";
import { fill } from "../../i18n";
import { useWords } from "./words";

const STEP = 0.02;

/** `at` is 0…1 of the width; `names` are those of the left and the right side. */
export function Swipe({ at, onMove, names }: { at: number; onMove(at: number): void; names: readonly [string, string] }): ReactNode {
  const w = useWords();
  const within = (wish: number): number => Math.max(0.02, Math.min(0.98, wish));
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const area = event.currentTarget.parentElement?.getBoundingClientRect();
    if (area !== undefined) onMove(within((event.clientX - area.left) / area.width));
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "ArrowLeft") onMove(within(at - STEP));
    else if (event.key === "ArrowRight") onMove(within(at + STEP));
  };
  return (
    <>
      <div
        className="swipe"
        role="slider"
        tabIndex={0}
        aria-label={w.compareSwipe}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(at * 100)}
        style={{ left: `${at * 100}%` }}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={key}
      />
      <span className="side side-one">{fill(w.one, { name: names[0] })}</span>
      <span className="side side-other">{fill(w.other, { name: names[1] })}</span>
    </>
  );
}
