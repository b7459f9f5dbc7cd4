/** What the crew sees: the order as far as it was answered here, the next turn, how far it is. Pure. */
import type { OrderStatus, OrderTrigger } from "../wire/types.gen";
import type { WayStep, WayView } from "../wire/types.gen";
import { nextOrderStatus } from "./machines";
import type { Tablet, TabletOrder } from "./tablet";

/** Farther from the drawn line than this, another way is asked for. */
export const OFF_WAY_M = 80;

/** Where the order stands once all that was pressed here has arrived; null without an order. */
export function pressedStatus(tablet: Pick<Tablet, "order" | "outbox">): OrderStatus | null {
  if (tablet.order === null) return null;
  let status: OrderStatus = tablet.order.status;
  for (const waiting of tablet.outbox.values()) {
    if (waiting.order === tablet.order.order && waiting.type === "command") status = nextOrderStatus(status, waiting.verb) ?? status;
  }
  return status;
}

/** The commands of the one big button, in order; empty where there is nothing to press. */
export function bigButton(status: OrderStatus | null): readonly OrderTrigger[] {
  switch (status) {
    case "offered":
      return ["accept", "depart"];
    case "accepted":
      return ["depart"];
    case "en_route":
      return ["arrive"];
    case "on_scene":
      return ["report_back", "close"];
    case "reported_back":
      return ["close"];
    default:
      return [];
  }
}

/** Whether help was asked for, or is about to be. */
export function helpAsked(tablet: Pick<Tablet, "order" | "outbox">): boolean {
  const order = tablet.order;
  return order !== null && (order.help_asked || [...tablet.outbox.values()].some((one) => one.type === "help" && one.order === order.order));
}

/** Whether an order must still be heard: it is offered and nobody has pressed anything. */
export function soundsFor(tablet: Pick<Tablet, "order" | "outbox">): TabletOrder | null {
  return tablet.order !== null && pressedStatus(tablet) === "offered" ? tablet.order : null;
}

const EARTH_M = 6_371_008.8;
const RADIANS = Math.PI / 180;

/** Metres between two places of a town, each (lon, lat) in degrees; a flat map is exact to a metre there. */
export function metresBetween(a: readonly [number, number], b: readonly [number, number]): number {
  const east = (b[0] - a[0]) * Math.cos(((a[1] + b[1]) / 2) * RADIANS);
  return Math.hypot(east, b[1] - a[1]) * RADIANS * EARTH_M;
}

/** Where along a line somebody is: metres from its start, and metres beside it. */
export function alongLine(line: readonly (readonly [number, number])[], at: readonly [number, number]): { along_m: number; beside_m: number } {
  let best = { along_m: 0, beside_m: Infinity };
  let before_m = 0;
  for (let index = 1; index < line.length; index += 1) {
    const [from, to] = [line[index - 1], line[index]];
    if (from === undefined || to === undefined) continue;
    const scale = Math.cos(at[1] * RADIANS);
    const [x, y] = [(to[0] - from[0]) * scale, to[1] - from[1]];
    const share = x === 0 && y === 0 ? 0 : (((at[0] - from[0]) * scale) * x + (at[1] - from[1]) * y) / (x * x + y * y);
    const part = Math.min(1, Math.max(0, share));
    const spot: [number, number] = [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
    const beside_m = metresBetween(spot, at);
    const length_m = metresBetween(from, to);
    if (beside_m < best.beside_m) best = { along_m: before_m + length_m * part, beside_m };
    before_m += length_m;
  }
  return best;
}

/** What is to be done next on a way. */
export interface NextTurn {
  readonly step: WayStep;
  readonly in_m: number;
  readonly left_m: number;
  readonly left_ms: number;
  readonly off_way: boolean;
}

/** The next turn from a place on (or beside) a way; null for a way without steps. */
export function nextTurn(way: WayView, at: readonly [number, number]): NextTurn | null {
  const { along_m, beside_m } = alongLine(way.line, at);
  let from_m = 0;
  let from_ms = 0;
  for (const [index, step] of way.steps.entries()) {
    const until_m = from_m + step.length_m;
    const next = way.steps[index + 1];
    if (next === undefined) return { step, in_m: Math.max(0, way.length_m - along_m), left_m: Math.max(0, way.length_m - along_m), left_ms: 0, off_way: beside_m > OFF_WAY_M };
    if (along_m < until_m) {
      const share = step.length_m === 0 ? 1 : (along_m - from_m) / step.length_m;
      const left_ms = way.travel_ms - from_ms - step.travel_ms * share;
      return { step: next, in_m: until_m - along_m, left_m: way.length_m - along_m, left_ms, off_way: beside_m > OFF_WAY_M };
    }
    from_m = until_m;
    from_ms += step.travel_ms;
  }
  return null;
}
