/** Small charts of our own, as SVG: an hour of the day along, bars, a line, steps; and percentiles against a target. */
import type { ReactNode } from "react";

const WIDTH = 408;
const HEIGHT = 128;
const LEFT = 30;
const RIGHT = 36;
const TOP = 8;
const BOTTOM = 18;

/** One hour of the chart; a share is 0…1 or null. */
export interface HourDatum {
  readonly hour: number;
  readonly bars: number;
  readonly share: number | null;
  readonly steps: number;
  readonly tip: string;
}

/** A round number at or above a value, for the top of an axis. */
export function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** Bars for counts (left axis), a line for shares (right axis, 0…100 %), and a stepped line for how many are on duty. */
export function HourChart({ data, hour, label, onHour, line = true }: { data: readonly HourDatum[]; hour: number | null; label: string; onHour?: (hour: number) => void; line?: boolean }): ReactNode {
  const across = (WIDTH - LEFT - RIGHT) / 24;
  const tall = HEIGHT - TOP - BOTTOM;
  const top = niceTop(Math.max(...data.map((each) => each.bars), 0));
  const most = niceTop(Math.max(...data.map((each) => each.steps), 0));
  const y = (part: number): number => TOP + tall * (1 - part);
  const x = (at: number): number => LEFT + across * at;
  const shares = data.filter((each) => each.share !== null);
  return (
    <svg className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {[0, 0.5, 1].map((part) => (
        <g key={part}>
          <line className="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(part)} y2={y(part)} />
          <text className="axis" x={LEFT - 4} y={y(part) + 3.5} textAnchor="end">{Math.round(top * part * 10) / 10}</text>
          {line && <text className="axis" x={WIDTH - RIGHT + 4} y={y(part) + 3.5}>{`${part * 100}%`}</text>}
        </g>
      ))}
      {data.map((each) => (
        <rect key={each.hour} className={`bar${each.hour === hour ? " is-on" : ""}`} x={x(each.hour) + 1} width={across - 2} y={y(each.bars / top)} height={Math.max(0, tall * (each.bars / top))} />
      ))}
      {line && most > 0 && <polyline className="steps" points={data.flatMap((each) => [`${x(each.hour)},${y(each.steps / most)}`, `${x(each.hour + 1)},${y(each.steps / most)}`]).join(" ")} />}
      {line && <polyline className="line" points={shares.map((each) => `${x(each.hour + 0.5)},${y(each.share ?? 0)}`).join(" ")} />}
      {line && shares.map((each) => <circle key={each.hour} className="dot-on-line" cx={x(each.hour + 0.5)} cy={y(each.share ?? 0)} r="2" />)}
      {[0, 6, 12, 18, 24].map((at) => <text key={at} className="axis" x={x(at)} y={HEIGHT - 5} textAnchor="middle">{at}</text>)}
      {data.map((each) => (
        <rect key={`hit ${each.hour}`} className="hit" x={x(each.hour)} width={across} y={TOP} height={tall} onClick={onHour && (() => onHour(each.hour))}>
          <title>{each.tip}</title>
        </rect>
      ))}
    </svg>
  );
}

/** One line of the percentile chart: times in ms, null where too few. */
export interface LegDatum {
  readonly leg: string;
  readonly p50_ms: number | null;
  readonly p90_ms: number | null;
  readonly tip: string;
}

const ROW = 19;
const NAME = 58;

/** A line a leg: a tick at P50, a dot at P90, a bar between, and the target as a line through all. */
export function LegChart({ legs, target_ms, label, few, minutes }: { legs: readonly LegDatum[]; target_ms: number | null; label: string; few: string; minutes(count: number): string }): ReactNode {
  const longest = Math.max(...legs.map((each) => each.p90_ms ?? 0), target_ms ?? 0, 1);
  const top_min = niceTop(longest / 60_000);
  const x = (ms: number): number => NAME + ((WIDTH - NAME - 14) * ms) / (top_min * 60_000);
  const tall = legs.length * ROW;
  return (
    <svg className="chart legs" viewBox={`0 0 ${WIDTH} ${tall + 16}`} role="img" aria-label={label}>
      {[0, 0.5, 1].map((part) => (
        <g key={part}>
          <line className="grid" x1={x(part * top_min * 60_000)} x2={x(part * top_min * 60_000)} y1="0" y2={tall} />
          <text className="axis" x={x(part * top_min * 60_000)} y={tall + 12} textAnchor={part === 1 ? "end" : "middle"}>{minutes(Math.round(part * top_min * 100) / 100)}</text>
        </g>
      ))}
      {target_ms !== null && <line className="target" x1={x(target_ms)} x2={x(target_ms)} y1="0" y2={tall} />}
      {legs.map((each, index) => {
        const y = index * ROW + ROW / 2;
        const { p50_ms, p90_ms } = each;
        const late = p90_ms !== null && target_ms !== null && p90_ms > target_ms;
        return (
          <g key={each.leg} className={late ? "leg is-late" : "leg"}>
            <title>{each.tip}</title>
            <text className="leg-name" x={NAME - 6} y={y + 4} textAnchor="end">{each.leg}</text>
            {p50_ms === null || p90_ms === null ? <text className="axis" x={NAME + 6} y={y + 4}>{few}</text> : (
              <>
                <line className="between" x1={x(p50_ms)} x2={x(p90_ms)} y1={y} y2={y} />
                <line className="p50" x1={x(p50_ms)} x2={x(p50_ms)} y1={y - 6} y2={y + 6} />
                <circle className="p90" cx={x(p90_ms)} cy={y} r="4" />
              </>
            )}
          </g>
        );
      })}
    </svg>
  );
}
