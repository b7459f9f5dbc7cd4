/** What came of the latest wish: done, refused and why, or not known, with the button that repeats it safely. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { useUi } from "../shared/ui";
import { ProblemNote } from "./ProblemNote";
import type { Notice } from "./useRun";

/** A line over the foot of the map. */
export function NoticeBar({ notice, onDismiss }: { notice: Notice | null; onDismiss(): void }): ReactNode {
  const { t } = useUi();
  if (notice === null) return null;
  return (
    <div className={`notice notice-${notice.state}`} role={notice.state === "refused" ? "alert" : "status"}>
      <p>{notice.state === "done" ? fill(t.desk.done, { what: notice.what }) : notice.what}</p>
      {notice.problem !== null && <ProblemNote problem={notice.problem} />}
      <div className="buttons">
        {notice.again !== null && <button type="button" onClick={notice.again}>{t.retry}</button>}
        {notice.state === "refused" && <button type="button" className="quiet" aria-label={t.closeCard} onClick={onDismiss}>×</button>}
      </div>
    </div>
  );
}
