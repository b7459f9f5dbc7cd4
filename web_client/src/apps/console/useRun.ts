/** One wish after another: its permanent key, its outcome in words, and the way to press again without doing it twice. */
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../../wire/api";
import { uuidv7 } from "../../wire/keys";
import type { Problem } from "../../wire/types.gen";

/** What came of the latest wish; `again` repeats it with the same key where it is not known whether it was done. */
export interface Notice {
  readonly what: string;
  readonly state: "busy" | "done" | "refused";
  readonly problem: Problem | null;
  readonly again: (() => void) | null;
}

/** Asks the service, with a key that was made once. */
export type Wish = (key: string) => Promise<unknown>;

const GONE_AFTER_MS = 6_000;
const UNSURE = new Set(["unreachable", "not_understood", "outcome_unknown", "overloaded", "log_away"]);

/** Runs wishes and keeps the notice about the latest one. */
export function useRun(): { notice: Notice | null; run(what: string, wish: Wish): Promise<boolean>; say(what: string): void; dismiss(): void } {
  const [notice, setNotice] = useState<Notice | null>(null);
  const latest = useRef(0);
  const attempt = useCallback(async (what: string, wish: Wish, key: string): Promise<boolean> => {
    const mine = (latest.current += 1);
    const put = (state: Notice["state"], problem: Problem | null = null): void => {
      if (latest.current !== mine) return;
      const again = problem !== null && UNSURE.has(problem.code) ? () => void attempt(what, wish, key) : null;
      setNotice({ what, state, problem, again });
    };
    put("busy");
    try {
      await wish(key);
      put("done");
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      put("refused", error.problem);
      return false;
    }
  }, []);
  const run = useCallback((what: string, wish: Wish) => attempt(what, wish, uuidv7()), [attempt]);
  const say = useCallback((what: string) => {
    latest.current += 1;
    setNotice({ what, state: "refused", problem: null, again: null });
  }, []);
  useEffect(() => {
    if (notice === null || notice.state === "busy" || notice.again !== null) return undefined;
    const timer = setTimeout(() => setNotice((now) => (now === notice ? null : now)), GONE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return { notice, run, say, dismiss: () => setNotice(null) };
}
