import { useEffect, useState } from "react";
import { api, ApiError, type CircleCollection } from "../../wire/api";
import type { Problem } from "../../wire/types.gen";

const MINUTES = [1, 3, 5] as const;
const RENEW_MS = 5_000;

/** The circles of one team, or why there are none. */
export interface Circles {
  readonly team: string | null;
  readonly collection: CircleCollection | null;
  readonly problem: Problem | null;
  /** When they were asked for first, by this machine's clock. */
  readonly asked_ms: number;
}

const NONE: Circles = { team: null, collection: null, problem: null, asked_ms: 0 };

/** The 1/3/5-minute circles of the selected team, asked for again while it is selected because it moves. */
export function useCircles(team: string | null): Circles {
  const [circles, setCircles] = useState<Circles>(NONE);
  useEffect(() => {
    const asked_ms = Date.now();
    setCircles({ ...NONE, team, asked_ms });
    if (team === null) return undefined;
    let left = false;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async (): Promise<void> => {
      try {
        const collection = await api.circles(team, MINUTES);
        if (!left) setCircles({ team, collection, problem: null, asked_ms });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const { problem } = error;
        if (!left) setCircles({ team, collection: null, problem, asked_ms }); // old circles would look like new ones
      }
      if (!left) timer = setTimeout(() => void ask(), RENEW_MS);
    };
    void ask();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [team]);
  return circles;
}
