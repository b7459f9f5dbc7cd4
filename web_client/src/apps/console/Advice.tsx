/** The recommendation: whom the desk would send now, by road seconds, why, who else could go, and the hole it opens. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { metres, problemText, span } from "../../i18n/format";
import type { Board } from "../../model/board";
import type { Candidate, Choice, Hole, Incident, Pick1, PlaceView } from "../../wire/types.gen";
import { placeName, teamName } from "../shared/names";
import type { ConsoleState } from "../shared/store";
import { useUi } from "../shared/ui";
import type { Advice as AdviceState } from "./useAdvice";

const MOST_RANKED = 6;
const MOST_PLACES = 3;

interface Props {
  readonly state: ConsoleState;
  readonly incident: Incident;
  readonly advice: AdviceState;
  readonly live: boolean;
  onSend(): void;
  onAssign(team: string | null): void;
}

/** The panel's first part; one key sends. */
export function Advice({ state, incident, advice, live, onSend, onAssign }: Props): ReactNode {
  const { t } = useUi();
  const words = t.desk.advice;
  const waiting = incident.recommended.length > 0;
  const picks = advice.incident === incident.incident ? (advice.view?.picks ?? null) : null;
  const sends = picks?.filter((pick) => pick.action === "send") ?? [];
  const lead = sends[0]?.choice ?? incident.recommended[0]?.choice ?? null;
  return (
    <section className="part advice" aria-label={words.title} aria-live="polite">
      <h3>{words.title}</h3>
      {advice.problem !== null && !waiting && <p className="soft">{problemText(t, advice.problem).message}</p>}
      {picks === null && advice.problem === null && !waiting && <p className="soft computing">{words.loading}</p>}
      {waiting
        ? incident.recommended.map((pick) => <Sent key={pick.team} state={state} team={pick.team} eta_ms={pick.eta_ms} choice={pick.choice} wave={t.wave[pick.wave]} />)
        : picks?.map((pick) => <PickLine key={`${pick.wave} ${pick.slot}`} state={state} pick={pick} />)}
      {picks?.length === 0 && !waiting && <p className="soft">{words.none}</p>}
      <div className="buttons">
        {(sends.length > 0 || waiting) && (
          <button type="button" className="primary" disabled={!live} onClick={onSend} title={words.sendKey}>
            {waiting ? words.confirm : words.send} <kbd>Enter</kbd>
          </button>
        )}
        <button type="button" disabled={!live} onClick={() => onAssign(null)}>{t.desk.actions.assign} <kbd>A</kbd></button>
      </div>
      {lead !== null && <Others board={state.board} choice={lead} live={live} onAssign={onAssign} />}
    </section>
  );
}

function PickLine({ state, pick }: { state: ConsoleState; pick: Pick1 }): ReactNode {
  const { t, english } = useUi();
  const words = t.desk.advice;
  const name = (team: string): string => teamName(state.board, team, english);
  if (pick.action === "keep" && pick.team !== null) return <p className="soft">{t.wave[pick.wave]} · {fill(words.keep, { team: name(pick.team) })}</p>;
  if (pick.action === "send" && pick.team !== null && pick.eta_ms !== null && pick.choice !== null) {
    const { other } = pick;
    const differs = other.team !== null && other.team !== pick.team;
    const from = pick.diverted_from === null ? undefined : state.board.orders.get(pick.diverted_from)?.incident;
    return (
      <Sent state={state} team={pick.team} eta_ms={pick.eta_ms} choice={pick.choice} wave={t.wave[pick.wave]} late_ms={Math.max(0, pick.eta_ms - pick.left_ms)}>
        {from !== undefined && <span className="rival">{fill(words.diverted, { incident: from })}</span>}
        {pick.preempted && <span className="rival">{words.preempted}</span>}
        {differs && <span>{fill(words.other, { policy: t.desk.policy[other.policy] ?? other.policy, team: name(other.team ?? "") })}</span>}
      </Sent>
    );
  }
  const reason = pick.reason === null ? "" : (t.waiting[pick.reason] ?? t.desk.excluded[pick.reason] ?? pick.reason);
  return (
    <div>
      <p className="waiting">{t.wave[pick.wave]} · {fill(words.nobody, { reason })}</p>
      <Excluded board={state.board} excluded={pick.excluded} />
    </div>
  );
}

interface SentProps {
  readonly state: ConsoleState;
  readonly team: string;
  readonly eta_ms: number;
  readonly choice: Choice;
  readonly wave: string;
  readonly late_ms?: number;
  readonly children?: ReactNode;
}

