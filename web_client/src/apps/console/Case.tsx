/** The selected incident: its clock, what to do, who goes and why, notes, what may be the same, and what happened. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { metres, timeOfDay } from "../../i18n/format";
import { serverNow } from "../../model/clock";
import { beyond_ms, ordersOf } from "../../model/derive";
import { isLive } from "../../model/machines";
import { orders } from "../../wire/api";
import type { Incident } from "../../wire/types.gen";
import { teamName, whereOf } from "../shared/names";
import type { ConsoleState } from "../shared/store";
import { useUi } from "../shared/ui";
import { Advice } from "./Advice";
import { Assign } from "./Assign";
import { Clock } from "./Clock";
import { CloseIncident } from "./CloseIncident";
import { Duplicates } from "./Duplicates";
import { Notes } from "./Notes";
import { SosNote } from "./Sos";
import { Photos } from "./Photos";
import { OrderBlock } from "./OrderBlock";
import { Timeline } from "./Timeline";
import type { Advice as AdviceState } from "./useAdvice";
import type { Desk } from "./useDesk";
import type { Past } from "./usePast";
import type { Wish } from "./useRun";

/** What the panel shows, and what is asked of the page. */
export interface CaseProps {
  readonly state: ConsoleState;
  readonly now_ms: number;
  readonly incident: Incident;
  readonly desk: Desk;
  readonly advice: AdviceState;
  readonly past: Past;
  /** Whether anything can be done: the service answers, and what is shown is now. */
  readonly live: boolean;
  onSend(): void;
  run(what: string, wish: Wish): Promise<boolean>;
}

/** A panel beside the queue, for one incident. */
export function Case(props: CaseProps): ReactNode {
  const { state, now_ms, incident, desk, advice, past, live, onSend, run } = props;
  const { t, english } = useUi();
  const service_ms = serverNow(state.clock, now_ms);
  const pace = state.ground.view?.pace ?? 1;
  const given = ordersOf(state.board, incident);
  const open = incident.status === "open";
  return (
    <section className={`case urgency-${incident.urgency}`} aria-label={fill(t.desk.dock.title, { incident: incident.incident })}>
      <header className="case-head">
        <div className="case-title">
          <h2>{t.kind[incident.what]}</h2>
          <em className={`urgency urgency-${incident.urgency}`}>{t.urgency[incident.urgency]}</em>
          <em className={`tier tier-${incident.tier}`}>{incident.tier} {t.tier[incident.tier]}</em>
          <span className="head-gap" />
          <button type="button" className="quiet" aria-label={t.desk.dock.close} title={t.desk.dock.close} onClick={() => desk.chooseIncident(null)}>×</button>
        </div>
        <Clock incident={incident} orders={given} service_ms={service_ms} pace={pace} />
        <p className="case-where">{whereOf(t, incident, state.ground.places, english)}</p>
        <p className="soft">
          {incident.incident} · {fill(t.reportedAt, { time: timeOfDay(incident.reported_at_ms) })}
          {incident.off_road_m > 30 && ` · ${fill(t.offRoad, { metres: metres(t, incident.off_road_m) })}`}
        </p>
        {incident.note !== "" && <p className="case-note">{incident.note}</p>}
      </header>
      <div className="case-body">
        <SosNote board={state.board} incident={incident} onTeam={desk.chooseTeam} />
        {incident.waiting_reason !== null && (
          <p className="waiting" role="status">{fill(t.waitingFor, { reason: t.waiting[incident.waiting_reason] ?? incident.waiting_reason })}</p>
        )}
        {desk.assigning !== null && desk.assigning.incident === incident.incident && (
          <Assign state={state} incident={incident} assigning={desk.assigning} advice={advice} live={live} onChange={desk.assign} run={run} />
        )}
        {open && !past.moment && <Advice state={state} incident={incident} advice={advice} live={live} onSend={onSend} onAssign={(team) => desk.assign({ incident: incident.incident, team })} />}
        {given.map((order) => (
          <OrderBlock
            key={order.order}
            board={state.board}
            away={state.offline}
            places={state.ground.places}
            order={order}
            beyond_ms={beyond_ms(incident, given, order, pace)}
            service_ms={service_ms}
            live={live}
            asking={desk.task === "recall" && order === given.find((one) => isLive(one.status))}
            onAsk={(ask) => desk.setTask(ask ? "recall" : null)}
            onTeam={desk.chooseTeam}
            run={run}
          />
        ))}
        <Waves incident={incident} live={live && open} run={run} />
        {past.moment === null && <Photos incident={incident} live={live} names={(team) => teamName(state.board, team, english)} />}
        <Notes incident={incident} live={live} focus={desk.task === "note"} onDone={() => desk.setTask(null)} run={run} />
        <Duplicates state={state} incident={incident} live={live} focus={desk.task === "merge"} onDone={() => desk.setTask(null)} onSelect={desk.chooseIncident} run={run} />
        <Timeline state={state} incident={incident} past={past} names={(team) => teamName(state.board, team, english)} />
        <CloseIncident incident={incident} live={live} asking={desk.task === "close"} onAsk={(ask) => desk.setTask(ask ? "close" : null)} run={run} />
      </div>
    </section>
  );
}

function Waves({ incident, live, run }: { incident: Incident; live: boolean; run: CaseProps["run"] }): ReactNode {
  const { t } = useUi();
  const last = incident.waves.at(-1);
  return (
    <section className="part">
      <h3>{t.desk.waves.title}</h3>
      <p className="soft">
        {incident.waves.map((wave) => `${t.wave[wave.wave]} ${timeOfDay(wave.at_ms)} ${t.desk.waveReason[wave.reason] ?? wave.reason}`).join(" · ")}
        {last?.late_at_ms != null && incident.status === "open" && ` · ${fill(t.desk.waves.late, { time: timeOfDay(last.late_at_ms) })}`}
      </p>
      {incident.status === "open" && (
        <button type="button" disabled={!live} onClick={() => void run(t.desk.waves.call, (key) => orders.wave(incident.incident, key))}>
          {t.desk.waves.call} <kbd>W</kbd>
        </button>
      )}
    </section>
  );
}
