/** One order: who goes and why, and the chain of its steps with their times. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { lag, metres, span, stopwatch, timeOfDay } from "../../i18n/format";
import type { Board } from "../../model/board";
import { chainOf, runnerUp, straightLineRival, type ChainLink } from "../../model/derive";
import { isLive } from "../../model/machines";
import type { Order } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { teamName } from "./names";

/** What an order block shows; `onTeam` is asked when its team's name is pressed. */
export interface OrderBlockProps {
  readonly board: Board;
  readonly order: Order;
  readonly service_ms: number;
  /** By how much its team is forecast to miss the target. */
  readonly beyond_ms: number;
  onTeam(team: string): void;
}

/** An order with its reasons and its chain. */
export function OrderBlock({ board, order, service_ms, beyond_ms, onTeam }: OrderBlockProps): ReactNode {
  const { t, english } = useUi();
  const left_ms = order.deadline_ms - service_ms;
  return (
    <div className={`order order-${order.status}`}>
      <div className="order-head">
        <button type="button" className="team-link" onClick={() => onTeam(order.team)}>
          <i className={`dot dot-${isLive(order.status) ? order.status : "off_duty"}`} aria-hidden="true" />
          {teamName(board, order.team, english)}
        </button>
        <span className="order-status">{t.orderStatus[order.status]}</span>
        <span className="soft">{t.wave[order.wave]}</span>
        {order.attempt > 1 && <span className="soft">{fill(t.attempt, { count: order.attempt })}</span>}
        {order.status === "offered" && (
          <span className={`deadline${left_ms < 10_000 ? " is-near" : ""}`}>{fill(t.acceptWithin, { time: stopwatch(left_ms) })}</span>
        )}
      </div>
      <Reasons board={board} order={order} beyond_ms={beyond_ms} />
      <ol className="chain" aria-label={t.orderStatus[order.status]}>
        {chainOf(order).map((link) => (
          <Link key={link.step} link={link} start_ms={order.offered_at_ms} />
        ))}
      </ol>
    </div>
  );
}

function Reasons({ board, order, beyond_ms }: { board: Board; order: Order; beyond_ms: number }): ReactNode {
  const { t, english } = useUi();
  const second = runnerUp(order);
  const byHand = order.choice.policy === "manual";
  const rival = byHand ? null : straightLineRival(order);
  const { margin_ms, straight_line_team } = order.choice;
  const name = (team: string): string => teamName(board, team, english);
  const margin =
    second === null || margin_ms === null
      ? t.onlyTeam
      : fill(margin_ms < 0 ? t.behind : t.margin, { team: name(second.team), time: span(t, Math.abs(margin_ms)) });
  return (
    <p className="reasons">
      <b>{fill(t.eta, { time: span(t, order.eta_ms) })}</b>
      {beyond_ms > 0 && <span className="bad">{fill(t.etaBeyond, { time: span(t, beyond_ms) })}</span>}
      <span>{fill(t.roadMetres, { metres: metres(t, order.road_m) })}</span>
      <span>{margin}</span>
      {rival !== null && (
        <span className="rival">{fill(t.straightLine, { team: name(rival.team), time: span(t, rival.loss_ms) })}</span>
      )}
      {byHand && <span>{t.sentByHand}</span>}
      {!byHand && rival === null && straight_line_team !== null && <span>{t.straightSame}</span>}
    </p>
  );
}

function Link({ link, start_ms }: { link: ChainLink; start_ms: number }): ReactNode {
  const { t } = useUi();
  const name = t.chain[link.step];
  const at = link.at_ms === null ? null : timeOfDay(link.at_ms);
  const short = link.at_ms === null ? "–" : link.step === "issued" ? timeOfDay(link.at_ms) : lag(link.at_ms - start_ms);
  return (
    <li className={`link-step is-${link.state}`} title={at === null ? name : `${name} ${at}`}>
      <i aria-hidden="true" />
      <b>{name}</b>
      {link.at_ms === null ? <span aria-hidden="true">{short}</span> : <time dateTime={new Date(link.at_ms).toISOString()}>{short}</time>}
    </li>
  );
}
