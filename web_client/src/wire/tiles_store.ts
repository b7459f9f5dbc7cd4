/**
 * The map's one file of tiles, kept in OPFS: fetched once in parts, gone on with where it stopped, used only when whole.
 *
 * Each version has a folder of its own, so that the one before serves until the next is whole; `index.json` names the
 * one that is used. A part is a file that the browser puts in place as one (`close` of a writable), its SHA-256 behind
 * it: what is short or was changed is fetched again.
 */
export const TILES_URL = "/api/ground/basemap.pmtiles";
export const PART_BYTES = 1024 * 1024;
export const SUM_BYTES = 32;
const MOST_PARTS = 4096;
const FOLDER = "patrol-tiles";
const INDEX = "index.json";
const PART_WITHIN_MS = 60_000;

/** Which file it is: what the service calls it, and its length in bytes. */
export interface TilesIndex {
  readonly etag: string;
  readonly size: number;
}

/** Tiles that are whole; `fresh` where something of them was written just now. */
export interface HeldTiles {
  readonly blob: Blob;
  readonly fresh: boolean;
}

type Folder = FileSystemDirectoryHandle;

/** The parts of a file of `size` bytes, as first and last byte each. */
export function partsOf(size: number): (readonly [number, number])[] {
  const count = Math.min(MOST_PARTS, Math.ceil(size / PART_BYTES));
  return Array.from({ length: count }, (_, part) => [part * PART_BYTES, Math.min(size, (part + 1) * PART_BYTES) - 1] as const);
}

/** A part with its sum behind it. */
export async function sealed(bytes: ArrayBuffer): Promise<Blob> {
  return new Blob([bytes, await crypto.subtle.digest("SHA-256", bytes)]);
}

/** Whether a kept part is what was fetched: `length` bytes, and their sum behind them. */
export async function isSound(part: Blob, length: number): Promise<boolean> {
  if (part.size !== length + SUM_BYTES) return false;
  const held = await part.arrayBuffer();
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", held.slice(0, length)));
  return new Uint8Array(held, length).every((byte, at) => byte === sum[at]);
}

/** Bring the tiles here, or find that they are here and sound; null where the service has none or no file can be kept. */
export async function bringTiles(told: (share: number) => void): Promise<HeldTiles | null> {
  const root = await place();
  if (root === null) return null;
  const index = await askIndex();
  if (index === null) return heldTiles();
  const folder = await root.getDirectoryHandle(folderOf(index), { create: true });
  const parts = partsOf(index.size);
  let fresh = false;
  for (const [number, [first, last]] of parts.entries()) {
    told(number / parts.length);
    const held = await fileOf(folder, name(number));
    if (held !== null && (await isSound(held, last - first + 1))) continue;
    await write(folder, name(number), await sealed(await fetchPart(index, first, last)));
    fresh = true;
  }
  const before = await readIndex(root);
  if (before === null || folderOf(before) !== folderOf(index)) await write(root, INDEX, JSON.stringify(index));
  else if (!fresh) await dropOthers(root, folderOf(index)); // nothing is read out of them any more
  told(1);
  const whole = await heldTiles();
  return whole === null ? null : { ...whole, fresh };
}

/** The tiles that are here, null unless they are whole. */
export async function heldTiles(): Promise<HeldTiles | null> {
  const root = await place();
  const index = root === null ? null : await readIndex(root);
  const folder = root === null || index === null ? null : await root.getDirectoryHandle(folderOf(index)).catch(() => null);
  if (index === null || folder === null) return null;
  const files: Blob[] = [];
  for (const [number, [first, last]] of partsOf(index.size).entries()) {
    const file = await fileOf(folder, name(number));
    if (file === null || file.size !== last - first + 1 + SUM_BYTES) return null;
    files.push(file.slice(0, last - first + 1));
  }
  return { blob: new Blob(files), fresh: false };
}

async function place(): Promise<Folder | null> {
  try {
    if (!("createWritable" in FileSystemFileHandle.prototype)) return null;
    return await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
  } catch {
    return null; // private mode, or a browser without OPFS
  }
}

/** What the service has now, by one byte of it; null where it has none. Throws where nobody answers. */
async function askIndex(): Promise<TilesIndex | null> {
  const answer = await fetch(TILES_URL, { headers: { range: "bytes=0-0" }, cache: "no-store", signal: AbortSignal.timeout(PART_WITHIN_MS) });
  const size = Number(/\/(\d+)$/.exec(answer.headers.get("content-range") ?? "")?.[1] ?? Number.NaN);
  const etag = answer.headers.get("etag");
  return answer.status === 206 && size > 0 && size <= MOST_PARTS * PART_BYTES && etag !== null ? { etag, size } : null;
}

async function fetchPart(index: TilesIndex, first: number, last: number): Promise<ArrayBuffer> {
  const headers = { range: `bytes=${first}-${last}`, "if-range": index.etag };
  const answer = await fetch(TILES_URL, { headers, cache: "no-store", signal: AbortSignal.timeout(PART_WITHIN_MS) });
  const said = answer.headers.get("content-range");
  if (answer.status !== 206 || said !== `bytes ${first}-${last}/${index.size}` || answer.headers.get("etag") !== index.etag) {
    throw new Error(`the tiles have changed: HTTP ${answer.status}, ${said ?? "no range"}`);
  }
  const bytes = await answer.arrayBuffer();
  if (bytes.byteLength !== last - first + 1) throw new Error(`a part came with ${bytes.byteLength} bytes`);
  return bytes;
}

/** Forget the versions that were used before. */
async function dropOthers(root: Folder, keep: string): Promise<void> {
  for await (const entry of root.keys()) {
    if (entry !== keep && entry !== INDEX) await root.removeEntry(entry, { recursive: true }).catch(() => undefined);
  }
}

async function readIndex(root: Folder): Promise<TilesIndex | null> {
  try {
    return JSON.parse((await (await fileOf(root, INDEX))?.text()) ?? "null") as TilesIndex | null;
  } catch {
    return null;
  }
}

async function write(folder: Folder, file: string, data: Blob | string): Promise<void> {
  const writable = await (await folder.getFileHandle(file, { create: true })).createWritable();
  await writable.write(data);
  await writable.close();
}

async function fileOf(folder: Folder, file: string): Promise<File | null> {
  try {
    return await (await folder.getFileHandle(file)).getFile();
  } catch {
    return null;
  }
}

/** A version's folder, by what the service calls it and its length. */
function folderOf({ etag, size }: TilesIndex): string {
  return `${etag.replace(/[^\w-]/g, "").slice(0, 100)}.${size}`;
}

function name(part: number): string {
  return `${String(part).padStart(4, "0")}.part`;
}
