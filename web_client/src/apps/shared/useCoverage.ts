import { useEffect, useState } from "react";
import { api, ApiError } from "../../wire/api";
import type { CoverageView } from "../../wire/types.gen";

const RENEW_MS = 5_000;

/** The live cover and when it was heard, by this machine's clock; null before the first answer. */
export interface Coverage {
  readonly view: CoverageView;
  readonly heard_ms: number;
}

/** The live cover, asked for again every five seconds while the page is seen; the last one stays, with its age. */
export function useCoverage(live: boolean): Coverage | null {
  const [coverage, setCoverage] = useState<Coverage | null>(null);
  useEffect(() => {
    if (!live) return undefined;
    let left = false;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async (): Promise<void> => {
      try {
        if (document.visibilityState === "visible") {
          const view = await api.coverage();
          if (!left) setCoverage({ view, heard_ms: Date.now() });
        }
      } catch (error) {
        if (!(error instanceof ApiError)) throw error; // its age says that it is old
      }
      if (!left) timer = setTimeout(() => void ask(), RENEW_MS);
    };
    void ask();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [live]);
  return coverage;
}
