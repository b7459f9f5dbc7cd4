import type { ReactNode } from "react";
import { problemText } from "../../i18n/format";
import type { Problem } from "../../wire/types.gen";
import { useUi } from "../shared/ui";

/** A "no" of the service: what is wrong and what to do. */
export function ProblemNote({ problem }: { problem: Problem }): ReactNode {
  const { t } = useUi();
  const { message, hint } = problemText(t, problem);
  return (
    <p className="problem" role="alert">
      <b>{message}</b>
      {hint !== "" && <span>{hint}</span>}
      <code>{problem.number > 0 ? `${problem.number} ${problem.code}` : problem.code}</code>
    </p>
  );
}
