/** The console's one store: what the socket and the API said, folded; components read it and never change it. */
import { useSyncExternalStore } from "react";
import { stillAway, type Away } from "../../model/alarms";
import { boardOf, EMPTY_BOARD, fold, type Board } from "../../model/board";
import { learnNow, learnPast, LOCAL_CLOCK, serverNow, type ServerClock } from "../../model/clock";
import { fixesOf, withFixes, type Places } from "../../model/fixes";
import { api, ApiError, signedOut } from "../../wire/api";
import { newSession, type Output, type Session } from "../../wire/session";
import { deviceId, openConsoleSocket, socketUrl, type ConsoleSocket } from "../../wire/socket";
import type { GroundView, PlaceView, Problem } from "../../wire/types.gen";
import { localStore } from "./storage";

const TELL_AFTER_MS = 30;
const BOARD_EVERY_MS = 15_000;
const GROUND_AGAIN_MS = 5_000;

/** The ground as far as it has been read. */
export interface Ground {
  readonly view: GroundView | null;
  readonly places: readonly PlaceView[];
  readonly problem: Problem | null;
}

/** Everything the console knows. */
export interface ConsoleState {
  readonly session: Session;
  readonly wasLive: boolean;
  readonly board: Board;
  readonly fixes: Places;
  /** Teams whose tablet is known to be without a connection, and since when. */
  readonly offline: Away;
  /** When the cover last changed, by the service's clock; 0 before it said so. */
  readonly cover_ms: number;
  readonly clock: ServerClock;
  readonly ground: Ground;
}

/** Holds the state, runs the socket, asks the API. */
export class ConsoleStore {
  private state: ConsoleState = {
    session: newSession("", Date.now()),
    wasLive: false,
    board: EMPTY_BOARD,
    fixes: new Map(),
    offline: new Map(),
    cover_ms: 0,
    clock: LOCAL_CLOCK,
    ground: { view: null, places: [], problem: null },
  };
  private told: ConsoleState = this.state;
  private readonly listeners = new Set<() => void>();
  private telling: ReturnType<typeof setTimeout> | null = null;
  private socket: ConsoleSocket | null = null;
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private groundRetry: ReturnType<typeof setTimeout> | null = null;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): ConsoleState => this.told;

  /** Connect, and read the ground; returns how to end it. */
  start(): () => void {
    this.socket = openConsoleSocket(socketUrl(location), deviceId(localStore()), {
      onState: (session) => this.onSession(session),
      onOutput: (output) => this.onOutput(output),
    });
    this.timers.push(setInterval(() => this.state.session.phase === "live" && void this.readBoard(), BOARD_EVERY_MS));
    void this.readGround();
    return () => {
      this.socket?.stop();
      this.timers.splice(0).forEach(clearInterval);
      if (this.groundRetry !== null) clearTimeout(this.groundRetry);
    };
  }

  /** Connect at once, without waiting for the next try. */
  hurry(): void {
    this.socket?.hurry();
  }

  /** Read the ground again where it failed. */
  async readGround(): Promise<void> {
    try {
      const [view, places] = await Promise.all([api.ground(), api.places()]);
      this.put({ ground: { view, places, problem: null } });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.put({ ground: { ...this.state.ground, problem: error.problem } });
      if (this.groundRetry !== null) clearTimeout(this.groundRetry);
      this.groundRetry = setTimeout(() => void this.readGround(), GROUND_AGAIN_MS);
    }
  }

  private onSession(session: Session): void {
    const becameLive = session.phase === "live" && this.state.session.phase !== "live";
    this.put({ session, wasLive: this.state.wasLive || session.phase === "live" });
    if (becameLive) void this.readBoard();
    if (session.phase === "stopped" && session.last_problem === "sign_in") signedOut();
  }

  private onOutput(output: Output): void {
    const now_ms = Date.now();
    switch (output.kind) {
      case "welcome":
        return this.put({ clock: learnNow(output.welcome.now_ms, now_ms) });
      case "snapshot":
        return this.put({ board: boardOf(output.snapshot) });
      case "event":
        return this.put({
          board: fold(this.state.board, output.frame),
          clock: learnPast(this.state.clock, output.frame.at_ms, now_ms),
        });
      case "peer":
        return this.put({
          fixes: withFixes(this.state.fixes, output.fixes, now_ms),
          cover_ms: output.cover?.at_ms ?? this.state.cover_ms,
        });
      default:
        return; // commands of a console go over HTTP, so no result is waited for here
    }
  }

  private async readBoard(): Promise<void> {
    try {
      const now_ms = Date.now(); // before the question: an age never looks younger than it is
      const views = await api.teams();
      const service_ms = serverNow(this.state.clock, now_ms);
      const off = views.filter((view) => !view.connected).map((view) => view.team);
      this.put({
        fixes: withFixes(this.state.fixes, fixesOf(views, service_ms), now_ms),
        offline: stillAway(this.state.offline, off, service_ms),
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the socket says that the service is gone, and ages go on growing
    }
  }

  private put(part: Partial<ConsoleState>): void {
    this.state = { ...this.state, ...part };
    if (document.hidden) return this.tell(); // timers of a tab that nobody sees may wait a minute, alarms may not
    this.telling ??= setTimeout(() => this.tell(), TELL_AFTER_MS);
  }

  private tell(): void {
    if (this.telling !== null) clearTimeout(this.telling);
    this.telling = null;
    this.told = this.state;
    for (const listener of this.listeners) listener();
  }
}

/** The console's state, for a component. */
export function useConsole(store: ConsoleStore): ConsoleState {
  return useSyncExternalStore(store.subscribe, store.get);
}
