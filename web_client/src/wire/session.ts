/**
 * The console's end of `patrol.v1` without any I/O: `step(state, input) → [state, outputs]`.
 *
 * It keeps the promise that what it delivers is complete: a snapshot in all its parts, then every event after it,
 * without a gap. Where a gap is seen it hangs up and resumes from the last event it holds.
 */
import type { Bye, ClientFrame, CoverNote, EventFrame, Fix, Hello, Result, ServerFrame, Snapshot, Welcome } from "./types.gen";

export const DEAD_AFTER_MS = 25_000;
export const CONNECT_WITHIN_MS = 10_000;
export const BACKOFF_FIRST_MS = 250;
export const BACKOFF_MOST_MS = 10_000;
export const MOST_SNAPSHOT_PARTS = 4096;

/** Where a connection stands; `live` alone means that the board is up to date. */
export type Phase = "idle" | "connecting" | "greeting" | "loading" | "live" | "waiting" | "stopped";

/** All that the session remembers between two inputs. */
export interface Session {
  readonly device: string;
  readonly phase: Phase;
  /** Local time at which `live` was last gained or lost. */
  readonly since_ms: number;
  /** The log's epoch and the last seq that was delivered; null and 0 where nothing is held. */
  readonly epoch: string | null;
  readonly seq: number;
  readonly heard_ms: number;
  readonly pinged_ms: number;
  readonly ping_every_ms: number;
  readonly attempt: number;
  readonly retry_at_ms: number;
  readonly parts: readonly Snapshot[];
  readonly offered: string | null;
  readonly last_problem: string | null;
}

/** What happens to the session; `random` (0…1) is drawn by the shell for the jitter. */
export type Input = { readonly now_ms: number; readonly random: number } & (
  | { readonly kind: "start" | "opened" | "closed" | "tick" | "hurry" | "stop" }
  | { readonly kind: "text"; readonly text: string }
);

/** What the shell must do, in this order. */
export type Output =
  | { readonly kind: "connect" }
  | { readonly kind: "hang_up" }
  | { readonly kind: "send"; readonly frame: ClientFrame }
  | { readonly kind: "welcome"; readonly welcome: Welcome }
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot }
  | { readonly kind: "event"; readonly frame: EventFrame }
  | { readonly kind: "peer"; readonly fixes: readonly Fix[]; readonly cover: CoverNote | null }
  | { readonly kind: "result"; readonly result: Result };

type Step = [Session, Output[]];

/** A session that holds nothing and has not begun. */
export function newSession(device: string, now_ms: number): Session {
  return {
    device,
    phase: "idle",
    since_ms: now_ms,
    epoch: null,
    seq: 0,
    heard_ms: now_ms,
    pinged_ms: now_ms,
    ping_every_ms: 10_000,
    attempt: 0,
    retry_at_ms: 0,
    parts: [],
    offered: null,
    last_problem: null,
  };
}

/** The wait before try number `attempt` (from 0): uniform in 0…min(10 s, 0.25 s × 2^attempt). */
export function backoff_ms(attempt: number, random: number): number {
  return random * Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 16));
}

/** One input in, the next state and what is to be done out; pure. */
export function step(state: Session, input: Input): Step {
  switch (input.kind) {
    case "start":
      return connect(state, input.now_ms);
    case "opened":
      return state.phase === "connecting" ? greet(state, input.now_ms) : [state, []];
    case "text":
      return isConnected(state) ? hear({ ...state, heard_ms: input.now_ms }, input) : [state, []];
    case "closed":
      return isConnected(state) || state.phase === "connecting" ? wait(state, input, 0, null, false) : [state, []];
    case "tick":
      return tick(state, input);
    case "hurry":
      return state.phase === "waiting" || state.phase === "stopped" ? connect({ ...state, attempt: 0 }, input.now_ms) : [state, []];
    case "stop":
      return [rest(state, "stopped", input.now_ms), [{ kind: "hang_up" }]];
  }
}

function isConnected(state: Session): boolean {
  return state.phase === "greeting" || state.phase === "loading" || state.phase === "live";
}

function connect(state: Session, now_ms: number): Step {
  return [{ ...state, phase: "connecting", heard_ms: now_ms, parts: [], offered: null }, [{ kind: "connect" }]];
}

function greet(state: Session, now_ms: number): Step {
  const hello: Hello = {
    type: "hello",
    role: "console",
    device: state.device,
    team: null,
    epoch: state.epoch,
    seq: state.epoch === null ? 0 : state.seq,
    ticket: null,
  };
  return [{ ...state, phase: "greeting", heard_ms: now_ms, pinged_ms: now_ms }, [{ kind: "send", frame: hello }]];
}

/** Out of `live` the time is kept since when; a session that was not live keeps the older time. */
function rest(state: Session, phase: Phase, now_ms: number): Session {
  const since_ms = state.phase === "live" ? now_ms : state.since_ms;
  return { ...state, phase, since_ms, parts: [], offered: null };
}

