import { useEffect, useRef, useState } from "react";
import { api, ApiError } from "../../wire/api";
import type { CoverageView } from "../../wire/types.gen";

const AGAIN_MS = 5_000;
const APART_MS = 2_000;

/** The live cover and until when it is known to hold, by this machine's clock; null before the first answer. */
export interface Coverage {
  readonly view: CoverageView;
  readonly heard_ms: number;
}

/**
 * The live cover, asked for when the page goes live and again when the service has said (`changed_ms`) that it is
 * another one, while the page is seen; what was heard last stays, and ages where it can no longer be known to hold.
 */
export function useCoverage(live: boolean, changed_ms: number): Coverage | null {
  const [coverage, setCoverage] = useState<Coverage | null>(null);
  const held = useRef<Coverage | null>(null);
  useEffect(() => {
    if (!live) {
      held.current = null; // what changed meanwhile was not said
      return undefined;
    }
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      if (document.visibilityState !== "visible") return;
      try {
        const view = await api.coverage();
        if (left) return;
        held.current = { view, heard_ms: Date.now() };
        setCoverage(held.current);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error; // its age says that it is old
        if (!left) timer = setTimeout(() => void ask(), AGAIN_MS);
      }
    };
    const look = (): void => {
      clearTimeout(timer);
      const last = held.current;
      if (last === null || last.view.now_ms < changed_ms) {
        timer = setTimeout(() => void ask(), last === null ? 0 : Math.max(0, last.heard_ms + APART_MS - Date.now()));
      }
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      left = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [live, changed_ms]);
  const holds = live && coverage !== null && coverage === held.current && coverage.view.now_ms >= changed_ms;
  return holds ? { view: coverage.view, heard_ms: Date.now() } : coverage;
}
