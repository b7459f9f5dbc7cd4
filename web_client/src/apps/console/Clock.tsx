/** The time since the report and the target; in a demo also the real length, which is what the target is for. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { stopwatch } from "../../i18n/format";
import { clockOf } from "../../model/derive";
import type { Incident, Order } from "../../wire/types.gen";
import { useUi } from "../shared/ui";

/** Whose clock, and by what time. */
export interface ClockProps {
  readonly incident: Incident;
  readonly orders: readonly Order[];
  readonly service_ms: number;
  /** How many times as fast as real cars a demo's drive. */
  readonly pace: number;
}

/** A running clock against its target; it stops where somebody has arrived. */
export function Clock({ incident, orders, service_ms, pace }: ClockProps): ReactNode {
  const { t } = useUi();
  const clock = clockOf(incident, orders, service_ms, pace);
  const rest_ms = clock.target_ms - clock.real_ms;
  const share = Math.min(1, clock.real_ms / clock.target_ms);
  const rest = rest_ms >= 0 ? fill(t.left, { time: stopwatch(rest_ms) }) : fill(t.over, { time: stopwatch(-rest_ms) });
  const said = clock.running ? rest : clock.verdict === "missed" ? t.late : t.onTime;
  return (
    <span className={`clock clock-${clock.verdict}${clock.running ? "" : " is-stopped"}`}>
      <b>{stopwatch(clock.elapsed_ms)}</b>
      <small title={pace === 1 ? undefined : fill(t.pacedHint, { pace })}>
        {fill(t.target, { time: stopwatch(clock.target_ms) })} · {said}
      </small>
      <i aria-hidden="true"><i style={{ transform: `scaleX(${share})` }} /></i>
    </span>
  );
}
