/** One open incident as a row of the queue: what, where, how long, who; all else is in the panel of the selected one. */
import { memo, type ReactNode } from "react";
import { fill } from "../../i18n";
import { ordersOf, panicOf } from "../../model/derive";
import { isLive } from "../../model/machines";
import { silenceOf, type Away } from "../../model/alarms";
import type { Board } from "../../model/board";
import type { Incident, PlaceView } from "../../wire/types.gen";
import { nameOf, teamName, whereOf } from "../shared/names";
import { useUi } from "../shared/ui";
import { Clock } from "./Clock";

/** What a row shows, and what is asked of its list. */
export interface QueueRowProps {
  readonly board: Board;
  readonly away: Away;
  readonly places: readonly PlaceView[];
  readonly incident: Incident;
  readonly number: number;
  readonly service_ms: number;
  readonly selected: boolean;
  readonly pace: number;
  onSelect(incident: string): void;
}

/** A row; pressing it selects, Enter on the selected one sends. */
export const QueueRow = memo(function QueueRow(props: QueueRowProps): ReactNode {
  const { board, away, places, incident, number, service_ms, selected, pace, onSelect } = props;
  const { t, english } = useUi();
  const orders = ordersOf(board, incident);
  const current = orders.filter((order) => isLive(order.status));
  const silent = current.some((order) => silenceOf(order, service_ms, away) !== "fine");
  const help = current.some((order) => order.help_asked_at_ms !== null);
  const where = whereOf(t, incident, places, english);
  const panic = panicOf(incident);
  const [first] = current;
  const picked = incident.recommended.map((pick) => teamName(board, pick.team, english)).join(" ");
  const team = first && board.teams.get(first.team);
  return (
    <li className={`row urgency-${incident.urgency}${selected ? " is-selected" : ""}${silent ? " is-silent" : ""}${panic === null ? "" : " is-sos"}`}>
      <button type="button" aria-pressed={selected} data-incident={incident.incident} onClick={() => onSelect(incident.incident)}>
        <span className="row-number" aria-hidden="true">{number <= 9 ? number : ""}</span>
        <span className="row-title">
          <b>{panic === null ? t.kind[incident.what] : `SOS ${teamName(board, panic, english)}`}</b>
          <em className={`urgency urgency-${incident.urgency}`}>{t.urgency[incident.urgency]}</em>
          <em className={`tier tier-${incident.tier}`}>{incident.tier}</em>
          <span className="soft">{incident.incident}</span>
        </span>
        <Clock incident={incident} orders={orders} service_ms={service_ms} pace={pace} />
        <span className="row-where" title={where}>{where}</span>
        <span className="row-who">
          {help && <b className="bad">{t.desk.help} </b>}
          {first === undefined ? (
            <span className="bad">
              {picked !== "" ? fill(t.desk.toConfirm, { team: picked }) : incident.waiting_reason === null ? t.desk.noTeam : (t.waiting[incident.waiting_reason] ?? incident.waiting_reason)}
            </span>
          ) : (
            <span className={silent ? "bad" : ""}>
              <i className={`dot dot-${first.status}`} aria-hidden="true" />
              {fill(t.desk.orderShort, { team: team === undefined ? first.team : nameOf(team, english), status: t.orderStatus[first.status] })}
            </span>
          )}
          {current.length > 1 && <span className="soft"> {fill(t.desk.moreTeams, { count: current.length - 1 })}</span>}
        </span>
      </button>
    </li>
  );
});
