import { describe, expect, it } from "vitest";
import { BACKOFF_FIRST_MS, BACKOFF_MOST_MS, backoff_ms, DEAD_AFTER_MS, newSession, step, type Output, type Session } from "../src/wire/session";
import type { ServerFrame } from "../src/wire/types.gen";
import { deviceId, socketUrl } from "../src/wire/socket";
import { uuidv7 } from "../src/wire/keys";
import { dutyFrame, snapshotOf, welcome } from "./frames";

type Step = [Session, Output[]];
const at = (state: Session, kind: "start" | "opened" | "closed" | "tick" | "hurry" | "stop", now_ms: number, random = 0.5): Step =>
  step(state, { kind, now_ms, random });
const hear = (state: Session, frame: ServerFrame, now_ms = 100, random = 0.5): Step =>
  step(state, { kind: "text", text: JSON.stringify(frame), now_ms, random });
const kinds = (outputs: Output[]): string[] => outputs.map((output) => output.kind);

function live(seq = 7): Session {
  let [state] = at(newSession("d", 0), "start", 0);
  [state] = at(state, "opened", 10);
  [state] = hear(state, welcome({ head: seq }));
  [state] = hear(state, snapshotOf({ seq }));
  expect(state.phase).toBe("live");
  return state;
}

describe("joining", () => {
  it("says hello without a position, and is live after the last part of the snapshot", () => {
    const [connecting, first] = at(newSession("d", 0), "start", 0);
    expect(kinds(first)).toEqual(["connect"]);
    const [greeting, second] = at(connecting, "opened", 10);
    expect(second).toEqual([{ kind: "send", frame: { type: "hello", role: "console", device: "d", team: null, epoch: null, seq: 0, ticket: null } }]);
    const [loading] = hear(greeting, welcome({ head: 3 }));
    const [half, none] = hear(loading, snapshotOf({ seq: 3, part: 1, parts: 2 }));
    expect([half.phase, none]).toEqual(["loading", []]);
    const [whole, given] = hear(half, snapshotOf({ seq: 3, part: 2, parts: 2 }));
    expect([whole.phase, whole.epoch, whole.seq, kinds(given)]).toEqual(["live", "e1", 3, ["snapshot"]]);
  });

  it("starts over where a part of the snapshot is missing", () => {
    let [state] = at(newSession("d", 0), "start", 0);
    [state] = at(state, "opened", 10);
    [state] = hear(state, welcome({ head: 3 }));
    const [waiting, outputs] = hear(state, snapshotOf({ seq: 3, part: 2, parts: 3 }));
    expect([waiting.phase, waiting.epoch, kinds(outputs)]).toEqual(["waiting", null, ["hang_up"]]);
  });
});

describe("events", () => {
  it("are delivered in a row, and twice the same changes nothing", () => {
    const [next, given] = hear(live(), dutyFrame(9, 7));
    expect([next.seq, kinds(given)]).toEqual([9, ["event"]]);
    expect(hear(next, dutyFrame(9, 7))[1]).toEqual([]);
  });

  it("a gap hangs up, and the next hello resumes from the last event held", () => {
    const [waiting, outputs] = hear(live(), dutyFrame(10, 9));
    expect([waiting.phase, waiting.seq, kinds(outputs)]).toEqual(["waiting", 7, ["hang_up"]]);
    let [state] = at(waiting, "tick", waiting.retry_at_ms);
    const hello = ([state] = at(state, "opened", 600))[1];
    expect(hello).toMatchObject([{ frame: { type: "hello", epoch: "e1", seq: 7 } }]);
    [state] = hear(state, welcome({ head: 10, resume: true }));
    expect(state.phase).toBe("live");
    expect(hear(state, dutyFrame(8, 7))[0].seq).toBe(8);
  });

  it("a resume into another epoch is not believed", () => {
    let [state] = at(at(live(), "closed", 200)[0], "hurry", 201);
    [state] = at(state, "opened", 202);
    const [waiting] = hear(state, welcome({ head: 10, resume: true, epoch: "e2" }));
    expect([waiting.phase, waiting.epoch, waiting.seq]).toEqual(["waiting", null, 0]);
  });
});

