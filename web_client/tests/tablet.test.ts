/** The tablet's session, held to Python's by the golden transcript, and what only this one does. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { newTablet, step, UNSETTLED, type Input, type Output, type Tablet } from "../src/model/tablet";

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
