/** Looking back: a banner that cannot be overlooked, and how to move in time. */
import { useEffect, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { problemText, timeOfDay } from "../../i18n/format";
import { useUi } from "../shared/ui";
import type { Past } from "./usePast";

const SETTLE_MS = 120;

/** The banner and its slider over the whole log; arrows move by one entry while it has the focus. */
export function PastBar({ past, head }: { past: Past; head: number }): ReactNode {
  const { t } = useUi();
  const words = t.desk.past;
  const { moment, busy, problem, look, leave } = past;
  const [wish, setWish] = useState<number | null>(null);
  useEffect(() => {
    if (wish === null) return undefined;
    const timer = setTimeout(() => look({ seq: wish }), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [wish, look]);
  useEffect(() => setWish(null), [moment]);
  if (moment === null) return problem === null ? null : <div className="banner banner-warn" role="alert"><p>{problemText(t, problem).message}</p></div>;
  const seq = wish ?? moment.seq;
  return (
    <div className="banner banner-past" role="status" aria-label={words.title}>
      <p>
        {fill(words.banner, { time: `${new Date(moment.at_ms).toLocaleDateString("sv")} ${timeOfDay(moment.at_ms)}`, seq: moment.seq })}
        <small> {busy ? words.loading : words.noPositions}</small>
      </p>
      <button type="button" aria-label={words.earlier} title={words.earlier} disabled={seq <= 0} onClick={() => setWish(Math.max(0, seq - 1))}>‹</button>
      <input type="range" min={0} max={Math.max(head, moment.head)} value={seq} aria-label={words.slider} aria-valuetext={`${moment.seq} ${timeOfDay(moment.at_ms)}`} onChange={(event) => setWish(Number(event.target.value))} />
      <button type="button" aria-label={words.later} title={words.later} disabled={seq >= head} onClick={() => setWish(seq + 1)}>›</button>
      <button type="button" onClick={leave}>{words.live} <kbd>T</kbd></button>
    </div>
  );
}
