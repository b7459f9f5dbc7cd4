import { useCallback, useState } from "react";
import { ApiError } from "../../wire/api";
import { uuidv7 } from "../../wire/keys";
import type { Problem } from "../../wire/types.gen";

/** One wish of the operator: its permanent key, whether it is under way, and what came back as a "no". */
export interface Sending<Answer> {
  readonly busy: boolean;
  readonly problem: Problem | null;
  /** Sends; a second call repeats with the same key. Answers null where it was a "no". */
  send(): Promise<Answer | null>;
}

/** A command whose key is made once and kept for every repetition. */
export function useSend<Answer>(command: (key: string) => Promise<Answer>): Sending<Answer> {
  const [key] = useState(() => uuidv7());
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = useCallback(async (): Promise<Answer | null> => {
    setBusy(true);
    setProblem(null);
    try {
      return await command(key);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
      return null;
    } finally {
      setBusy(false);
    }
  }, [command, key]);
  return { busy, problem, send };
}
