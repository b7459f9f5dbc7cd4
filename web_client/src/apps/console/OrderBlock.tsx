/** One order: who goes and why, the chain of its steps with their times, red when silent, and what can be done to it. */
import { useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { lag, metres, span, stopwatch, timeOfDay } from "../../i18n/format";
import type { Board } from "../../model/board";
import { chainOf, runnerUp, straightLineRival, type ChainLink } from "../../model/derive";
import { silenceOf, silentFor, type Away } from "../../model/alarms";
import { isLive } from "../../model/machines";
import { orders } from "../../wire/api";
import type { Order, PlaceView } from "../../wire/types.gen";
import { teamName } from "../shared/names";
import { useUi } from "../shared/ui";
import { HoleLines } from "./Advice";
import type { Wish } from "./useRun";

/** What an order block shows; `onTeam` is asked when its team's name is pressed. */
export interface OrderBlockProps {
  readonly board: Board;
  readonly away: Away;
  readonly places: readonly PlaceView[];
  readonly order: Order;
  readonly service_ms: number;
  /** By how much its team is forecast to miss the target. */
  readonly beyond_ms: number;
  readonly live: boolean;
  /** Whether the reason of a recall is being asked for. */
  readonly asking: boolean;
  onAsk(asking: boolean): void;
  onTeam(team: string): void;
  run(what: string, wish: Wish): Promise<boolean>;
}

/** An order with its reasons and its chain. */
export function OrderBlock(props: OrderBlockProps): ReactNode {
  const { board, away, places, order, service_ms, beyond_ms, onTeam } = props;
  const { t, english } = useUi();
  const left_ms = order.deadline_ms - service_ms;
  const silence = silenceOf(order, service_ms, away);
  return (
    <div className={`order order-${order.status}${silence === "fine" ? "" : " is-silent"}`}>
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
        {order.help_asked_at_ms !== null && <b className="bad">{t.desk.help} {timeOfDay(order.help_asked_at_ms)}</b>}
      </div>
      {silence !== "fine" && (
        <p className="silent" role="alert">{fill(t.desk.silence[silence], { time: span(t, silentFor(order, service_ms, away)) })}</p>
      )}
      <Reasons board={board} order={order} beyond_ms={beyond_ms} />
      <ol className="chain" aria-label={t.orderStatus[order.status]}>
        {chainOf(order).map((link) => (
          <Link key={link.step} link={link} start_ms={order.offered_at_ms} />
        ))}
      </ol>
      {order.end_reason !== null && order.end_reason !== "" && <p className="soft">{t.desk.endReason[order.end_reason] ?? order.end_reason}</p>}
      {order.report !== null && order.report !== "" && <p>{order.report}</p>}
      {isLive(order.status) && <HoleLines hole={order.choice.hole} places={places} />}
      <Deeds {...props} />
    </div>
  );
}

/** Recall with a reason, undo, and asking for help in the team's name. */
function Deeds({ board, order, live, asking, onAsk, run }: OrderBlockProps): ReactNode {
  const { t, english } = useUi();
  const [reason, setReason] = useState("");
  const words = t.desk.orderActions;
  const about = { team: teamName(board, order.team, english), order: order.order };
  if (asking) {
    const submit = async (): Promise<void> => {
      const told = reason.trim() === "" ? words.noReason : reason.trim();
      if (live && (await run(fill(t.desk.does.recall, about), (key) => orders.recall(order.order, key, told)))) onAsk(false);
    };
    return (
      <form
        className="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <input value={reason} maxLength={500} autoFocus placeholder={words.reason} aria-label={words.reason} onChange={(event) => setReason(event.target.value)} />
        <button type="submit" className="danger" disabled={!live}>{words.recallConfirm}</button>
      </form>
    );
  }
  return (
    <div className="order-deeds">
      {isLive(order.status) && <button type="button" className="quiet" disabled={!live} onClick={() => onAsk(true)}>{words.recall}</button>}
      {(order.by === "operator" || order.status === "recalled") && (
        <button type="button" className="quiet" disabled={!live} onClick={() => void run(fill(t.desk.does.undo, about), (key) => orders.undo(order.order, key))}>{words.undo}</button>
      )}
      {isLive(order.status) && order.status !== "offered" && (
        <button type="button" className="quiet" disabled={!live} onClick={() => void run(fill(t.desk.does.help, about), (key) => orders.help(order.order, key, ""))}>{words.help}</button>
      )}
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
