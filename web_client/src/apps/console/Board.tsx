/** The team board: everybody on one list, in an order that does not jump. */
import { useMemo, useState, type ReactNode, type Ref } from "react";
import { fill } from "../../i18n";
import { span } from "../../i18n/format";
import { liveOrders, teamStatus } from "../../model/derive";
import { ageOf, isStale, placeOf } from "../../model/fixes";
import { serverNow } from "../../model/clock";
import type { Team } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { nameOf } from "./names";
import type { ConsoleState } from "./store";

/** What the board shows, and what is asked of the page. */
export interface TeamBoardProps {
  readonly state: ConsoleState;
  readonly now_ms: number;
  readonly selected: string | null;
  readonly search: Ref<HTMLInputElement>;
  onSelect(team: string): void;
}

/** All teams; the field above narrows them by name or id. */
export function TeamBoard({ state, now_ms, selected, search, onSelect }: TeamBoardProps): ReactNode {
  const { t } = useUi();
  const [wish, setWish] = useState("");
  const all = useMemo(() => inOrder(state.board.teams.values()), [state.board.teams]);
  const found = all.filter((team) => matches(team, wish));
  return (
    <section className="board" aria-labelledby="board-title">
      <div className="section-head">
        <h2 id="board-title">{t.board}</h2>
        <span className="soft">{all.length > 0 ? all.length : ""}</span>
        <input
          ref={search}
          type="search"
          value={wish}
          placeholder={t.boardSearchHint}
          aria-label={t.boardSearch}
          onChange={(event) => setWish(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && found[0] !== undefined) onSelect(found[0].team);
            if (event.key !== "Escape") return;
            setWish("");
            event.currentTarget.blur();
          }}
        />
      </div>
      <div className="scroll">
        {found.length === 0 && (
          <p className="nothing">{!state.wasLive ? t.queueLoading : all.length === 0 ? t.boardEmpty : t.boardNone}</p>
        )}
        <Rows state={state} now_ms={now_ms} teams={found} selected={selected} onSelect={onSelect} />
      </div>
    </section>
  );
}

interface RowsProps {
  readonly state: ConsoleState;
  readonly now_ms: number;
  readonly teams: readonly Team[];
  readonly selected: string | null;
  onSelect(team: string): void;
}

function Rows({ state, now_ms, teams, selected, onSelect }: RowsProps): ReactNode {
  const { t, english } = useUi();
  const live = liveOrders(state.board);
  const service_ms = serverNow(state.clock, now_ms);
  return (
    <ul className="teams">
      {teams.map((team) => {
        const order = live.get(team.team);
        const status = teamStatus(team, order);
        const incident = order && state.board.incidents.get(order.incident);
        const age_ms = ageOf(placeOf(team, state.fixes), service_ms, now_ms);
        const certainty = age_ms === null ? "home" : isStale(age_ms) ? "stale" : "fresh";
        const age = age_ms === null ? t.home : span(t, age_ms);
        const ageHint = age_ms === null ? t.homeLong : fill(certainty === "stale" ? t.staleAge : t.fixAge, { age });
        const offline = state.offline.has(team.team);
        return (
          <li key={team.team}>
            <button type="button" className={`team${team.team === selected ? " is-selected" : ""}`} aria-pressed={team.team === selected} onClick={() => onSelect(team.team)}>
              <i className={`dot dot-${status} is-${certainty}`} aria-hidden="true" />
              <span className="team-name">{nameOf(team, english)}</span>
              <span className="team-order">{incident ? `${t.kind[incident.what]} ${incident.tier}` : ""}</span>
              <span className={`chip chip-${status}`}>{t.teamStatus[status]}</span>
              <span className={`age age-${certainty}`} title={offline ? `${ageHint} · ${t.tabletOff}` : ageHint}>
                {offline && <i className="offline" aria-label={t.tabletOff} />}
                {age}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function inOrder(teams: Iterable<Team>): Team[] {
  return [...teams].sort((a, b) => a.unit.localeCompare(b.unit) || a.team.localeCompare(b.team, "en", { numeric: true }));
}

function matches(team: Team, wish: string): boolean {
  const sought = wish.trim().toLowerCase();
  return sought === "" || [team.team, team.name, team.name_en].some((text) => text.toLowerCase().includes(sought));
}
