/** Between two fixes a team glides: the picture is one interval late and never ahead of what is known. */

/** A glide from one position to the next, in local ms. */
export interface Glide {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly start_ms: number;
  readonly end_ms: number;
}

const SHORTEST_MS = 200;
const LONGEST_MS = 1_500;
/** A leap of more degrees than this (about 2 km) is a correction, not a drive. */
const LEAP_DEG = 0.02;

/** Where a glide is at `now_ms`. */
export function positionAt(glide: Glide, now_ms: number): [number, number] {
  const length_ms = glide.end_ms - glide.start_ms;
  const share = length_ms <= 0 ? 1 : Math.min(1, Math.max(0, (now_ms - glide.start_ms) / length_ms));
  const [fromLon, fromLat] = glide.from;
  const [toLon, toLat] = glide.to;
  return [fromLon + (toLon - fromLon) * share, fromLat + (toLat - fromLat) * share];
}

/** The next glide, from where the team is drawn now, as long as the last interval was; without a glide before, no movement. */
export function glideTo(before: Glide | undefined, to: readonly [number, number], now_ms: number): Glide {
  if (before === undefined) return { from: to, to, start_ms: now_ms, end_ms: now_ms };
  if (before.to[0] === to[0] && before.to[1] === to[1]) return before;
  const from = positionAt(before, now_ms);
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) > LEAP_DEG) return { from: to, to, start_ms: now_ms, end_ms: now_ms };
  const length_ms = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, now_ms - before.start_ms));
  return { from, to, start_ms: now_ms, end_ms: now_ms + length_ms };
}

/** Whether a glide has still to move. */
export function isMoving(glide: Glide, now_ms: number): boolean {
  return now_ms < glide.end_ms;
}
