/** The tablet's session, held to Python's by the golden transcript, and what only this one does. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { newTablet, step, UNSETTLED, type Input, type Output, type Tablet } from "../src/model/tablet";
import type { OrderTrigger } from "../src/wire/types.gen";

interface Golden {
  team: string;
  device: string;
  unsettled: string[];
  steps: { now_ms: number; given: Input; outputs: Record<string, unknown>[]; state: Record<string, unknown> }[];
}

const FILE = new URL("../../tests/golden/tablet_transcript.json", import.meta.url);
const golden = JSON.parse(readFileSync(FILE, "utf8")) as Golden;

/** The part of the state that both languages hold. */
function plain({ epoch, seq, order, outbox, live, shown, parts }: Tablet): Record<string, unknown> {
  const held = order && { order: order.order, incident: order.incident, where: order.where, eta_ms: order.eta_ms, deadline_ms: order.deadline_ms, status: order.status, epoch: order.epoch };
  return { epoch, seq, order: held, outbox: [...outbox.keys()], live, shown: [...shown].sort(), parts: parts.length };
}

function same(output: Output): Record<string, unknown> {
  if (output.kind === "draw") {
    const { order, incident, where, eta_ms, deadline_ms, status, epoch } = output.order;
    return { kind: "draw", order: { order, incident, where, eta_ms, deadline_ms, status, epoch } };
  }
  return { ...output };
}

/** The words about an unknown frame are each language's own. */
function loose(output: Record<string, unknown>): Record<string, unknown> {
  const reason = output["reason"];
  return typeof reason === "string" && reason.startsWith("a frame that") ? { ...output, reason: "unknown" } : output;
}

describe("the golden day", () => {
  it("each input gives the same outputs and the same state as in Python", () => {
    expect(golden.steps.length).toBeGreaterThan(50);
    let tablet = newTablet(golden.team, golden.device);
    for (const [at, { now_ms, given, outputs, state }] of golden.steps.entries()) {
      const [next, said] = step(tablet, given, now_ms);
      expect(said.map(same).map(loose), `step ${at}: ${given.kind}`).toEqual(outputs.map(loose));
      expect(plain(next), `step ${at}: ${given.kind}`).toEqual(state);
      tablet = next;
    }
    expect(tablet.own?.team).toBe(golden.team);
  });

  it("the same refusals are no verdict", () => {
    expect([...UNSETTLED].sort()).toEqual(golden.unsettled);
  });

  it("a step leaves the state it was given as it was", () => {
    let tablet = newTablet(golden.team, golden.device);
    for (const { now_ms, given } of golden.steps) {
      const before = JSON.stringify(plain(tablet));
      const [next] = step(tablet, given, now_ms);
      expect(JSON.stringify(plain(tablet))).toBe(before);
      tablet = next;
    }
  });
});

interface Restored {
  team: string;
  device: string;
  steps: { given: { kind: string; now_ms: number; frame?: unknown; key?: string; verb?: OrderTrigger }; said: unknown[] }[];
}

const RESTORED = new URL("../../tests/golden/restored_transcript.json", import.meta.url);

/** What a step of the file is to this session. */
function inputOf(given: Restored["steps"][number]["given"]): Input {
  if (given.kind === "text") return { kind: "received", text: JSON.stringify(given.frame) };
  if (given.kind === "connected") return { kind: "connected", ticket: null };
  if (given.kind === "press" && given.key !== undefined && given.verb !== undefined) return { kind: "press", key: given.key, verb: given.verb, note: "" };
  if (given.kind === "lost") return { kind: "lost" };
  throw new Error(`the file has a step that this test does not know: ${given.kind}`);
}

/** A shell whose disk and screen never fail: one input to its end, and the frames that were said. */
function runToEnd(tablet: Tablet, given: Input, now_ms: number): [Tablet, unknown[]] {
  const [waiting, said]: [Input[], unknown[]] = [[given], []];
  let held = tablet;
  for (let input = waiting.shift(); input !== undefined; input = waiting.shift()) {
    const [next, outputs] = step(held, input, now_ms);
    held = next;
    for (const output of outputs) {
      if (output.kind === "send") said.push(output.frame);
      else if (output.kind === "commit") waiting.push({ kind: "committed", seq: output.seq });
      else if (output.kind === "draw") waiting.push({ kind: "drawn", order: output.order.order });
      else expect(output.kind, "nothing in the file hangs up").not.toBe("hang");
    }
  }
  return [held, said];
}

describe("a log that was restored twice", () => {
  const restored = JSON.parse(readFileSync(RESTORED, "utf8")) as Restored;

  it("the same frames are said as by the tablet in Python", () => {
    let tablet = newTablet(restored.team, restored.device);
    for (const [at, { given, said }] of restored.steps.entries()) {
      const [next, frames] = runToEnd(tablet, inputOf(given), given.now_ms);
      expect(frames, `step ${at}: ${given.kind}`).toEqual(said);
      tablet = next;
    }
    expect(tablet.outbox.size, "the desk has answered everything").toBe(0);
    expect([tablet.order?.status, tablet.epoch]).toEqual(["offered", "epoch-3"]);
  });

  it("there are two restores in it, and an answer on each side of them", () => {
    const kinds = restored.steps.map(({ given }) => given.kind);
    expect(kinds.filter((kind) => kind === "connected").length).toBe(3);
    expect(kinds.filter((kind) => kind === "press").length).toBe(2);
  });
});
