/** What time the service has, by this machine's clock plus an offset that was learned from its frames. */

/** Service time minus local time, in ms. */
export interface ServerClock {
  readonly offset_ms: number;
}

/** The clock before anything was heard. */
export const LOCAL_CLOCK: ServerClock = { offset_ms: 0 };

/** Learn from a welcome, which says the service's time outright. */
export function learnNow(server_ms: number, local_ms: number): ServerClock {
  return { offset_ms: server_ms - local_ms };
}

/** Learn from an event: it cannot lie in the future, so a clock that says so is moved on. */
export function learnPast(clock: ServerClock, event_ms: number, local_ms: number): ServerClock {
  return event_ms - local_ms > clock.offset_ms ? { offset_ms: event_ms - local_ms } : clock;
}

/** The service's time now. */
export function serverNow(clock: ServerClock, local_ms: number): number {
  return local_ms + clock.offset_ms;
}
