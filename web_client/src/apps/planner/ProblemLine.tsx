import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { problemText } from "../../i18n/format";
import type { Problem } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { useWords } from "./words";

/** What went wrong, what to do, and a button to try again. */
export function ProblemLine({ problem, again }: { problem: Problem; again?: () => void }): ReactNode {
  const { t } = useUi();
  const w = useWords();
  const { message, hint } = problemText(t, problem);
  return (
    <p className="problem-line" role="alert">
      <span><b>{fill(w.failed, { reason: message })}</b> {hint}</span>
      {again !== undefined && <button type="button" onClick={again}>{w.again}</button>}
    </p>
  );
}
