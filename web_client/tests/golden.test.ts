/** The transcript that Python makes and both languages read: tests/golden/console_transcript.json. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { boardOf, fold, type Board } from "../src/model/board";
import { newSession, step } from "../src/wire/session";
import type { EventFrame, Snapshot } from "../src/wire/types.gen";
import { welcome } from "./frames";

interface Transcript {
  snapshot: Snapshot;
  frames: EventFrame[];
  final: Snapshot;
}

const FILE = new URL("../../tests/golden/console_transcript.json", import.meta.url);
const read = (): Transcript => JSON.parse(readFileSync(FILE, "utf8")) as Transcript;

/** What the final snapshot shows, taken from the folded board; older closed incidents may be on the board besides. */
function seenBy(board: Board, final: Snapshot): Snapshot {
  const pick = <Item>(items: ReadonlyMap<string, Item>, ids: string[]): Item[] => ids.flatMap((id) => items.get(id) ?? []);
  return {
    ...final,
    seq: board.seq,
    teams: pick(board.teams, final.teams.map((one) => one.team)),
    incidents: pick(board.incidents, final.incidents.map((one) => one.incident)),
    orders: pick(board.orders, final.orders.map((one) => one.order)),
  };
}

it("the golden snapshot and its frames fold to the golden end", () => {
  const { snapshot, frames, final } = read();
  expect(frames.length).toBeGreaterThan(0);
  const board = frames.reduce(fold, boardOf(snapshot));
  expect(seenBy(board, final)).toEqual(final);
  const shown = new Set(final.incidents.map((one) => one.incident));
  for (const one of board.incidents.values()) if (!shown.has(one.incident)) expect(one.status).toBe("closed");
});

it("the session takes the golden frames without a gap", () => {
  const { snapshot, frames } = read();
  const at = { now_ms: 1, random: 0 };
  let [state] = step(newSession("d", 0), { kind: "start", ...at });
  [state] = step(state, { kind: "opened", ...at });
  for (const one of [welcome({ head: snapshot.seq }), snapshot, ...frames]) {
    [state] = step(state, { kind: "text", text: JSON.stringify(one), ...at });
  }
  expect([state.phase, state.seq]).toEqual(["live", frames.at(-1)?.seq]);
});
