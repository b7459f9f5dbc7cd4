/** What is not as it should be, in the order of how much it matters; each says what to do. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { span, timeOfDay } from "../../i18n/format";
import { useUi } from "../shared/ui";
import type { NoPlace, StorageDoubt } from "./device";
import { useErrands, useLink, type Parts } from "./useTablet";
import { useWords } from "./words";

const SKEW_TELL_MS = 5_000;

/** What the banners look at, besides link and errands. */
export interface BannersProps {
  readonly parts: Parts;
  readonly check: string;
  readonly why: NoPlace | null;
  readonly doubt: StorageDoubt | null;
  readonly photoProblem: string | null;
  readonly onEnrolAgain: () => void;
}

/** The banners that apply now. */
export function Banners({ parts, check, why, doubt, photoProblem, onEnrolAgain }: BannersProps): ReactNode {
  const t = useWords();
  const { t: words } = useUi();
  const { phase, since_ms, problem, skew_ms, gone } = useLink(parts);
  const { panics, unkept, arrived, refused } = useErrands(parts);
  const stopped = phase === "stopped" && problem !== null;
  const why_stopped = t.stoppedWhy as Readonly<Record<string, string>>;
  return (
    <div className="banners" aria-live="polite">
      {panics > 0 && <p className="bad">{phase === "live" ? t.panicSending : t.panicOffline}</p>}
      {panics === 0 && arrived > 0 && <p className="good">{t.panicSent}</p>}
      {(problem === "not_stored" || unkept > 0) && <p className="bad">{t.notStored}</p>}
      {stopped && (
        <p className="bad">
          {why_stopped[problem] ?? fill(t.stoppedWhy.other, { reason: problem })}
          <button type="button" onClick={problem in t.stoppedWhy && problem !== "fenced" ? onEnrolAgain : parts.link.hurry}>{problem in t.stoppedWhy && problem !== "fenced" ? t.enrolAgain : t.reconnect}</button>
        </p>
      )}
      {problem === "device_unconfirmed" && <p className="warn">{fill(t.unconfirmed, { check })}</p>}
      {phase === "waiting" && problem !== "device_unconfirmed" && <p className="warn">{fill(t.offlineSince, { time: timeOfDay(since_ms + skew_ms), age: span(words, Date.now() - since_ms) })}</p>}
      {gone !== null && <p className={gone.status === "closed" ? "good" : "warn"}>{t.gone[gone.status] ?? words.orderStatus[gone.status]}</p>}
      {photoProblem !== null && <p className="warn">{photoProblem}</p>}
      {refused !== null && <p className="warn">{fill(t.photoRefused, { reason: refused })}</p>}
      {why !== null && why !== "waiting" && <p className="warn">{t.noPlace[why]}</p>}
      {doubt === "nearly_full" && <p className="warn">{t.nearlyFull}</p>}
      {Math.abs(skew_ms) >= SKEW_TELL_MS && <p className="warn">{fill(t.skew, { span: span(words, Math.abs(skew_ms)) })}</p>}
    </div>
  );
}
