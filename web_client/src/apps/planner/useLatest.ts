import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../../wire/api";
import type { Problem } from "../../wire/types.gen";

/** What came of the latest question; the answer before stays until the next one is there. */
export interface Latest<Answer> {
  readonly answer: Answer | null;
  readonly problem: Problem | null;
  readonly busy: boolean;
  again(): void;
}

/** Ask whenever the question changes: one at a time, the newest next, those between are left out; null asks nothing. */
export function useLatest<Question, Answer>(question: Question | null, ask: (question: Question) => Promise<Answer>): Latest<Answer> {
  const [state, setState] = useState<{ answer: Answer | null; problem: Problem | null; busy: boolean }>({ answer: null, problem: null, busy: false });
  const next = useRef<{ question: Question } | null>(null);
  const running = useRef(false);
  const asker = useRef(ask);
  asker.current = ask;
  const run = useCallback(async (): Promise<void> => {
    if (running.current) return;
    running.current = true;
    while (next.current !== null) {
      const { question: mine } = next.current;
      next.current = null;
      try {
        const answer = await asker.current(mine);
        setState({ answer, problem: null, busy: next.current !== null });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const { problem } = error;
        setState((before) => ({ ...before, problem, busy: next.current !== null }));
      }
    }
    running.current = false;
  }, []);
  const begin = useCallback(
    (asked: Question | null) => {
      next.current = asked === null ? null : { question: asked };
      if (asked === null) return;
      setState((before) => (before.busy ? before : { ...before, busy: true }));
      void run();
    },
    [run],
  );
  useEffect(() => begin(question), [begin, question]);
  const last = useRef(question);
  last.current = question;
  return { ...state, again: useCallback(() => begin(last.current), [begin]) };
}
