import type { PlannerWords } from "../../i18n/planner/zh-CN";
import { plannerEn } from "../../i18n/planner/en";
import { plannerZh } from "../../i18n/planner/zh-CN";
import { useUi } from "../shared/ui";

/** The planner's words in the language that is on. */
export function useWords(): PlannerWords {
  return useUi().english ? plannerEn : plannerZh;
}

/** A share as a percentage with one figure after the point, a dash for none. */
export function percent(share: number | null): string {
  return share === null ? "–" : `${(share * 100).toFixed(1)}%`;
}

/** Thousandths of a unit of demand, short. */
export function demandText(milli: number): string {
  const units = milli / 1000;
  return units >= 100 ? Math.round(units).toLocaleString("en-US") : units.toFixed(1);
}
