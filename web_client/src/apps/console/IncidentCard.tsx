/** One open incident with its clock, its orders, and how to end it. */
import { useEffect, useRef, type ReactNode } from "react";
import { fill } from "../../i18n";
import { metres, stopwatch, timeOfDay } from "../../i18n/format";
import type { Board } from "../../model/board";
import { beyond_ms, clockOf, ordersOf } from "../../model/derive";
import { isLive } from "../../model/machines";
import type { Incident, Order, PlaceView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { CloseIncident } from "./CloseIncident";
import { teamName, whereOf } from "./names";
import { OrderBlock } from "./OrderBlock";

/** What a card shows, and what is asked of its list. */
export interface IncidentCardProps {
  readonly board: Board;
  readonly places: readonly PlaceView[];
  readonly incident: Incident;
  readonly service_ms: number;
  readonly selected: boolean;
  /** How many times as fast as real cars a demo's drive. */
  readonly pace: number;
  /** Whether anything can be sent to the service now. */
  readonly live: boolean;
  onSelect(incident: string): void;
  onTeam(team: string): void;
}

/** A card of the queue. */
export function IncidentCard(props: IncidentCardProps): ReactNode {
  const { board, places, incident, service_ms, selected, pace, live, onSelect, onTeam } = props;
  const { t, english } = useUi();
  const card = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) card.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const orders = ordersOf(board, incident);
  const current = orders.filter((order) => isLive(order.status));
  const shown = current.length > 0 ? current : orders.slice(0, 1);
  const earlier = orders.filter((order) => !shown.includes(order));
  return (
    <li ref={card} className={`incident urgency-${incident.urgency}${selected ? " is-selected" : ""}`}>
      <button type="button" className="incident-head" aria-pressed={selected} onClick={() => onSelect(incident.incident)}>
        <span className="incident-title">
          <b>{t.kind[incident.what]}</b>
          <em className={`urgency urgency-${incident.urgency}`}>{t.urgency[incident.urgency]}</em>
          <em className={`tier tier-${incident.tier}`} title={t.tier[incident.tier]}>{incident.tier} {t.tier[incident.tier]}</em>
        </span>
        <Clock incident={incident} orders={orders} service_ms={service_ms} pace={pace} />
        <span className="incident-where">{whereOf(t, incident, places, english)}</span>
      </button>
      {(incident.note !== "" || incident.off_road_m > 30) && (
        <p className="incident-note">
          {incident.note}
          {incident.off_road_m > 30 && <span className="soft"> {fill(t.offRoad, { metres: metres(t, incident.off_road_m) })}</span>}
        </p>
      )}
      {incident.waiting_reason !== null && (
        <p className="waiting" role="status">{fill(t.waitingFor, { reason: t.waiting[incident.waiting_reason] ?? incident.waiting_reason })}</p>
      )}
      {orders.length === 0 && incident.waiting_reason === null && <p className="soft pad">{t.noOrderYet}</p>}
      {shown.map((order) => (
        <OrderBlock key={order.order} board={board} order={order} beyond_ms={beyond_ms(incident, orders, order, pace)} service_ms={service_ms} onTeam={onTeam} />
      ))}
      {earlier.length > 0 && <Earlier board={board} orders={earlier} />}
      <div className="incident-foot">
        <span className="soft">{fill(t.reportedAt, { time: timeOfDay(incident.reported_at_ms) })} · {incident.incident}</span>
        <CloseIncident incident={incident.incident} live={live} />
      </div>
    </li>
  );
}

interface ClockProps {
  readonly incident: Incident;
  readonly orders: readonly Order[];
  readonly service_ms: number;
  readonly pace: number;
}

/** The time since the report and the target; in a demo also the real length, which is what the target is for. */
function Clock({ incident, orders, service_ms, pace }: ClockProps): ReactNode {
  const { t } = useUi();
  const clock = clockOf(incident, orders, service_ms, pace);
  const rest_ms = clock.target_ms - clock.real_ms;
  const share = Math.min(1, clock.real_ms / clock.target_ms);
  const rest = rest_ms >= 0 ? fill(t.left, { time: stopwatch(rest_ms) }) : fill(t.over, { time: stopwatch(-rest_ms) });
  const said = clock.running ? rest : clock.verdict === "missed" ? t.late : t.onTime;
  return (
    <span className={`clock clock-${clock.verdict}${clock.running ? "" : " is-stopped"}`}>
      <b>{stopwatch(clock.elapsed_ms)}</b>
      {pace !== 1 && <small title={fill(t.pacedHint, { pace })}>{fill(t.paced, { pace, time: stopwatch(clock.real_ms) })}</small>}
      <small>{fill(t.target, { time: stopwatch(clock.target_ms) })} · {said}</small>
      <i aria-hidden="true"><i style={{ transform: `scaleX(${share})` }} /></i>
    </span>
  );
}

function Earlier({ board, orders }: { board: Board; orders: readonly Order[] }): ReactNode {
  const { t, english } = useUi();
  return (
    <p className="earlier">
      {t.earlierOrders}
      {orders.map((order) => (
        <span key={order.order}>
          {teamName(board, order.team, english)} <em>{t.orderStatus[order.status]}</em>
          {order.ended_at_ms !== null && <time> {timeOfDay(order.ended_at_ms)}</time>}
        </span>
      ))}
    </p>
  );
}