function wait(state: Session, input: Input, least_ms: number, problem: string | null, hangUp: boolean): Step {
  const retry_at_ms = input.now_ms + Math.max(least_ms, backoff_ms(state.attempt, input.random));
  const next = { ...rest(state, "waiting", input.now_ms), retry_at_ms, attempt: state.attempt + 1 };
  return [{ ...next, last_problem: problem ?? state.last_problem }, hangUp ? [{ kind: "hang_up" }] : []];
}

/** A clock that was set back lengthens no wait: what lies ahead of it moves back with it. */
function withClockSetBack(state: Session, now_ms: number): Session {
  const back_ms = state.heard_ms - now_ms;
  if (back_ms <= 0) return state;
  return { ...state, heard_ms: now_ms, pinged_ms: state.pinged_ms - back_ms, retry_at_ms: state.retry_at_ms - back_ms };
}

function tick(before: Session, input: Input): Step {
  const { now_ms } = input;
  const state = withClockSetBack(before, now_ms);
  if (state.phase === "waiting") return now_ms >= state.retry_at_ms ? connect(state, now_ms) : [state, []];
  const silent_ms = now_ms - state.heard_ms;
  if (state.phase === "connecting" || state.phase === "greeting") {
    return silent_ms >= CONNECT_WITHIN_MS ? wait(state, input, 0, "silent", true) : [state, []];
  }
  if (!isConnected(state)) return [state, []];
  if (silent_ms >= DEAD_AFTER_MS) return wait(state, input, 0, "silent", true);
  if (silent_ms >= state.ping_every_ms && now_ms - state.pinged_ms >= state.ping_every_ms) {
    return [{ ...state, pinged_ms: now_ms }, [{ kind: "send", frame: { type: "ping", at_ms: Math.round(now_ms) } }]];
  }
  return [state, []];
}

function hear(state: Session, input: Input & { kind: "text" }): Step {
  const frame = parse(input.text);
  if (frame === null) return wait(state, input, 0, "not_json", true);
  switch (frame.type) {
    case "welcome":
      return welcomed(state, input, frame);
    case "snapshot":
      return loaded(state, input, frame);
    case "event":
      return advanced(state, input, frame);
    case "peer":
      return [state, [{ kind: "peer", fixes: frame.fixes, cover: frame.cover ?? null }]];
    case "result":
      return [state, [{ kind: "result", result: frame }]];
    case "ping":
      return [state, [{ kind: "send", frame: { type: "pong", at_ms: frame.at_ms } }]];
    case "pong":
      return [state, []];
    case "bye":
      return dismissed(state, input, frame);
    default:
      return [state, []]; // a later server may say more than this client knows
  }
}

function parse(text: string): ServerFrame | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "type" in value ? (value as ServerFrame) : null;
  } catch {
    return null;
  }
}

function welcomed(state: Session, input: Input, welcome: Welcome): Step {
  if (state.phase !== "greeting") return [state, []];
  if (welcome.resume && welcome.epoch !== state.epoch) return wait(forget(state), input, 0, "unknown_frame", true);
  const next: Session = { ...state, ping_every_ms: welcome.ping_every_s * 1000, offered: welcome.epoch };
  const outputs: Output[] = [{ kind: "welcome", welcome }];
  if (!welcome.resume) return [{ ...next, phase: "loading" }, outputs];
  return [goLive(next, input.now_ms), outputs];
}

function loaded(state: Session, input: Input, part: Snapshot): Step {
  const expected = state.parts.length + 1;
  if (state.phase !== "loading" || part.part !== expected || part.parts > MOST_SNAPSHOT_PARTS) {
    return wait(forget(state), input, 0, "unknown_frame", true);
  }
  const parts = [...state.parts, part];
  if (part.part < part.parts) return [{ ...state, parts }, []];
  const whole: Snapshot = {
    type: "snapshot",
    seq: part.seq,
    part: 1,
    parts: 1,
    teams: parts.flatMap((one) => one.teams),
    incidents: parts.flatMap((one) => one.incidents),
    orders: parts.flatMap((one) => one.orders),
  };
  const next = { ...state, parts: [], epoch: state.offered, seq: part.seq };
  return [goLive(next, input.now_ms), [{ kind: "snapshot", snapshot: whole }]];
}

function advanced(state: Session, input: Input, frame: EventFrame): Step {
  if (state.phase !== "live" || frame.seq <= state.seq) return [state, []];
  if (frame.after !== state.seq) return wait(state, input, 0, "gap", true);
  return [{ ...state, seq: frame.seq }, [{ kind: "event", frame }]];
}

function dismissed(state: Session, input: Input, bye: Bye): Step {
  if (bye.reconnect) return wait(state, input, bye.retry_after_ms, bye.code, true);
  return [{ ...rest(state, "stopped", input.now_ms), last_problem: bye.code }, [{ kind: "hang_up" }]];
}

function goLive(state: Session, now_ms: number): Session {
  return { ...state, phase: "live", since_ms: now_ms, attempt: 0, last_problem: null };
}

function forget(state: Session): Session {
  return { ...state, epoch: null, seq: 0 };
}
