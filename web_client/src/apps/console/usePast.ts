import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { boardOf, type Board } from "../../model/board";
import { api, ApiError } from "../../wire/api";
import type { EventFrame, Problem } from "../../wire/types.gen";

/** A moment of the past that is looked at. */
export interface Moment {
  readonly seq: number;
  readonly at_ms: number;
  readonly head: number;
  readonly board: Board;
}

/** Looking back: where one is, and how to move. */
export interface Past {
  readonly moment: Moment | null;
  readonly busy: boolean;
  readonly problem: Problem | null;
  look(at: { readonly seq: number } | { readonly at_ms: number }): void;
  leave(): void;
}

/** The desk in the past; the latest question wins, however the answers come in. */
export function usePast(): Past {
  const [moment, setMoment] = useState<Moment | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = useRef(0);
  const look = useCallback((at: { readonly seq: number } | { readonly at_ms: number }) => {
    const mine = (asked.current += 1);
    setBusy(true);
    api
      .past(at)
      .then(
        (view) => {
          if (mine !== asked.current) return;
          setProblem(null);
          setMoment({ seq: view.seq, at_ms: view.at_ms, head: view.head, board: boardOf(view.snapshot) });
        },
        (error: unknown) => {
          if (!(error instanceof ApiError)) throw error;
          if (mine === asked.current) setProblem(error.problem);
        },
      )
      .finally(() => mine === asked.current && setBusy(false));
  }, []);
  const leave = useCallback(() => {
    asked.current += 1;
    setBusy(false);
    setProblem(null);
    setMoment(null);
  }, []);
  return useMemo(() => ({ moment, busy, problem, look, leave }), [moment, busy, problem, look, leave]);
}

const PAGE = 200;
const MOST_KEPT = 5_000;
/** The latest page is asked for so often at most, however fast the log grows. */
const AGAIN_MS = 1_000;

/** The latest events of the log, and more of them on request; renewed when the log has grown. */
export function useEvents(head: number, wanted: boolean): { events: readonly EventFrame[]; more(): void; busy: boolean } {
  const [events, setEvents] = useState<readonly EventFrame[]>([]);
  const [busy, setBusy] = useState(false);
  const asked_ms = useRef(-AGAIN_MS);
  const first = events[0]?.seq ?? null;
  const read = useCallback(async (before: number | null) => {
    setBusy(true);
    try {
      const { events: found } = await api.events(before, PAGE);
      setEvents((known) => {
        const gap = known.length > 0 && found[0] !== undefined && before === null && (known.at(-1)?.seq ?? 0) < found[0].seq - 1;
        const all = new Map([...(gap ? [] : known), ...found].map((event) => [event.seq, event]));
        return [...all.values()].sort((a, b) => a.seq - b.seq).slice(-MOST_KEPT);
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the banner says that the service is gone
    } finally {
      setBusy(false);
    }
  }, []);
  useEffect(() => {
    if (!wanted) return undefined;
    const timer = setTimeout(() => {
      asked_ms.current = performance.now();
      void read(null);
    }, Math.max(0, asked_ms.current + AGAIN_MS - performance.now()));
    return () => clearTimeout(timer);
  }, [wanted, head, read]);
  return { events, more: () => first !== null && first > 1 && void read(first), busy };
}
