/** The selected team: who it is, what it does, how sure its position is, and its circles. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { problemText, span } from "../../i18n/format";
import { serverNow } from "../../model/clock";
import { liveOrders, teamStatus } from "../../model/derive";
import { ageOf, isStale, LOW_BATTERY_PCT, placeOf } from "../../model/fixes";
import type { Team } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { nameOf, whereOf } from "../shared/names";
import type { ConsoleState } from "../shared/store";
import type { Circles } from "./useCircles";

const SLOW_MS = 3_000;

/** What the card shows, and what is asked of the page. */
export interface TeamCardProps {
  readonly state: ConsoleState;
  readonly now_ms: number;
  readonly team: Team;
  readonly circles: Circles;
  onClose(): void;
  onShow(lon: number, lat: number): void;
  onIncident(incident: string): void;
}

/** A small card over the map. */
export function TeamCard(props: TeamCardProps): ReactNode {
  const { state, now_ms, team, circles, onClose, onShow, onIncident } = props;
  const { t, english } = useUi();
  const order = liveOrders(state.board).get(team.team);
  const incident = order && state.board.incidents.get(order.incident);
  const status = teamStatus(team, order);
  const place = placeOf(team, state.fixes);
  const age_ms = ageOf(place, serverNow(state.clock, now_ms), now_ms);
  const stale = isStale(age_ms);
  const position = age_ms === null ? t.homeLong : fill(stale ? t.staleAge : t.fixAge, { age: span(t, age_ms) });
  return (
    <section className="card team-card" aria-label={nameOf(team, english)}>
      <div className="card-head">
        <i className={`dot dot-${status} is-${age_ms === null ? "home" : stale ? "stale" : "fresh"}`} aria-hidden="true" />
        <h2>{nameOf(team, english)}</h2>
        <button type="button" className="quiet" aria-label={t.closeCard} title={t.closeCard} onClick={onClose}>×</button>
      </div>
      <p>
        <span className={`chip chip-${status}`}>{t.teamStatus[status]}</span> <span className="soft">· {t.unit[team.unit]} · {team.team}</span>
      </p>
      <dl>
        <dt>{t.reportForm.where}</dt>
        <dd className={stale ? "bad" : ""}>{position}</dd>
        <dt>{t.desk.tablet.title}</dt>
        <Tablet state={state} team={team} battery_pct={place.battery_pct} signal_ms={place.source === "fix" ? Math.max(0, now_ms - place.heard_ms) : null} />
        <dt>{t.teamCard.profile}</dt>
        <dd>{t.profiles[team.profile] ?? team.profile}</dd>
        <dt>{t.teamCard.order}</dt>
        <dd>
          {incident === undefined ? t.teamCard.none : (
            <button type="button" className="text-link" onClick={() => onIncident(incident.incident)}>
              {t.kind[incident.what]} · {whereOf(t, incident, state.ground.places, english)}
            </button>
          )}
        </dd>
      </dl>
      <div className="card-foot">
        <CirclesKey circles={circles} now_ms={now_ms} />
        <button type="button" onClick={() => onShow(place.lon, place.lat)}>{t.teamCard.show}</button>
      </div>
    </section>
  );
}

/** The circles, or that they are on the way; from three seconds on it counts, so that slow does not look stuck. */
function CirclesKey({ circles, now_ms }: { circles: Circles; now_ms: number }): ReactNode {
  const { t } = useUi();
  if (circles.problem !== null) return <span className="bad">{problemText(t, circles.problem).message}</span>;
  if (circles.collection === null) {
    const wait_ms = now_ms - circles.asked_ms;
    return (
      <span className="soft computing" role="status">
        {wait_ms < SLOW_MS ? t.teamCard.loading : fill(t.teamCard.loadingSince, { time: span(t, wait_ms) })}
      </span>
    );
  }
  return <span className="soft">{t.teamCard.circles}</span>;
}

interface TabletProps {
  readonly state: ConsoleState;
  readonly team: Team;
  readonly battery_pct: number | null;
  readonly signal_ms: number | null;
}

/** Whether the team's tablet is there, when it was last heard of, and what its battery has left. */
function Tablet({ state, team, battery_pct, signal_ms }: TabletProps): ReactNode {
  const { t } = useUi();
  const off = state.offline.has(team.team);
  const low = battery_pct !== null && battery_pct <= LOW_BATTERY_PCT;
  const signal = signal_ms === null ? t.desk.tablet.never : fill(t.desk.tablet.signal, { age: span(t, signal_ms) });
  return (
    <dd className={off || low ? "bad" : ""}>
      {off ? t.tabletOff : t.desk.tablet.on} · {signal}
      {battery_pct !== null && ` · ${fill(low ? t.desk.tablet.low : t.desk.tablet.battery, { percent: Math.round(battery_pct) })}`}
    </dd>
  );
}
