/**
 * The map's one file of tiles, kept in OPFS: fetched once in parts, gone on with where it stopped, used only when whole.
 *
 * Each part is a file of its own that the browser puts in place as one (`close` of a writable): a crash leaves it whole
 * or away. A part counts only with the length that was asked for and the ETag that the first one had.
 */
export const TILES_URL = "/api/ground/basemap.pmtiles";
export const PART_BYTES = 1024 * 1024;
const MOST_PARTS = 4096;
const FOLDER = "patrol-tiles";
const INDEX = "index.json";
const PART_WITHIN_MS = 60_000;

/** Which file it is: what the service calls it, and its length in bytes. */
export interface TilesIndex {
  readonly etag: string;
  readonly size: number;
}

/** The parts of a file of `size` bytes, as first and last byte each. */
export function partsOf(size: number): (readonly [number, number])[] {
  const count = Math.min(MOST_PARTS, Math.ceil(size / PART_BYTES));
  return Array.from({ length: count }, (_, part) => [part * PART_BYTES, Math.min(size, (part + 1) * PART_BYTES) - 1] as const);
}

/** Bring the tiles here, or find that they are here; null where the service has none or the browser keeps no files. */
export async function bringTiles(told: (share: number) => void): Promise<Blob | null> {
  const folder = await place();
  if (folder === null) return null;
  const index = await askIndex();
  if (index === null) return heldTiles();
  await startAnew(folder, index);
  const parts = partsOf(index.size);
  for (const [number, [first, last]] of parts.entries()) {
    told(number / parts.length);
    if ((await lengthOf(folder, name(number))) === last - first + 1) continue;
    await write(folder, name(number), await fetchPart(index, first, last));
  }
  told(1);
  return heldTiles();
}

/** The tiles that are here, null unless they are whole. */
export async function heldTiles(): Promise<Blob | null> {
  const folder = await place();
  const index = folder === null ? null : await readIndex(folder);
  if (folder === null || index === null) return null;
  const files: File[] = [];
  for (const [number, [first, last]] of partsOf(index.size).entries()) {
    const file = await fileOf(folder, name(number));
    if (file === null || file.size !== last - first + 1) return null;
    files.push(file);
  }
  return new Blob(files);
}

async function place(): Promise<FileSystemDirectoryHandle | null> {
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

/** Where the service has another file than the one begun here, begin again. */
async function startAnew(folder: FileSystemDirectoryHandle, index: TilesIndex): Promise<void> {
  const before = await readIndex(folder);
  if (before !== null && before.etag === index.etag && before.size === index.size) return;
  for (const number of before === null ? [] : partsOf(before.size).keys()) await folder.removeEntry(name(number)).catch(() => undefined);
  await write(folder, INDEX, JSON.stringify(index));
}

async function readIndex(folder: FileSystemDirectoryHandle): Promise<TilesIndex | null> {
  try {
    return JSON.parse((await (await fileOf(folder, INDEX))?.text()) ?? "null") as TilesIndex | null;
  } catch {
    return null;
  }
}

async function write(folder: FileSystemDirectoryHandle, file: string, data: ArrayBuffer | string): Promise<void> {
  const writable = await (await folder.getFileHandle(file, { create: true })).createWritable();
  await writable.write(data);
  await writable.close();
}

async function fileOf(folder: FileSystemDirectoryHandle, file: string): Promise<File | null> {
  try {
    return await (await folder.getFileHandle(file)).getFile();
  } catch {
    return null;
  }
}

async function lengthOf(folder: FileSystemDirectoryHandle, file: string): Promise<number> {
  return (await fileOf(folder, file))?.size ?? -1;
}

function name(part: number): string {
  return `${String(part).padStart(4, "0")}.part`;
}
