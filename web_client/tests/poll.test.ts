/** The long poll against a service that loses answers: every frame once, in order, both ways. */
import { expect, it } from "vitest";
import { LineChoice, openPoll, POLL_AFTER, type Exchange } from "../src/wire/poll";
import type { PollBody, PollView } from "../src/wire/types.gen";

/** The service's side of `dispatch/server/longpoll.py`, with every `lost`th answer lost after it was acted on. */
class Service {
  readonly taken: unknown[] = [];
  readonly out: Record<string, unknown>[] = [];
  told = 0;
  exchanges = 0;
  closed: number | null = null;
  constructor(private readonly lost: number) {}

  readonly exchange: Exchange = async (body: PollBody): Promise<PollView | null> => {
    this.exchanges += 1;
    if (body.session !== null && body.session !== "s") return null;
    expect(body.first).toBeLessThanOrEqual(this.taken.length);
    this.taken.push(...body.frames.slice(this.taken.length - body.first));
    while (this.told < body.got) {
      this.out.shift();
      this.told += 1;
    }
    await new Promise((done) => setTimeout(done, body.wait_ms > 0 && this.out.length === 0 ? 3 : 0));
    const answer: PollView = { session: "s", first: this.told, frames: [...this.out], closed: this.closed };
    if (body.session !== null && this.exchanges % this.lost === 0) throw new Error("lost");
    return answer;
  };
}

const until = async (holds: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 2000 && !holds(); turn += 1) await new Promise((done) => setTimeout(done, 1));
  expect(holds()).toBe(true);
};
const now = (): Promise<void> => Promise.resolve();

it.each([3, 5, 1000])("every frame arrives once and in order where each %ith answer is lost", async (lost) => {
  const service = new Service(lost);
  const heard: unknown[] = [];
  let closed = 0;
  let opened = 0;
  const line = openPoll(service.exchange, { onOpen: () => (opened += 1), onText: (text) => heard.push(JSON.parse(text)), onClosed: () => (closed += 1) }, now);
  const sent = Array.from({ length: 150 }, (_, n) => ({ type: "ping", at_ms: n }));
  const told = Array.from({ length: 150 }, (_, n) => ({ type: "pong", at_ms: n }));
  for (const [n, frame] of sent.entries()) {
    line.send(JSON.stringify(frame));
    service.out.push(told[n] as Record<string, unknown>);
    if (n % 10 === 0) await new Promise((done) => setTimeout(done, 1));
  }
  await until(() => heard.length === 150 && service.taken.length === 150);
  expect(heard).toEqual(told);
  expect(service.taken).toEqual(sent);
  expect([opened, closed]).toEqual([1, 0]);
  service.closed = 4405;
  await until(() => closed === 1);
  line.send("{}");
  expect(service.taken.length).toBe(150);
});

it("a line that never opens, or is over, says so once", async () => {
  for (const exchange of [async () => Promise.reject(new Error("no network")), async () => null] as Exchange[]) {
    let closed = 0;
    const line = openPoll(exchange, { onOpen: () => undefined, onText: () => undefined, onClosed: () => (closed += 1) }, now);
    line.send('{"type":"hello"}');
    await until(() => closed === 1);
    await new Promise((done) => setTimeout(done, 5));
    expect(closed).toBe(1);
  }
});

it("a line that was closed from here is silent", async () => {
  const service = new Service(1000);
  let told = 0;
  const line = openPoll(service.exchange, { onOpen: () => undefined, onText: () => (told += 1), onClosed: () => (told += 1) }, now);
  line.send('{"type":"hello"}');
  await until(() => service.taken.length === 1);
  line.close();
  service.out.push({ type: "ping", at_ms: 1 });
  await new Promise((done) => setTimeout(done, 10));
  expect(told).toBe(0);
});

it("three sockets in a row that do not open mean a long poll, and one socket is tried again after it", () => {
  const choice = new LineChoice();
  for (let n = 0; n < POLL_AFTER; n += 1) {
    expect(choice.polling).toBe(false);
    choice.socket(false);
  }
  expect(choice.polling).toBe(true);
  choice.again();
  expect(choice.polling).toBe(false);
  choice.socket(false);
  expect(choice.polling).toBe(true);
  choice.again();
  choice.socket(true);
  choice.socket(false);
  expect(choice.polling).toBe(false);
});
