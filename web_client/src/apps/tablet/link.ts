/** The shell around the tablet's session: one line (a websocket, or a long poll where those do not open), one store, one input at a time to its end. */
import { step, newTablet, type Input, type Output, type Tablet, type TabletOrder } from "../../model/tablet";
import { ApiError } from "../../wire/api";
import { ticketFor } from "../../wire/doors";
import { uuidv7 } from "../../wire/keys";
import { backoff_ms, DEAD_AFTER_MS } from "../../wire/session";
import { LineChoice, POLL_FOR_MS, type Line } from "../../wire/poll";
import { openLine, socketUrl } from "../../wire/socket";
import { get, putSoon, StoreError, type Identity } from "../../wire/tablet_store";
import type { ClientFrame, Fix, OrderStatus, OrderTrigger } from "../../wire/types.gen";

const TICK_MS = 500;
const AGAIN_AFTER_MS = 4_000;
const UNCONFIRMED_EVERY_MS = 3_000;
const STATE = "state";
/** Proofs that are refused in a row before it is believed: one that was made before a sleep of the device is too old. */
const PROOFS = 4;
/** A ticket that is refused for these reasons will be refused for good. */
const FOR_GOOD: ReadonlySet<string> = new Set(["device_revoked", "bad_proof", "unknown_device"]);

/** Where the connection stands; `stopped` does not come back by itself. */
export type Phase = "connecting" | "live" | "waiting" | "stopped";

/** What the screen may know of the connection. */
export interface LinkState {
  readonly tablet: Tablet;
  readonly phase: Phase;
  /** Local time at which `live` was last gained or lost. */
  readonly since_ms: number;
  /** Code or words of the last "no"; null while all is well. */
  readonly problem: string | null;
  /** The service's clock minus this one's, as of the last welcome; 0 before. */
  readonly skew_ms: number;
  /** The last order that was taken away, and how; until the next one comes. */
  readonly gone: { readonly order: string; readonly status: OrderStatus } | null;
}

/** What the shell asks of the screen: draw and sound an order, and say when that was done. */
export interface LinkHandlers {
  onDraw(order: TabletOrder): Promise<void>;
}

/** The tablet's connection; it begins when made and ends with `stop`. */
export class TabletLink {
  state: LinkState;
  private readonly listeners = new Set<() => void>();
  private readonly choice = new LineChoice();
  private line: Line | null = null;
  private open = false;
  private polled_until_ms = Infinity;
  /** What the disk holds; null where that is not known. */
  private written: Tablet | null = null;
  private turn: Promise<void> = Promise.resolve();
  private heard_ms = 0;
  private asked_ms = 0;
  private retry_at_ms = 0;
  private attempt = 0;
  private ended = false;
  private readonly timer: ReturnType<typeof setInterval>;

  private constructor(
    private readonly identity: Identity,
    tablet: Tablet,
    private readonly handlers: LinkHandlers,
  ) {
    this.state = { tablet, phase: "waiting", since_ms: Date.now(), problem: null, skew_ms: 0, gone: null };
    this.timer = setInterval(() => this.tick(), TICK_MS);
    window.addEventListener("online", this.hurry);
    window.addEventListener("offline", this.cut);
    document.addEventListener("visibilitychange", this.look);
    if (tablet.order !== null) void this.give({ kind: "committed", seq: 0 }); // what was held is on the disk: it sounds at once
    this.hurry();
  }

  /** Begin with what the store holds. */
  static async begin(identity: Identity, handlers: LinkHandlers): Promise<TabletLink> {
    return new TabletLink(identity, await kept(identity), handlers);
  }

  /** Be told of every change; returns how to end that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly snapshot = (): LinkState => this.state;

  /** The service's time, as well as it is known. */
  now_ms(): number {
    return Date.now() + this.state.skew_ms;
  }

  /** One tap: a command for each verb, in order, each with its own key, on the disk before it is sent; false, and no further, where one was not kept. */
  async press(verbs: readonly OrderTrigger[], note = ""): Promise<boolean> {
    for (const verb of verbs) {
      const told = verb === "report_back" || verb === "decline" ? note : "";
      if (!(await this.give({ kind: "press", key: uuidv7(), verb, note: told }))) return false;
    }
    return true;
  }

