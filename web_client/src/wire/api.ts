/** The HTTP API as typed functions; every "no" is thrown as `ApiError` with the service's own `Problem`. */
import type { FeatureCollection, MultiPolygon, Polygon } from "geojson";
import type {
  CloseBody,
  Done,
  FoundView,
  GroundView,
  IncidentView,
  PlaceView,
  Problem,
  RefusalCode,
  ReportBody,
  TeamView,
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
  incidents: (): Promise<IncidentView[]> => call("GET", "/api/incidents"),
  /** Report an incident; the same key may be sent again. */
  report: (body: ReportBody): Promise<Done> => call("POST", "/api/incidents", body),
  /** Close an incident; the same key may be sent again. */
  close: (incident: string, body: CloseBody): Promise<Done> =>
    call("POST", `/api/incidents/${encodeURIComponent(incident)}/close`, body),
};

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
