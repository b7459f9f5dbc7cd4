/** The HTTP API as typed functions; every "no" is thrown as `ApiError` with the service's own `Problem`. */
import type { FeatureCollection, MultiPolygon, Polygon } from "geojson";
import type {
  CloseBody,
  CoverageView,
  Done,
  FoundView,
  GroundView,
  HistoryView,
  PastView,
  PhotoView,
  PlaceView,
  Problem,
  RecommendationView,
  RefusalCode,
  ReportBody,
  TeamView,
  Wave,
} from "./types.gen";

const ANSWER_WITHIN_MS = 15_000;

/** A code of the service's refusal table, or one of the two that only a client can see. */
export type ProblemCode = RefusalCode | "unreachable" | "not_understood";

/** Where a team can be within each limit. */
export type CircleCollection = FeatureCollection<Polygon | MultiPolygon, { minutes: number; limit_s: number }>;

/** Any "no", from the service or from the way there. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = "ApiError";
    this.problem = problem;
  }
}

/** The endpoints that a console uses. */
export const api = {
  /** What the service routes on. */
  ground: (): Promise<GroundView> => call("GET", "/api/ground"),
  /** Places and streets that are called so, the best first; of equal matches the one nearer to `near` (longitude, latitude). */
  find: (words: string, near: readonly [number, number] | null, limit = 8): Promise<FoundView[]> =>
    call("GET", `/api/ground/search?${new URLSearchParams({ q: words, limit: String(limit), ...(near && { near: `${near[1]},${near[0]}` }) }).toString()}`),
  /** Places that have a tier of their own. */
  places: (): Promise<PlaceView[]> => call("GET", "/api/ground/places"),
  /** The board with the latest positions. */
  teams: (): Promise<TeamView[]> => call("GET", "/api/teams"),
  /** The 1/3/5-minute circles of one team from where it is now. */
  circles: (team: string, minutes: readonly number[]): Promise<CircleCollection> =>
    call("GET", `/api/teams/${encodeURIComponent(team)}/circles?minutes=${minutes.join(",")}`),
  /** Open and latest closed incidents with their orders. */
  /** Report an incident; the same key may be sent again. */
  report: (body: ReportBody): Promise<Done> => call("POST", "/api/incidents", body),
  /** Close an incident; the same key may be sent again. */
  close: (incident: string, body: CloseBody): Promise<Done> =>
    call("POST", `/api/incidents/${encodeURIComponent(incident)}/close`, body),
  /** The photos of an incident and of those merged into it, the oldest first. */
  photos: (incident: string): Promise<PhotoView[]> => call("GET", `${one("incidents", incident)}/photos`),
  /** Whom the desk would send now, and why. */
  recommendation: (incident: string): Promise<RecommendationView> => call("GET", `${one("incidents", incident)}/recommendation`),
  /** Which idle teams should stand where. */
  /** What the teams that stand ready cover now. */
  coverage: (): Promise<CoverageView> => call("GET", "/api/coverage"),
  /** The desk after an event, or as it was at a time. */
  past: (moment: { readonly seq: number } | { readonly at_ms: number }): Promise<PastView> =>
    call("GET", "seq" in moment ? `/api/past?seq=${moment.seq}` : `/api/past?at_ms=${moment.at_ms}`),
  /** The last events before one, without it of all. */
  events: (before: number | null, limit: number): Promise<HistoryView> =>
    call("GET", `/api/events?limit=${limit}${before === null ? "" : `&before=${before}`}`),
};

/** What an operator does; each may be sent again with the same key. */
export const orders = {
  /** Let recommended teams go: those that were seen. */
  confirm: (incident: string, key: string, teams: readonly string[]): Promise<Done> => call("POST", `${one("incidents", incident)}/confirm`, { key, teams }),
  /** Send a team by hand, with the reason. */
  send: (incident: string, key: string, team: string, reason: string, wave: Wave | null): Promise<Done> =>
    call("POST", `${one("incidents", incident)}/send`, { key, team, reason, wave }),
  /** Undo a closing. */
  reopen: (incident: string, key: string): Promise<Done> => call("POST", `${one("incidents", incident)}/reopen`, { key }),
  /** Take an incident for the same as another. */
  merge: (incident: string, key: string, into: string): Promise<Done> => call("POST", `${one("incidents", incident)}/merge`, { key, into }),
  /** Undo a merging. */
  unmerge: (incident: string, key: string): Promise<Done> => call("POST", `${one("incidents", incident)}/unmerge`, { key }),
  /** Add a note. */
  note: (incident: string, key: string, note: string): Promise<Done> => call("POST", `${one("incidents", incident)}/notes`, { key, note }),
  /** Call the next wave. */
  wave: (incident: string, key: string): Promise<Done> => call("POST", `${one("incidents", incident)}/wave`, { key }),
  /** Take an order back, with the reason. */
  recall: (order: string, key: string, reason: string): Promise<Done> => call("POST", `${one("orders", order)}/recall`, { key, reason }),
  /** Undo what was just done to an order. */
  undo: (order: string, key: string): Promise<Done> => call("POST", `${one("orders", order)}/undo`, { key }),
  /** Ask for more force in the name of an order's team. */
  help: (order: string, key: string, note: string): Promise<Done> => call("POST", `${one("orders", order)}/help`, { key, note }),
  /** Start or end a team's duty. */
  duty: (team: string, key: string, on_duty: boolean): Promise<Done> => call("POST", `${one("teams", team)}/duty`, { key, on_duty }),
  /** Post a team at a standby point, without one let it patrol again. */
  standby: (team: string, key: string, at: { readonly lat: number; readonly lon: number } | null): Promise<Done> =>
    call("POST", `${one("teams", team)}/standby`, { key, lat: at?.lat ?? null, lon: at?.lon ?? null }),
};

/** Where the bytes of a photo are. */
export function photoUrl(digest: string): string {
  return `/api/photos/${encodeURIComponent(digest)}`;
}

function one(kind: "incidents" | "orders" | "teams", name: string): string {
  return `/api/${kind}/${encodeURIComponent(name)}`;
}

/** One request and its answer; a "no" is thrown as ApiError. */
export async function call<Answer>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Answer> {
  const init: RequestInit = { method, headers: { accept: "application/json" }, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
  if (body !== undefined) {
    init.headers = { ...init.headers, "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    throw new ApiError(problemOf("unreachable", String(error)));
  }
  let answer: unknown;
  if (response.status === 204) return undefined as Answer;
  try {
    answer = await response.json();
  } catch {
    throw new ApiError(problemOf("not_understood", `HTTP ${response.status}`));
  }
  if (response.ok) return answer as Answer;
  if (isProblem(answer) && answer.code === "sign_in") signedOut();
  throw new ApiError(isProblem(answer) ? answer : problemOf("not_understood", `HTTP ${response.status}`));
}

const listeners = new Set<() => void>();

/** The service no longer knows who this is: whoever listens looks again. */
export function signedOut(): void {
  for (const listener of listeners) listener();
}

/** Be told when the service says that nobody is signed in here; returns how to end that. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "message" in value && "hint" in value;
}

function problemOf(code: ProblemCode, message: string): Problem {
  return { code, number: 0, message, hint: "" };
}
