/** The wall board: read from across a room, without anything to press; L and N switch language and look. */
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { span, stopwatch, timeOfDay } from "../../i18n/format";
import { canDrawMap } from "../../map/view";
import { silenceOf } from "../../model/alarms";
import { serverNow } from "../../model/clock";
import { clockOf, openQueue, ordersOf, panicOf, tally } from "../../model/derive";
import { isLive } from "../../model/machines";
import type { Incident, SessionView } from "../../wire/types.gen";
import { MapPane } from "../shared/MapPane";
import { teamName, whereOf } from "../shared/names";
import { ConsoleStore, useConsole, type ConsoleState } from "../shared/store";
import { useCoverage } from "../shared/useCoverage";
import { useUi } from "../shared/ui";
import { useNow } from "../shared/useNow";

const MOST_SHOWN = 7;
const PATIENCE_MS = 1_500;
const NO_HANDLERS = { onTeam: () => undefined, onIncident: () => undefined, onGround: () => undefined, onMove: () => undefined };

/** The wall of one signed-in person or screen. */
export function Wall({ session }: { session: SessionView }): ReactNode {
  const { t } = useUi();
  const [store] = useState(() => new ConsoleStore());
  const mayRead = session.may.includes("read_board");
  useEffect(() => (mayRead ? store.start() : undefined), [store, mayRead]);
  useSwitches();
  if (!mayRead) return <main className="wall"><p>{fill(t.door.notForRole, { role: session.role === null ? "" : t.role[session.role] })}</p></main>;
  return <Screen store={store} />;
}

function Screen({ store }: { store: ConsoleStore }): ReactNode {
  const state = useConsole(store);
  const now_ms = useNow();
  const { t } = useUi();
  const live = state.session.phase === "live";
  const drawable = useMemo(canDrawMap, []);
  const old = !live && state.wasLive && now_ms - state.session.since_ms > PATIENCE_MS;
  const counts = useMemo(() => tally(state.board), [state.board]);
  const words = t.desk.wall;
  return (
    <main className={`wall${old ? " is-old" : ""}`}>
      <header>
        <h1>{words.title}</h1>
        <dl>
          {(["open", "waiting", "free", "busy", "off"] as const).map((name) => (
            <div key={name} className={`wall-${name}${counts[name] > 0 ? " is-some" : ""}`}>
              <dt>{words[name]}</dt>
              <dd>{state.wasLive ? counts[name] : "–"}</dd>
            </div>
          ))}
        </dl>
        <time>{timeOfDay(serverNow(state.clock, now_ms))}</time>
      </header>
      {old && <p className="wall-old" role="alert">{fill(words.dataOld, { time: timeOfDay(serverNow(state.clock, state.session.since_ms)) })}</p>}
      {!state.wasLive && <p className="wall-old" role="status">{t.queueLoading}</p>}
      <div className="wall-body">
        <List state={state} now_ms={now_ms} />
        <div className="wall-side">
          {drawable && (
            <div className="wall-map">
              <MapPane ref={null} state={state} now_ms={now_ms} team={null} incident={null} pin={null} circles={null} cover={null} controls={false} handlers={NO_HANDLERS} />
            </div>
          )}
          <Cover live={live} now_ms={now_ms} changed_ms={state.cover_ms} />
        </div>
      </div>
    </main>
  );
}

function List({ state, now_ms }: { state: ConsoleState; now_ms: number }): ReactNode {
  const { t } = useUi();
  const open = useMemo(() => openQueue(state.board), [state.board]);
  const service_ms = serverNow(state.clock, now_ms);
  if (open.length === 0) return <p className="wall-none">{state.wasLive ? t.desk.wall.none : ""}</p>;
  return (
    <ol className="wall-list">
      {open.slice(0, MOST_SHOWN).map((incident) => <Line key={incident.incident} state={state} incident={incident} service_ms={service_ms} />)}
      {open.length > MOST_SHOWN && <li className="soft">{fill(t.desk.wall.more, { count: open.length - MOST_SHOWN })}</li>}
    </ol>
  );
}

function Line({ state, incident, service_ms }: { state: ConsoleState; incident: Incident; service_ms: number }): ReactNode {
  const { t, english } = useUi();
  const orders = ordersOf(state.board, incident);
  const current = orders.filter((order) => isLive(order.status));
  const clock = clockOf(incident, orders, service_ms, state.ground.view?.pace ?? 1);
  const panic = panicOf(incident);
  const silent = current.some((order) => silenceOf(order, service_ms, state.offline) !== "fine");
  const who =
    current.length > 0
      ? current.map((order) => `${teamName(state.board, order.team, english)} ${t.orderStatus[order.status]}`).join(" · ")
      : incident.waiting_reason === null ? t.desk.noTeam : (t.waiting[incident.waiting_reason] ?? incident.waiting_reason);
  return (
    <li className={`wall-line urgency-${incident.urgency}${panic === null ? "" : " is-sos"}`}>
      <b>{panic === null ? t.kind[incident.what] : `SOS ${teamName(state.board, panic, english)}`}</b>
      <em>{t.urgency[incident.urgency]} {incident.tier}</em>
      <span className={`wall-clock clock-${clock.verdict}`}>
        {clock.verdict === "missed" && clock.running ? "! " : ""}{stopwatch(clock.elapsed_ms)} <small>/ {stopwatch(clock.target_ms)}</small>
      </span>
      <span className="wall-where">{whereOf(t, incident, state.ground.places, english)}</span>
      <span className={`wall-who${silent || current.length === 0 ? " bad" : ""}`}>{who}</span>
    </li>
  );
}

function Cover({ live, now_ms, changed_ms }: { live: boolean; now_ms: number; changed_ms: number }): ReactNode {
  const { t } = useUi();
  const coverage = useCoverage(live, changed_ms);
  if (coverage === null) return null;
  const { tiers, streets } = coverage.view.picture;
  const age_ms = now_ms - coverage.heard_ms;
  return (
    <section className="wall-cover">
      <h2>{t.desk.wall.cover}{age_ms > 15_000 && <span className="bad"> {fill(t.desk.cover.old, { age: span(t, age_ms) })}</span>}</h2>
      <ul>
        {tiers.filter((row) => row.places > 0).map((row) => (
          <li key={row.tier} className={row.once < row.places ? "bad" : "good"}>{t.tier[row.tier]} {row.once}/{row.places}</li>
        ))}
        {streets.map((row) => (
          <li key={row.limit_ms}>{fill(t.desk.cover.streets, { limit: span(t, row.limit_ms) })} {row.all_m === 0 ? "–" : `${Math.floor((100 * row.covered_m) / row.all_m)}%`}</li>
        ))}
      </ul>
    </section>
  );
}

/** A keyboard at the wall can still switch language and look. */
function useSwitches(): void {
  const { toggleLanguage, toggleLook } = useUi();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLInputElement) return;
      if (event.key.toLowerCase() === "l") toggleLanguage();
      if (event.key.toLowerCase() === "n") toggleLook();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [toggleLanguage, toggleLook]);
}
