/** The team board: everybody on one list, in an order that does not jump; only rows in sight are made. */
import { memo, useMemo, useRef, useState, type PointerEvent, type ReactNode, type Ref } from "react";
import { fill } from "../../i18n";
import { span } from "../../i18n/format";
import { serverNow } from "../../model/clock";
import { liveOrders, teamStatus, type TeamStatus } from "../../model/derive";
import { ageOf, isStale, placeOf } from "../../model/fixes";
import { plain } from "../../model/lookup";
import type { Incident, Team } from "../../wire/types.gen";
import { nameOf } from "../shared/names";
import type { ConsoleState } from "../shared/store";
import { useUi } from "../shared/ui";
import { useWindow } from "../shared/useWindow";

const ROW_PX = 27;

/** What the board shows, and what is asked of the page. */
export interface TeamBoardProps {
  readonly state: ConsoleState;
  readonly now_ms: number;
  readonly selected: string | null;
  readonly search: Ref<HTMLInputElement>;
  onSelect(team: string): void;
  /** A row was pressed: it may become a drag. */
  onGrip(team: string, event: PointerEvent): void;
}

/** All teams; the field above narrows them by name or id. */
export function TeamBoard({ state, now_ms, selected, search, onSelect, onGrip }: TeamBoardProps): ReactNode {
  const { t, english } = useUi();
  const box = useRef<HTMLDivElement>(null);
  const [wish, setWish] = useState("");
  const { board } = state;
  const all = useMemo(() => inOrder(board.teams.values()), [board.teams]);
  const found = useMemo(() => all.filter((team) => matches(team, wish)), [all, wish]);
  const live = useMemo(() => liveOrders(board), [board]);
  const at = useMemo(() => found.findIndex((team) => team.team === selected), [found, selected]);
  const sight = useWindow(box, found.length, ROW_PX, at);
  const service_ms = serverNow(state.clock, now_ms);
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
      <div className="scroll" ref={box} onScroll={sight.onScroll} tabIndex={-1}>
        {found.length === 0 && (
          <p className="nothing">{!state.wasLive ? t.queueLoading : all.length === 0 ? t.boardEmpty : t.boardNone}</p>
        )}
        <ul className="teams" style={{ paddingTop: sight.before_px, paddingBottom: sight.after_px }} aria-label={t.board}>
          {found.slice(sight.first, sight.last).map((team) => {
            const order = live.get(team.team);
            const age_ms = ageOf(placeOf(team, state.fixes), service_ms, now_ms);
            return (
              <Row
                key={team.team}
                team={team}
                english={english}
                status={teamStatus(team, order)}
                incident={order === undefined ? null : (board.incidents.get(order.incident) ?? null)}
                age_s={age_ms === null ? null : Math.floor(age_ms / 1000)}
                offline={state.offline.has(team.team)}
                selected={team.team === selected}
                onSelect={onSelect}
                onGrip={onGrip}
              />
            );
          })}
        </ul>
      </div>
    </section>
  );
}

interface RowProps {
  readonly team: Team;
  readonly english: boolean;
  readonly status: TeamStatus;
  readonly incident: Incident | null;
  readonly age_s: number | null;
  readonly offline: boolean;
  readonly selected: boolean;
  onSelect(team: string): void;
  onGrip(team: string, event: PointerEvent): void;
}

const Row = memo(function Row({ team, english, status, incident, age_s, offline, selected, onSelect, onGrip }: RowProps): ReactNode {
  const { t } = useUi();
  const age_ms = age_s === null ? null : age_s * 1000;
  const certainty = age_ms === null ? "home" : isStale(age_ms) ? "stale" : "fresh";
  const age = age_ms === null ? t.home : shortSpan(t, age_ms);
  const ageHint = age_ms === null ? t.homeLong : fill(certainty === "stale" ? t.staleAge : t.fixAge, { age: span(t, age_ms) });
  const name = nameOf(team, english);
  return (
    <li>
      <button
        type="button"
        className={`team${selected ? " is-selected" : ""}`}
        aria-pressed={selected}
        title={`${name} · ${t.desk.assign.dragHint}`}
        onClick={() => onSelect(team.team)}
        onPointerDown={(event) => onGrip(team.team, event)}
      >
        <i className={`dot dot-${status} is-${certainty}`} aria-hidden="true" />
        <span className="team-name">{name}</span>
        <span className="team-order">{incident === null ? (team.task?.task ?? "") : `${t.kind[incident.what]} ${incident.incident}`}</span>
        <span className={`chip chip-${status}`}>{t.teamStatus[status]}</span>
        <span className={`age age-${certainty}`} title={offline ? `${ageHint} · ${t.tabletOff}` : ageHint}>
          {offline && <i className="offline" role="img" aria-label={t.tabletOff} />}
          {age}
        </span>
      </button>
    </li>
  );
});

/** An age that fits its column: from an hour on whole hours, from a minute on whole minutes. */
function shortSpan(t: ReturnType<typeof useUi>["t"], age_ms: number): string {
  const minutes = Math.floor(age_ms / 60_000);
  if (minutes >= 60) return fill(t.hours, { count: Math.floor(minutes / 60) });
  return minutes >= 1 ? fill(t.minutes, { count: minutes }) : fill(t.seconds, { count: Math.floor(age_ms / 1000) });
}

function inOrder(teams: Iterable<Team>): Team[] {
  return [...teams].sort((a, b) => a.unit.localeCompare(b.unit) || a.team.localeCompare(b.team, "en", { numeric: true }));
}

function matches(team: Team, wish: string): boolean {
  const sought = plain(wish);
  return sought === "" || [team.team, team.name, team.name_en].some((text) => plain(text).includes(sought));
}
