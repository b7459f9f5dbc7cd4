import { useEffect, useState } from "react";
import { api, ApiError } from "../../wire/api";
import type { Problem, RecommendationView } from "../../wire/types.gen";

const RENEW_MS = 5_000;

/** What the desk would do for the selected incident; null while it is not known. */
export interface Advice {
  readonly incident: string | null;
  readonly view: RecommendationView | null;
  readonly problem: Problem | null;
}

const NOTHING: Advice = { incident: null, view: null, problem: null };

/** The recommendation of an incident, asked for again when something about it has changed (`mark`) and now and then. */
export function useAdvice(incident: string | null, mark: string, live: boolean): Advice {
  const [advice, setAdvice] = useState<Advice>(NOTHING);
  useEffect(() => {
    if (incident === null || !live) {
      setAdvice(NOTHING);
      return undefined;
    }
    let left = false;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async (): Promise<void> => {
      try {
        const view = await api.recommendation(incident);
        if (!left) setAdvice({ incident, view, problem: null });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (!left) setAdvice({ incident, view: null, problem: error.problem });
      }
      if (!left) timer = setTimeout(() => void ask(), RENEW_MS);
    };
    setAdvice((before) => (before.incident === incident ? before : { ...NOTHING, incident }));
    void ask();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [incident, mark, live]);
  return advice;
}