describe("staying connected", () => {
  it("answers a ping with its own time, and asks when nothing is heard", () => {
    expect(hear(live(), { type: "ping", at_ms: 5 })[1]).toEqual([{ kind: "send", frame: { type: "pong", at_ms: 5 } }]);
    const [asked, outputs] = at(live(), "tick", 10_101);
    expect(outputs).toMatchObject([{ kind: "send", frame: { type: "ping" } }]);
    expect(at(asked, "tick", 10_400)[1]).toEqual([]);
  });

  it("is dead after 25 s of silence, and says since when", () => {
    expect(at(live(), "tick", 100 + DEAD_AFTER_MS - 1)[0].phase).toBe("live");
    const [dead, outputs] = at(live(), "tick", 100 + DEAD_AFTER_MS);
    expect([dead.phase, dead.since_ms, kinds(outputs)]).toEqual(["waiting", 100 + DEAD_AFTER_MS, ["hang_up"]]);
    const [again] = at(at(dead, "hurry", 40_000)[0], "closed", 41_000);
    expect(again.since_ms).toBe(100 + DEAD_AFTER_MS);
  });

  it("gives a connection that does not open up after 10 s", () => {
    const [state] = at(newSession("d", 0), "start", 0);
    expect(at(state, "tick", 9_999)[0].phase).toBe("connecting");
    expect(at(state, "tick", 10_000)[0].phase).toBe("waiting");
  });

  it("jitter is uniform from 0 to 0.25 s × 2^n, at most 10 s", () => {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const most = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** attempt);
      expect(backoff_ms(attempt, 0)).toBe(0);
      expect(backoff_ms(attempt, 0.5)).toBe(most / 2);
      expect(backoff_ms(attempt, 0.999999)).toBeLessThanOrEqual(most);
    }
    expect(backoff_ms(0, 1)).toBe(250);
    expect(backoff_ms(1_000, 1)).toBe(10_000);
  });
});

describe("bye", () => {
  const bye = { type: "bye", code: "going_down", message: "", retry_after_ms: 3_000 } as const;

  it("that allows it comes back, not before its time", () => {
    const [waiting] = hear(live(), { ...bye, reconnect: true }, 1_000, 0);
    expect([waiting.phase, waiting.retry_at_ms, waiting.last_problem]).toEqual(["waiting", 4_000, "going_down"]);
  });

  it("that forbids it stops, until a person asks", () => {
    const [stopped, outputs] = hear(live(), { ...bye, code: "fenced", reconnect: false });
    expect([stopped.phase, kinds(outputs)]).toEqual(["stopped", ["hang_up"]]);
    expect(at(stopped, "tick", 99_999)[0].phase).toBe("stopped");
    expect(at(stopped, "hurry", 99_999)[0].phase).toBe("connecting");
  });
});

describe("text that is no frame", () => {
  it.each(["", "{", "null", "[]", "7"])("%j hangs up and resumes", (text) => {
    const [state, outputs] = step(live(), { kind: "text", text, now_ms: 100, random: 0 });
    expect([state.phase, state.seq, kinds(outputs)]).toEqual(["waiting", 7, ["hang_up"]]);
  });

  it("a type of a later version is passed over", () => {
    expect(step(live(), { kind: "text", text: '{"type":"later"}', now_ms: 100, random: 0 })[0].phase).toBe("live");
  });
});

describe("identity", () => {
  it("keys are UUIDv7, sorted by their time", () => {
    const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const keys = [1_000, 2_000, 1_700_000_000_000].map((now_ms) => uuidv7(now_ms));
    for (const key of keys) expect(key).toMatch(pattern);
    expect([...keys].sort()).toEqual(keys);
    expect(new Set(Array.from({ length: 1000 }, () => uuidv7())).size).toBe(1000);
  });

  it("the device is kept, the window is not, and both fit the wire", () => {
    const kept = new Map<string, string>();
    const storage = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
    const [one, two] = [deviceId(storage as unknown as Storage), deviceId(storage as unknown as Storage)];
    expect(one.split(".")[0]).toBe(two.split(".")[0]);
    expect(one).not.toBe(two);
    expect(one.length).toBeLessThanOrEqual(64);
    expect(deviceId(null)).toMatch(/\./);
  });

  it("the socket is beside the page", () => {
    expect(socketUrl({ protocol: "http:", host: "127.0.0.1:8135" })).toBe("ws://127.0.0.1:8135/ws");
    expect(socketUrl({ protocol: "https:", host: "x" })).toBe("wss://x/ws");
  });

  it("a clock that is set back an hour lengthens no wait", () => {
    const hour_ms = 3_600_000;
    const [begun] = at(newSession("d", hour_ms), "start", hour_ms);
    const [waiting] = at(begun, "closed", hour_ms + 10, 1);
    const wait_ms = waiting.retry_at_ms - hour_ms;
    const [noticed] = at(waiting, "tick", 5_000);
    expect(noticed.phase).toBe("waiting");
    expect(at(noticed, "tick", 5_000 + wait_ms)[0].phase).toBe("connecting");
  });
});
