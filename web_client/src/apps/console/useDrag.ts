import { useCallback, useEffect, useRef, useState } from "react";

/** A team that is being dragged, where the pointer is, and the incident under it. */
export interface Drag {
  readonly team: string;
  readonly x: number;
  readonly y: number;
  readonly over: string | null;
}

/** What is known of the press that may become a drag. */
type Press = Pick<MouseEvent, "button" | "clientX" | "clientY">;

const FROM_PX = 8;

/**
 * Dragging a team, from the board or the map, onto an incident in the list or on the map (`at` finds one there). A press that moves less than
 * eight pixels stays a press. Escape lets go.
 */
export function useDrag(at: (x: number, y: number) => string | null, onDrop: (team: string, incident: string) => void): { drag: Drag | null; begin(team: string, event: Press): void } {
  const [drag, setDrag] = useState<Drag | null>(null);
  const held = useRef<{ team: string; x: number; y: number } | null>(null);
  const now = useRef<Drag | null>(null); // what is true already, where the picture may be a frame late
  const latest = useRef({ at, onDrop });
  latest.current = { at, onDrop };
  useEffect(() => {
    const show = (next: Drag | null): void => setDrag((now.current = next));
    const stop = (): void => {
      held.current = null;
      show(null);
    };
    const onMove = (event: globalThis.PointerEvent): void => {
      const from = held.current;
      if (from === null || (now.current === null && Math.hypot(event.clientX - from.x, event.clientY - from.y) < FROM_PX)) return;
      show({ team: from.team, x: event.clientX, y: event.clientY, over: incidentUnder(event.clientX, event.clientY) ?? latest.current.at(event.clientX, event.clientY) });
    };
    const onUp = (): void => {
      const { current: ended } = now;
      if (ended !== null && ended.over !== null) latest.current.onDrop(ended.team, ended.over);
      if (ended !== null) window.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 0);
      stop();
    };
    const onKey = (event: KeyboardEvent): void => void (event.key === "Escape" && held.current !== null && stop());
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    window.addEventListener("pointercancel", stop);
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", onUp);
      window.removeEventListener("pointercancel", stop);
      window.removeEventListener("keydown", onKey);
    };
  }, []);
  const begin = useCallback((team: string, event: Press) => {
    if (event.button === 0) held.current = { team, x: event.clientX, y: event.clientY };
  }, []);
  return { drag, begin };
}

/** The press that ended a drag is no click on what lies below. */
function swallow(event: Event): void {
  event.stopPropagation();
  event.preventDefault();
}

function incidentUnder(x: number, y: number): string | null {
  return document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-incident]")?.dataset["incident"] ?? null;
}
