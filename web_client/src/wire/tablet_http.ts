/** What a tablet asks by HTTP, by the session of its own key: the way to a place, panic, photos in parts. */
import { ApiError, call } from "./api";
import { openSession } from "./doors";
import type { Identity } from "./tablet_store";
import type { Done, PanicBody, PhotoBody, PhotoProgress, Problem, WayView } from "./types.gen";

export const PART_BYTES = 48 * 1024;
const MOST_PARTS = 400;
const PART_WITHIN_MS = 30_000;

let opening: Promise<void> | null = null;
let openings = 0;

/**
 * A call as this tablet; where its session is over, another is opened and the call is made once more. A device has one
 * session, a new one ends the one before: so calls that find none at the same time open one together.
 */
export async function asTablet<Answer>(identity: Identity, work: () => Promise<Answer>): Promise<Answer> {
  const before = openings;
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError) || !["sign_in", "not_allowed"].includes(error.problem.code)) throw error;
    if (opening !== null || openings === before) await openOnce(identity);
    return work();
  }
}

function openOnce(identity: Identity): Promise<void> {
  opening ??= openSession(identity.device, identity.key).then(() => void (openings += 1)).finally(() => (opening = null));
  return opening;
}

/** The fastest way of a profile between two places, (lon, lat) in degrees. */
export function askWay(from: readonly [number, number], to: readonly [number, number], profile: string): Promise<WayView> {
  const query = new URLSearchParams({ from_lon: `${from[0]}`, from_lat: `${from[1]}`, to_lon: `${to[0]}`, to_lat: `${to[1]}`, profile });
  return call("GET", `/api/route?${query.toString()}`);
}

/** Help is needed here, now. */
export function panic(body: PanicBody): Promise<Done> {
  return call("POST", "/api/tablet/panic", body);
}

/** Bring a photo to the service from where it stopped; resolves once the service holds it all and has noted it. */
export async function bringPhoto(body: PhotoBody, bytes: ArrayBuffer, told: (share: number) => void): Promise<void> {
  let progress = await call<PhotoProgress>("POST", "/api/tablet/photos", body);
  for (let part = 0; part < MOST_PARTS && !progress.done; part += 1) {
    told(progress.have / progress.size);
    progress = await sendPart(body.digest, progress.have, bytes.slice(progress.have, progress.have + PART_BYTES));
  }
  if (!progress.done) throw new Error(`a photo of ${body.size} bytes is not done after ${MOST_PARTS} parts`);
  told(1);
}

async function sendPart(digest: string, at: number, part: ArrayBuffer): Promise<PhotoProgress> {
  let response: Response;
  try {
    response = await fetch(`/api/tablet/photos/${digest}?at=${at}`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: part,
      signal: AbortSignal.timeout(PART_WITHIN_MS),
    });
  } catch (error) {
    throw new ApiError({ code: "unreachable", number: 0, message: String(error), hint: "" });
  }
  const answer: unknown = await response.json();
  if (!response.ok) throw new ApiError(answer as Problem);
  return answer as PhotoProgress;
}

/** The SHA-256 of bytes in hex. */
export async function digestOf(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