  /** Ask for more force; false where it was not kept. */
  callHelp(note: string): Promise<boolean> {
    return this.give({ kind: "callhelp", key: uuidv7(), note });
  }

  /** Say where the team is; lost where there is no connection, the next one counts. */
  report(fix: Omit<Fix, "team" | "source">): void {
    if (this.state.phase === "live") this.send({ type: "positions", fixes: [{ ...fix, team: this.identity.team, source: "fix" }] });
  }

  /** Try at once. */
  readonly hurry = (): void => {
    if (this.state.phase === "waiting" || this.state.phase === "stopped") void this.connect();
  };

  /** End for good. */
  stop(): void {
    this.ended = true;
    clearInterval(this.timer);
    window.removeEventListener("online", this.hurry);
    window.removeEventListener("offline", this.cut);
    document.removeEventListener("visibilitychange", this.look);
    this.hangUp();
  }

  private readonly cut = (): void => this.lose(0, null);

  private readonly look = (): void => {
    if (document.visibilityState === "visible" && this.state.phase === "waiting") this.hurry();
  };

  private set(change: Partial<LinkState>): void {
    const phase = change.phase ?? this.state.phase;
    const turned = (phase === "live") !== (this.state.phase === "live");
    this.state = { ...this.state, ...change, ...(turned ? { since_ms: Date.now() } : {}) };
    for (const listener of this.listeners) listener();
  }

  /** One input at a time, to its end: the socket and the crew never save or send across one another. */
  private give(input: Input): Promise<boolean> {
    const done = this.turn.then(() => this.take(input));
    this.turn = done.then(() => undefined, () => undefined);
    return done;
  }

  /** False where the disk took nothing. */
  private async take(input: Input): Promise<boolean> {
    const waiting: Input[] = [input];
    for (let given = waiting.shift(); given !== undefined; given = waiting.shift()) {
      const before = this.state.tablet;
      const [tablet, outputs] = step(before, given, this.now_ms());
      for (const output of outputs) {
        if (output.kind !== "commit") this.perform(output);
        else if (await this.commit(tablet, before)) waiting.push({ kind: "committed", seq: output.seq });
        else return false;
      }
      if (this.state.tablet !== tablet) this.set({ tablet });
    }
    return true;
  }

  /** On the disk, or not happened: a tablet that cannot store says so, and nothing of it was promised. */
  private async commit(tablet: Tablet, before: Tablet): Promise<boolean> {
    try {
      if (this.written === null || !sameButPlace(tablet, this.written)) {
        this.written = null;
        await putSoon("tablet", STATE, { ...tablet, live: false, parts: [] });
        this.written = tablet;
      }
      this.set({ tablet, ...(this.state.problem === "not_stored" ? { problem: null } : {}) });
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.set({ tablet: before });
      this.lose(AGAIN_AFTER_MS, "not_stored");
      return false;
    }
  }

  private perform(output: Exclude<Output, { kind: "commit" }>): void {
    switch (output.kind) {
      case "send":
        return this.send(output.frame);
      case "draw":
        this.set({ gone: null });
        void this.handlers.onDraw(output.order).then(() => this.give({ kind: "drawn", order: output.order.order }));
        return;
      case "withdrawn":
        return this.set({ gone: { order: output.order, status: output.status } });
      case "hang":
        return output.reconnect ? this.lose(0, output.reason) : this.end(output.reason);
    }
  }

  private send(frame: ClientFrame): void {
    if (this.open) this.line?.send(JSON.stringify(frame));
  }

  private async connect(): Promise<void> {
    this.hangUp();
    this.set({ phase: "connecting" });
    this.heard_ms = Date.now();
    try {
      const { ticket } = await ticketFor(this.identity.device, this.identity.key);
      if (this.ended || this.state.phase !== "connecting") return;
      this.openWith(ticket);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { code } = error.problem;
      if (FOR_GOOD.has(code) && !(code === "bad_proof" && this.attempt < PROOFS)) this.end(code);
      else this.lose(code === "device_unconfirmed" ? UNCONFIRMED_EVERY_MS : 0, code);
    }
  }

