/** The incident queue: what is open by urgency and age, and what was closed lately; only rows in sight are made. */
import { useMemo, useRef, type ReactNode } from "react";
import { fill } from "../../i18n";
import { stopwatch, timeOfDay } from "../../i18n/format";
import { serverNow } from "../../model/clock";
import { closedLately, firstArrival_ms, inTime, openQueue, ordersOf, realSpan_ms } from "../../model/derive";
import type { Board } from "../../model/board";
import type { Incident, PlaceView } from "../../wire/types.gen";
import { whereOf } from "../shared/names";
import type { ConsoleState } from "../shared/store";
import { useUi } from "../shared/ui";
import { useWindow } from "../shared/useWindow";
import { QueueRow } from "./QueueRow";

const MOST_CLOSED_SHOWN = 20;
const ROW_PX = 66;

/** What the queue shows, and what is asked of the page. */
export interface QueueProps {
  readonly state: ConsoleState;
  readonly now_ms: number;
  readonly selected: string | null;
  /** Whether anything can be sent: the service answers, and what is shown is now. */
  readonly live: boolean;
  onSelect(incident: string): void;
  onReport(): void;
}

/** Open incidents as rows, then the closed ones as lines. */
export function Queue({ state, now_ms, selected, live, onSelect, onReport }: QueueProps): ReactNode {
  const { t } = useUi();
  const box = useRef<HTMLDivElement>(null);
  const open = useMemo(() => openQueue(state.board), [state.board]);
  const closed = useMemo(() => closedLately(state.board, MOST_CLOSED_SHOWN), [state.board]);
  const at = useMemo(() => open.findIndex((incident) => incident.incident === selected), [open, selected]);
  const sight = useWindow(box, open.length, ROW_PX, at);
  const service_ms = serverNow(state.clock, now_ms);
  const pace = state.ground.view?.pace ?? 1;
  const reportHint = live ? t.reportKey : t.noContact;
  return (
    <section className="queue" aria-labelledby="queue-title">
      <div className="section-head">
        <h2 id="queue-title">{t.queue}</h2>
        <span className="soft">{open.length > 0 ? open.length : ""}</span>
        <span className="head-gap" />
        <button type="button" className="primary" disabled={!live} onClick={onReport} title={reportHint} aria-description={reportHint}>{t.report}</button>
      </div>
      <div className="scroll" ref={box} onScroll={sight.onScroll} tabIndex={-1}>
        {open.length === 0 && <p className="nothing">{state.wasLive ? t.queueEmpty : t.queueLoading}</p>}
        <ul className="rows" style={{ paddingTop: sight.before_px, paddingBottom: sight.after_px }} aria-label={t.queue}>
          {open.slice(sight.first, sight.last).map((incident, index) => (
            <QueueRow
              key={incident.incident}
              board={state.board}
              away={state.offline}
              places={state.ground.places}
              pace={pace}
              incident={incident}
              number={sight.first + index + 1}
              service_ms={service_ms}
              selected={incident.incident === selected}
              onSelect={onSelect}
            />
          ))}
        </ul>
        {closed.length > 0 && (
          <details className="closed">
            <summary>{t.closed} <span className="soft">{closed.length}</span></summary>
            <ul>
              {closed.map((incident) => (
                <ClosedLine key={incident.incident} board={state.board} incident={incident} places={state.ground.places} pace={pace} onSelect={onSelect} />
              ))}
            </ul>
          </details>
        )}
      </div>
    </section>
  );
}

interface ClosedLineProps {
  readonly board: Board;
  readonly incident: Incident;
  readonly places: readonly PlaceView[];
  readonly pace: number;
  onSelect(incident: string): void;
}

function ClosedLine({ board, incident, places, pace, onSelect }: ClosedLineProps): ReactNode {
  const { t, english } = useUi();
  const orders = ordersOf(board, incident);
  const arrival_ms = firstArrival_ms(orders);
  const good = inTime(incident, orders, pace);
  return (
    <li className="closed-line">
      <button type="button" className="plain" onClick={() => onSelect(incident.incident)}>
        <b>{t.kind[incident.what]}</b> {whereOf(t, incident, places, english)}
      </button>
      <span className="soft">
        {incident.closed_at_ms !== null && timeOfDay(incident.closed_at_ms)}
        {incident.outcome !== null && incident.outcome !== "" && ` · ${incident.outcome}`}
      </span>
      <span className={good === null ? "soft" : good ? "good" : "bad"}>
        {arrival_ms === null ? t.notReached : fill(t.arrivedIn, { time: stopwatch(arrival_ms - incident.reported_at_ms) })}
        {arrival_ms !== null && pace !== 1 && ` · ${fill(t.paced, { pace, time: stopwatch(realSpan_ms(incident, orders, arrival_ms, pace)) })}`}
        {good !== null && ` · ${good ? t.onTime : t.late}`}
      </span>
    </li>
  );
}
