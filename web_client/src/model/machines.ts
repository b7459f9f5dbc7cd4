/** The tables of dispatch/domain/*_machine.py as the console needs them; the golden transcript holds the two together. */
import type { Duty, OrderStatus, OrderTrigger } from "../wire/types.gen";

const ORDER: Readonly<Record<OrderStatus, Partial<Record<OrderTrigger, OrderStatus>>>> = {
  offered: { accept: "accepted", decline: "declined", expire: "expired", recall: "recalled" },
  accepted: { depart: "en_route", recall: "recalled" },
  en_route: { arrive: "on_scene", recall: "recalled" },
  on_scene: { report_back: "reported_back", recall: "recalled" },
  reported_back: { close: "closed", recall: "recalled" },
  closed: {},
  declined: {},
  expired: {},
  recalled: {},
};

/** The status after `trigger`, or null where the table has no such step. */
export function nextOrderStatus(status: OrderStatus, trigger: OrderTrigger): OrderStatus | null {
  return ORDER[status][trigger] ?? null;
}

/** Whether the order still binds its team. */
export function isLive(status: OrderStatus): boolean {
  return Object.keys(ORDER[status]).length > 0;
}

/** The facts that move a team's duty. */
export type DutyFact = "duty_started" | "duty_ended" | "standby_taken" | "patrol_resumed" | "task_started" | "task_ended";

/** The duty after a fact; the end of a task that was only planned moves nothing. */
export function dutyAfter(kind: DutyFact, duty: Duty): Duty {
  switch (kind) {
    case "duty_started":
    case "patrol_resumed":
      return "on_patrol";
    case "duty_ended":
      return "off_duty";
    case "standby_taken":
      return "standby";
    case "task_started":
      return "on_task";
    case "task_ended":
      return duty === "on_task" ? "on_patrol" : duty;
  }
}
