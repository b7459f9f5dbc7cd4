/** At which hour, and what demand is: streets and places, or past incidents of some weekdays. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import type { PastIncidentsView } from "../../wire/types.gen";
import type { PlannerWords } from "../../i18n/planner/zh-CN";
import type { PlannerDesk } from "./usePlanner";
import { useWords } from "./words";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const DAYS = [0, 1, 2, 3, 4, 5, 6] as const;

/** How a history is called. */
export function historyName(w: PlannerWords, history: PastIncidentsView): string {
  return history.history === "log" ? w.heat.log : history.title;
}

/** The weekdays as switches; none pressed means every day. */
export function WeekdayChips({ chosen, onChange }: { chosen: readonly number[]; onChange(days: number[]): void }): ReactNode {
  const w = useWords();
  const toggle = (day: number): void => onChange(chosen.includes(day) ? chosen.filter((each) => each !== day) : [...chosen, day].sort());
  return (
    <div className="chips" role="group" aria-label={w.weekday}>
      <button type="button" aria-pressed={chosen.length === 0} onClick={() => onChange([])}>{w.weekdays.all}</button>
      {DAYS.map((day) => (
        <button key={day} type="button" aria-pressed={chosen.includes(day)} onClick={() => toggle(day)}>{w.weekdays[`d${day}`]}</button>
      ))}
    </div>
  );
}

/** The filters of coverage and gaps. */
export function Filters({ desk }: { desk: PlannerDesk }): ReactNode {
  const w = useWords();
  const { filter, histories } = desk;
  return (
    <section className="filters">
      <div className="row">
        <label>
          <span>{w.hour}</span>
          <select value={filter.hour ?? ""} onChange={(event) => desk.setFilter({ hour: event.target.value === "" ? null : Number(event.target.value) })}>
            <option value="">{w.allDay}</option>
            {HOURS.map((hour) => <option key={hour} value={hour}>{fill(w.hourOf, { from: String(hour).padStart(2, "0"), until: String(hour + 1).padStart(2, "0") })}</option>)}
          </select>
        </label>
        <label className="grow">
          <span>{w.weigh}</span>
          <select value={filter.demand} onChange={(event) => desk.setFilter({ demand: event.target.value })}>
            <option value="streets">{w.weighStreets}</option>
            {histories.map((history) => (
              <option key={history.history} value={history.history} disabled={history.inside === 0}>
                {history.history === "log" ? fill(w.weighLog, { count: history.inside }) : fill(w.weighHistory, { name: history.title, count: history.inside })}
              </option>
            ))}
          </select>
        </label>
      </div>
      {filter.demand !== "streets" && <WeekdayChips chosen={filter.weekdays} onChange={(weekdays) => desk.setFilter({ weekdays })} />}
    </section>
  );
}