/** One team with its road time, its lead over the next one, and its hole. */
function Sent({ state, team, eta_ms, choice, wave, late_ms = 0, children }: SentProps): ReactNode {
  const { t, english } = useUi();
  const words = t.desk.advice;
  const own = choice.ranked.find((candidate) => candidate.team === team);
  const second = choice.ranked.find((candidate) => candidate.team !== team);
  const lead =
    second === undefined || choice.margin_ms === null
      ? words.only
      : fill(choice.margin_ms < 0 ? words.slower : words.margin, { time: span(t, Math.abs(choice.margin_ms)), team: teamName(state.board, second.team, english) });
  return (
    <div className="pick">
      <p className="pick-head">
        <b>{teamName(state.board, team, english)}</b>
        <span className="pick-eta">{span(t, eta_ms)}</span>
        <span className="soft">{own !== undefined && metres(t, own.road_m)}</span>
        <span className="soft">{wave}</span>
      </p>
      <p className="reasons">
        <span className={late_ms > 0 ? "bad" : "good"}>{late_ms > 0 ? fill(words.late, { time: span(t, late_ms) }) : words.inTime}</span>
        <span>{lead}</span>
        {own?.unreached === true && <span className="bad">{words.unreached}</span>}
        {own !== undefined && own.fix === "home" && <span>{words.fromHome}</span>}
        {own !== undefined && own.drift_ms > 0 && <span>{fill(words.stale, { age: span(t, own.fix_age_ms), time: span(t, own.drift_ms) })}</span>}
        {children}
      </p>
      <HoleLines hole={choice.hole} places={state.ground.places} />
    </div>
  );
}

/** The places and streets that lose their cover where a team leaves. */
export function HoleLines({ hole, places }: { hole: Hole | null; places: readonly PlaceView[] }): ReactNode {
  const { t, english } = useUi();
  const words = t.desk.advice;
  if (hole === null) return null;
  if (hole.loss_micro === 0 && hole.n_places === 0 && hole.streets.length === 0) return <p className="soft">{words.holeNone}</p>;
  const more = hole.n_places - Math.min(MOST_PLACES, hole.places.length);
  return (
    <div className="hole">
      <h4>{words.hole}</h4>
      <ul>
        {hole.places.slice(0, MOST_PLACES).map((gap) => (
          <li key={gap.place}>
            {fill(words.holePlace, { place: placeName(places, gap.place, gap.name, english), tier: gap.tier, before: span(t, gap.before_ms), after: gap.after_ms === null ? words.holeBeyond : span(t, gap.after_ms) })}
          </li>
        ))}
        {more > 0 && <li className="soft">{fill(words.holeMore, { count: more })}</li>}
        {hole.streets.map((street) => (
          <li key={street.limit_ms} className="soft">
            {fill(words.holeStreets, { limit: span(t, street.limit_ms), metres: metres(t, street.before_m - street.after_m) })}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Others({ board, choice, live, onAssign }: { board: Board; choice: Choice; live: boolean; onAssign(team: string): void }): ReactNode {
  const { t, english } = useUi();
  const rest = choice.ranked.slice(1, MOST_RANKED);
  const first_ms = choice.ranked[0]?.eta_ms ?? 0;
  return (
    <details className="others">
      <summary>{t.desk.advice.ranked} <span className="soft">{Math.max(0, choice.ranked.length - 1)} · {fill(t.desk.advice.excluded, { count: choice.excluded.length })}</span></summary>
      <ol className="ranked">
        {rest.map((candidate: Candidate) => (
          <li key={candidate.team}>
            <span>{teamName(board, candidate.team, english)}</span>
            <span className="pick-eta">{span(t, candidate.eta_ms)}</span>
            <span className="soft">+{span(t, candidate.eta_ms - first_ms)}</span>
            <button type="button" disabled={!live} onClick={() => onAssign(candidate.team)}>{t.desk.assign.send}</button>
          </li>
        ))}
      </ol>
      <Excluded board={board} excluded={choice.excluded} />
    </details>
  );
}

function Excluded({ board, excluded }: { board: Board; excluded: Choice["excluded"] }): ReactNode {
  const { t, english } = useUi();
  if (excluded.length === 0) return null;
  return (
    <ul className="excluded">
      {excluded.map(({ team, reason }) => (
        <li key={team}>{teamName(board, team, english)} <span className="soft">{t.desk.excluded[reason] ?? reason}</span></li>
      ))}
    </ul>
  );
}