  private openWith(ticket: string): void {
    this.polled_until_ms = this.choice.polling ? Date.now() + POLL_FOR_MS : Infinity;
    let fresh: Line | null = null;
    const mine = (): boolean => fresh !== null && fresh === this.line;
    this.line = fresh = openLine(socketUrl(location), this.choice, {
      onOpen: () => {
        if (!mine()) return;
        this.open = true;
        void this.give({ kind: "connected", ticket });
      },
      onText: (text) => mine() && this.hear(text),
      onClosed: () => mine() && this.lose(0, null),
    });
  }

  private hear(text: string): void {
    this.heard_ms = Date.now();
    const frame = peek(text);
    void this.give({ kind: "received", text }).then(() => {
      if (frame?.type !== "welcome" || !this.state.tablet.live) return;
      this.attempt = 0;
      this.asked_ms = Date.now();
      this.set({ phase: "live", problem: null, skew_ms: Math.abs(frame.now_ms - Date.now()) < 1_000 ? 0 : frame.now_ms - Date.now() });
    });
    if (frame?.type === "bye") this.set({ problem: frame.code });
  }

  private lose(least_ms: number, problem: string | null): void {
    if (this.state.phase === "stopped") return;
    this.hangUp();
    this.retry_at_ms = Date.now() + Math.max(least_ms, backoff_ms(this.attempt, Math.random()));
    this.attempt += 1;
    this.set({ phase: "waiting", ...(problem === null ? {} : { problem }) });
    void this.give({ kind: "lost" });
  }

  private end(problem: string): void {
    const code = this.state.problem;
    this.hangUp();
    this.set({ phase: "stopped", problem: code !== null && this.state.phase !== "connecting" ? code : problem });
    void this.give({ kind: "lost" });
  }

  private hangUp(): void {
    const old = this.line;
    this.line = null;
    this.open = false;
    old?.close();
  }

  /** After a minute by long poll: try a socket, which resumes where the poll was. */
  private lookForSocket(): void {
    this.choice.again();
    this.lose(0, null);
    this.hurry();
  }

  /** The clock was set back: no wait becomes longer by it. */
  private setBack(by_ms: number): void {
    this.heard_ms -= by_ms;
    this.asked_ms -= by_ms;
    this.retry_at_ms -= by_ms;
    this.polled_until_ms -= by_ms;
  }

  private tick(): void {
    const now_ms = Date.now();
    if (now_ms < this.heard_ms) this.setBack(this.heard_ms - now_ms);
    if (this.state.phase === "waiting") {
      if (now_ms >= this.retry_at_ms && navigator.onLine) void this.connect();
      return;
    }
    if (this.state.phase === "live" && now_ms >= this.polled_until_ms) return this.lookForSocket();
    if (this.state.phase !== "stopped" && now_ms - this.heard_ms >= DEAD_AFTER_MS) return this.lose(0, "silent");
    if (this.state.phase === "live" && this.state.tablet.outbox.size > 0 && now_ms - this.asked_ms >= AGAIN_AFTER_MS) {
      this.asked_ms = now_ms;
      void this.give({ kind: "again" });
    }
  }
}

/** Whether a state differs from the one on the disk by no more than its place in the log, which a resume makes good. */
function sameButPlace(tablet: Tablet, written: Tablet): boolean {
  return (["team", "device", "epoch", "order", "outbox", "own", "restored"] as const).every((part) => tablet[part] === written[part]);
}

async function kept(identity: Identity): Promise<Tablet> {
  const held = await get<Tablet>("tablet", STATE);
  if (held === undefined || held.device !== identity.device) return newTablet(identity.team, identity.device);
  return { ...held, live: false, parts: [], shown: new Set() }; // after a start it is drawn anew
}

function peek(text: string): { type: string; now_ms: number; code: string } | null {
  try {
    return JSON.parse(text) as { type: string; now_ms: number; code: string };
  } catch {
    return null;
  }
}
