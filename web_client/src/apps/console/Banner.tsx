/** What must not be overlooked: no contact with the service, or no ground. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { problemText, span, timeOfDay } from "../../i18n/format";
import { serverNow } from "../../model/clock";
import { useUi } from "../shared/ui";
import { linkOf } from "./Header";
import type { ConsoleState, ConsoleStore } from "../shared/store";

const PATIENCE_MS = 1_500;

/** Since when the screen is old, why, and how to reconnect; nothing while all is well. */
export function Banner({ store, state, now_ms }: { store: ConsoleStore; state: ConsoleState; now_ms: number }): ReactNode {
  const { t } = useUi();
  const { session, ground } = state;
  const link = linkOf(session.phase, state.wasLive);
  const gone_ms = now_ms - session.since_ms;
  if (link === "live") {
    if (ground.problem === null) return null;
    const { message, hint } = problemText(t, ground.problem);
    return (
      <div className="banner banner-warn" role="alert">
        <p>{fill(t.groundProblem, { reason: `${message}。${hint}`.replace(/。$/, "") })}</p>
        <button type="button" onClick={() => void store.readGround()}>{t.retry}</button>
      </div>
    );
  }
  if (link !== "stopped" && gone_ms < PATIENCE_MS) return null;
  const age = span(t, gone_ms);
  const sentence = { lost: t.lostBanner, joining: t.neverBanner, stopped: t.stoppedBanner }[link];
  const reason = session.last_problem === null ? "" : reasonOf(t, session.last_problem);
  const wait_s = Math.max(0, Math.ceil((session.retry_at_ms - now_ms) / 1000));
  return (
    <div className={`banner banner-${link}`} role="alert">
      <p>
        {fill(sentence, { time: timeOfDay(serverNow(state.clock, session.since_ms)), age, reason })}
        {session.phase === "waiting" && wait_s > 0 && <small> {fill(t.retryIn, { seconds: wait_s })}</small>}
      </p>
      <button type="button" onClick={() => store.hurry()}>{t.reconnect}</button>
    </div>
  );
}

function reasonOf(t: ReturnType<typeof useUi>["t"], code: string): string {
  return problemText(t, { code, number: 0, message: code, hint: "" }).message;
}
