/**
 * What must reach the service by HTTP, however long that takes: panic first, then photos, the oldest first. Each is on
 * the disk before it is tried, and is forgotten only once the service has it. A cry for help goes without a disk, too.
 */
import { ApiError } from "../../wire/api";
import { uuidv7 } from "../../wire/keys";
import { asTablet, bringPhoto, digestOf, panic } from "../../wire/tablet_http";
import { all, put, remove, StoreError, type Identity } from "../../wire/tablet_store";
import type { PanicBody, PhotoBody } from "../../wire/types.gen";

export const MOST_PHOTO_BYTES = 8 * 1024 * 1024;
const LONGEST_EDGE_PX = 2048;
const JPEG_QUALITY = 0.82;
const RETRY_FIRST_MS = 2_000;
const RETRY_MOST_MS = 60_000;

/** Something to bring. */
export type Errand = { readonly kind: "panic"; readonly body: PanicBody } | { readonly kind: "photo"; readonly body: PhotoBody; readonly bytes: ArrayBuffer };

/** What the screen may know: what waits, how far the one under way is, and what the service refused for good. */
export interface ErrandState {
  readonly photos: number;
  readonly panics: number;
  /** Of these, what the disk had no room for: it is lost with this page. */
  readonly unkept: number;
  readonly share: number;
  readonly refused: string | null;
  /** Panics that arrived, by this page. */
  readonly arrived: number;
}

/** Carries errands one after the other until told to stop. */
export class Errands {
  state: ErrandState = { photos: 0, panics: 0, unkept: 0, share: 0, refused: null, arrived: 0 };
  private readonly listeners = new Set<() => void>();
  private readonly unkept: Errand[] = [];
  private running = false;
  private wait_ms = RETRY_FIRST_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly identity: Identity) {
    window.addEventListener("online", this.hurry);
    this.hurry();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly snapshot = (): ErrandState => this.state;

  /** Keep a cry for help, then bring it. */
  async callForHelp(why: PanicBody["why"], at: readonly [number, number] | null, now_ms: number): Promise<void> {
    const body: PanicBody = { key: uuidv7(), why, lon: at?.[0] ?? null, lat: at?.[1] ?? null, at_ms: Math.round(now_ms) };
    try {
      await put("errands", body.key, { kind: "panic", body } satisfies Errand);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.unkept.push({ kind: "panic", body }); // no room on the disk: it goes from memory, and the screen says so
      this.set({ unkept: this.unkept.length });
    } finally {
      this.set({ panics: this.state.panics + 1 });
      this.wait_ms = RETRY_FIRST_MS;
      this.hurry();
    }
  }

  /** Keep a photo of an incident, made smaller where it is large, then bring it. */
  async addPhoto(file: Blob, incident: string, now_ms: number): Promise<void> {
    const bytes = await (await smaller(file)).arrayBuffer();
    if (bytes.byteLength > MOST_PHOTO_BYTES) throw new RangeError("too large");
    const body: PhotoBody = { key: uuidv7(), digest: await digestOf(bytes), size: bytes.byteLength, incident, taken_ms: Math.round(now_ms) };
    await put("errands", body.key, { kind: "photo", body, bytes } satisfies Errand);
    this.set({ photos: this.state.photos + 1 });
    this.hurry();
  }

  readonly hurry = (): void => {
    clearTimeout(this.timer);
    if (!this.running) void this.run();
  };

  stop(): void {
    clearTimeout(this.timer);
    window.removeEventListener("online", this.hurry);
  }

  private set(change: Partial<ErrandState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      for (let next = await this.next(); next !== null; next = await this.next()) {
        await this.bring(next);
        await this.forget(next);
        this.wait_ms = RETRY_FIRST_MS;
      }
    } catch (error) {
      console.info("an errand waits", error);
      this.timer = setTimeout(this.hurry, this.wait_ms * (0.5 + Math.random() / 2));
      this.wait_ms = Math.min(RETRY_MOST_MS, this.wait_ms * 2);
    } finally {
      this.running = false;
    }
  }

  private async next(): Promise<Errand | null> {
    const waiting = [...this.unkept, ...(await this.stored())];
    this.set({ photos: waiting.filter((one) => one.kind === "photo").length, panics: waiting.filter((one) => one.kind === "panic").length, share: 0 });
    return waiting.find((one) => one.kind === "panic") ?? waiting[0] ?? null;
  }

  /** What the disk holds; nothing where it cannot be read and something else has to be brought. */
  private async stored(): Promise<readonly Errand[]> {
    return this.unkept.length === 0 ? all<Errand>("errands") : all<Errand>("errands").catch(() => []);
  }

  private async forget(errand: Errand): Promise<void> {
    const at = this.unkept.indexOf(errand);
    if (at < 0) return remove("errands", errand.body.key);
    this.unkept.splice(at, 1);
    this.set({ unkept: this.unkept.length });
  }

  private async bring(errand: Errand): Promise<void> {
    try {
      if (errand.kind === "panic") {
        await asTablet(this.identity, () => panic(errand.body));
        this.set({ arrived: this.state.arrived + 1 });
      } else {
        await asTablet(this.identity, () => bringPhoto(errand.body, errand.bytes, (share) => this.set({ share })));
      }
    } catch (error) {
      if (!(error instanceof ApiError) || errand.kind === "panic" || !VERDICTS.has(error.problem.code)) throw error;
      this.set({ refused: error.problem.code }); // the service will never take this photo: it says why, and the next one goes
    }
  }
}

/** A cry of the team before is not one of the next; its photos stay, and the service says whether it takes them. */
export async function forgetPanics(): Promise<void> {
  for (const one of await all<Errand>("errands")) if (one.kind === "panic") await remove("errands", one.body.key);
}

/** What no second try changes. */
const VERDICTS: ReadonlySet<string> = new Set(["not_your_order", "unknown_incident", "incident_not_open", "key_reused", "bad_request", "body_too_large"]);

/** A photo of at most 2,048 px as JPEG; as it is where the browser cannot read it. */
async function smaller(file: Blob): Promise<Blob> {
  try {
    const picture = await createImageBitmap(file);
    const share = Math.min(1, LONGEST_EDGE_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(picture.width * share), Math.round(picture.height * share)];
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
    return made ?? file;
  } catch {
    return file;
  }
}
