/** The thin shell around the session: one line, one timer, and the browser's own hints that the network is back. */
import { uuidv7 } from "./keys";
import { LineChoice, openPoll, pageExchange, POLL_FOR_MS, type Line, type LineHandlers } from "./poll";
import { newSession, step, type Input, type Output, type Session } from "./session";

const TICK_MS = 250;
const DEVICE_KEY = "patrol.device";

/** What a console does with what the session delivers. */
export interface SocketHandlers {
  onState(session: Session): void;
  onOutput(output: Output): void;
}

/** A running session; `hurry` tries at once, `stop` ends it for good. */
export interface ConsoleSocket {
  hurry(): void;
  stop(): void;
}

/** This browser's permanent id, with a part of its own for this window so that two windows do not fence each other. */
export function deviceId(storage: Storage | null): string {
  let device = storage?.getItem(DEVICE_KEY) ?? null;
  if (device === null || !/^[\w-]{8,40}$/.test(device)) {
    device = uuidv7();
    storage?.setItem(DEVICE_KEY, device);
  }
  return `${device}.${uuidv7().slice(-8)}`;
}

/** The websocket address beside the page itself. */
export function socketUrl(location: Pick<Location, "protocol" | "host">): string {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`;
}

type Event_ = Input extends infer Each ? (Each extends Input ? Omit<Each, "now_ms" | "random"> : never) : never;

/** Connect and stay connected, until `stop`. */
export function openConsoleSocket(url: string, device: string, handlers: SocketHandlers): ConsoleSocket {
  let state = newSession(device, Date.now());
  let line: Line | null = null;
  let polledUntil_ms = 0;
  const choice = new LineChoice();

  const feed = (event: Event_): void => {
    const [next, outputs] = step(state, { ...event, now_ms: Date.now(), random: Math.random() } as Input);
    const changed = next !== state;
    state = next;
    for (const output of outputs) perform(output);
    if (changed) handlers.onState(state);
  };

  const perform = (output: Output): void => {
    if (output.kind === "connect") connect();
    else if (output.kind === "hang_up") hangUp();
    else if (output.kind === "send") line?.send(JSON.stringify(output.frame));
    else handlers.onOutput(output);
  };

  const connect = (): void => {
    hangUp();
    polledUntil_ms = choice.polling ? Date.now() + POLL_FOR_MS : Infinity;
    let fresh: Line | null = null;
    const mine = (event: Event_): void => void (fresh !== null && fresh === line && feed(event));
    line = fresh = openLine(url, choice, {
      onOpen: () => mine({ kind: "opened" }),
      onText: (text) => mine({ kind: "text", text }),
      onClosed: () => mine({ kind: "closed" }),
    });
  };

  const hangUp = (): void => {
    const old = line;
    line = null;
    old?.close();
  };

  /** After a minute by long poll: hang up and try a socket, which resumes where the poll was. */
  const lookForSocket = (): void => {
    if (state.phase !== "live" || Date.now() < polledUntil_ms) return;
    choice.again();
    hangUp();
    feed({ kind: "closed" });
    feed({ kind: "hurry" });
  };

  const hurry = (): void => feed({ kind: "hurry" });
  const onVisible = (): void => void (document.visibilityState === "visible" && state.phase === "waiting" && hurry());
  const timer = setInterval(() => {
    feed({ kind: "tick" });
    lookForSocket();
  }, TICK_MS);
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", onVisible);
  feed({ kind: "start" });
  return {
    hurry,
    stop: () => {
      clearInterval(timer);
      window.removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", onVisible);
      feed({ kind: "stop" });
    },
  };
}

/** The next line: a socket or, where those do not open, a long poll; `choice` learns from it. */
export function openLine(url: string, choice: LineChoice, told: LineHandlers): Line {
  if (choice.polling) return openPoll(pageExchange(), told);
  let opened = false;
  return openWebSocket(url, {
    onOpen: () => {
      opened = true;
      choice.socket(true);
      told.onOpen();
    },
    onText: told.onText,
    onClosed: () => {
      if (!opened) choice.socket(false);
      told.onClosed();
    },
  });
}

function openWebSocket(url: string, told: LineHandlers): Line {
  const socket = new WebSocket(url);
  socket.onopen = () => told.onOpen();
  socket.onclose = () => told.onClosed();
  socket.onmessage = (message: MessageEvent<unknown>) => {
    if (typeof message.data === "string") told.onText(message.data);
  };
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text); // one that is closing tells so by its own event
    },
    close: () => socket.close(),
  };
}
