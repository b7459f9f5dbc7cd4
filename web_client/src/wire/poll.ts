/**
 * The line where sockets are blocked: the frames of `patrol.v1` by POST /api/push, as a websocket would carry them.
 *
 * Frames are numbered both ways, so an exchange that was lost is made again as it was. One exchange is held until the
 * service has something to say; what is said goes in exchanges of its own, one after the other.
 */
import type { PollBody, PollView } from "./types.gen";

export const HOLD_MS = 20_000;
export const MOST_BATCH = 64;
export const MOST_WAITING = 1024;
export const MOST_TRIES = 4;
export const AGAIN_MS = 500;

/** What a line tells; the calls stop with `onClosed`. */
export interface LineHandlers {
  onOpen(): void;
  onText(text: string): void;
  onClosed(): void;
}

/** A connection that carries text frames: a websocket, or a long poll. */
export interface Line {
  send(text: string): void;
  close(): void;
}

/** One exchange, over the network; rejects where there was none. `null` means that the connection is over. */
export type Exchange = (body: PollBody, signal: AbortSignal) => Promise<PollView | null>;

/** The exchange of a page with its own service. */
export function pageExchange(url = "/api/push"): Exchange {
  return async (body, signal) => {
    const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return null;
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return (await answer.json()) as PollView;
  };
}

/** Open a long poll; it is open at once, for the first frame opens it at the service. */
export function openPoll(exchange: Exchange, handlers: LineHandlers, pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))): Line {
  const abort = new AbortController();
  const waiting: PollBody["frames"] = [];
  let session: string | null = null;
  let [got, said] = [0, 0];
  let [busy, over] = [false, false];

  const end = (): void => {
    if (over) return;
    over = true;
    abort.abort();
    handlers.onClosed();
  };

  const tryOn = (frames: PollBody["frames"], wait_ms: number): Promise<PollView | null> => {
    const body = (): PollBody => ({ session, got, first: said, frames, wait_ms });
    return persist(() => exchange(body(), abort.signal), () => !over && session !== null, pause);
  };

  const listen = async (): Promise<void> => {
    try {
      while (!over) {
        const answer = await tryOn([], HOLD_MS);
        if (answer === null) break;
        const fresh = answer.frames.slice(Math.max(0, got - answer.first));
        got += fresh.length;
        for (const frame of fresh) if (!over) handlers.onText(JSON.stringify(frame));
        if (answer.closed !== null) break;
      }
    } catch {} // the line is gone: the session comes back by itself
    end();
  };

  const say = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      while (waiting.length > 0 && !over) {
        const batch = waiting.slice(0, MOST_BATCH);
        const answer = await tryOn(batch, 0);
        if (answer === null) return end();
        waiting.splice(0, batch.length);
        said += batch.length;
        if (session === null) {
          session = answer.session;
          void listen();
        }
      }
    } catch {
      end();
    } finally {
      busy = false;
    }
  };

  queueMicrotask(() => !over && handlers.onOpen());
  return {
    send: (text) => {
      if (over) return;
      if (waiting.length >= MOST_WAITING) return end();
      waiting.push(JSON.parse(text) as Record<string, unknown>);
      void say();
    },
    close: () => {
      over = true;
      abort.abort();
    },
  };
}

async function persist<T>(work: () => Promise<T>, worthIt: () => boolean, pause: (ms: number) => Promise<void>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (problem) {
      if (!worthIt() || tried >= MOST_TRIES) throw problem;
      await pause(AGAIN_MS);
    }
  }
}

export const POLL_AFTER = 3;
export const POLL_FOR_MS = 60_000;

/** Which line is tried next: a socket, but after three in a row that did not open a long poll, for a minute. */
export class LineChoice {
  private failed = 0;

  /** Whether the next line is a long poll. */
  get polling(): boolean {
    return this.failed >= POLL_AFTER;
  }

  /** A socket opened, or was closed before it did. */
  socket(opened: boolean): void {
    this.failed = opened ? 0 : Math.min(POLL_AFTER, this.failed + 1);
  }

  /** A long poll has served its time: a socket is tried once, and if it does not open the poll goes on. */
  again(): void {
    this.failed = POLL_AFTER - 1;
  }
}
