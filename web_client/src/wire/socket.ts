/** The thin shell around the session: one websocket, one timer, and the browser's own hints that the network is back. */
import { uuidv7 } from "./keys";
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
  let socket: WebSocket | null = null;

  const feed = (event: Event_): void => {
    const [next, outputs] = step(state, { ...event, now_ms: Date.now(), random: Math.random() } as Input);
    const changed = next !== state;
    state = next;
    for (const output of outputs) perform(output);
    if (changed) handlers.onState(state);
  };

  const perform = (output: Output): void => {
    if (output.kind === "connect") socket = connect();
    else if (output.kind === "hang_up") hangUp();
    else if (output.kind === "send") socket?.send(JSON.stringify(output.frame));
    else handlers.onOutput(output);
  };

  const connect = (): WebSocket => {
    hangUp();
    const fresh = new WebSocket(url);
    fresh.onopen = () => fresh === socket && feed({ kind: "opened" });
    fresh.onclose = () => fresh === socket && feed({ kind: "closed" });
    fresh.onmessage = (message: MessageEvent<unknown>) => {
      if (fresh === socket && typeof message.data === "string") feed({ kind: "text", text: message.data });
    };
    return fresh;
  };

  const hangUp = (): void => {
    const old = socket;
    socket = null;
    old?.close();
  };

  const hurry = (): void => feed({ kind: "hurry" });
  const onVisible = (): void => void (document.visibilityState === "visible" && state.phase === "waiting" && hurry());
  const timer = setInterval(() => feed({ kind: "tick" }), TICK_MS);
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
