/**
 * What a tablet keeps over a crash, in IndexedDB: its identity, its state, what it still has to bring to the service.
 *
 * A write is on the disk before its promise resolves (`durability: "strict"`); one that fails was not kept. Chromium
 * throws an origin's whole IndexedDB away where a kill left it unreadable (seen twice in nine kills, decision 0053), so
 * everything is kept twice where the browser has storage buckets: first here, then in a bucket with files of its own. All
 * writes go one after the other, so that at any moment one of the two is at rest: a value that the first copy holds is
 * safe, for what a kill can take while the second is written is the second.
 */

const DATABASE = "patrol";
const VERSION = 2;
const STORES = ["identity", "tablet", "errands", "ways"] as const;

/** The drawers of the database. */
export type StoreName = (typeof STORES)[number];

/** Which device this is; `key` signs and cannot be read out. */
export interface Identity {
  readonly device: string;
  readonly team: string;
  readonly check: string;
  readonly key: CryptoKey;
}

/** Raised where the browser's disk is full or its storage is switched off. */
export class StoreError extends Error {
  readonly full: boolean;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.name = "StoreError";
    this.full = cause instanceof DOMException && cause.name === "QuotaExceededError";
  }
}

/** What of the Storage Buckets API is used here; browsers without it have one copy. */
interface Buckets {
  open(name: string, wish: { persisted: boolean; durability: "strict" }): Promise<{ indexedDB: IDBFactory }>;
}

const opened = new Map<"first" | "second", Promise<IDBDatabase | null>>();

function database(copy: "first" | "second"): Promise<IDBDatabase | null> {
  const held = opened.get(copy);
  if (held !== undefined) return held;
  const made = (copy === "first" ? open(copy, indexedDB) : second()).catch((error: unknown) => {
    opened.delete(copy);
    throw new StoreError(error);
  });
  opened.set(copy, made);
  return made;
}

async function second(): Promise<IDBDatabase | null> {
  const buckets = (navigator as { storageBuckets?: Buckets }).storageBuckets;
  if (buckets === undefined) return null;
  return open("second", (await buckets.open("patrol-second", { persisted: true, durability: "strict" })).indexedDB);
}

function open(copy: "first" | "second", factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = factory.open(DATABASE, VERSION);
    asked.onupgradeneeded = () => {
      for (const name of STORES) if (!asked.result.objectStoreNames.contains(name)) asked.result.createObjectStore(name);
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      asked.result.onclose = () => opened.delete(copy);
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("an older page holds the storage: close it"));
  });
}

async function turn<Answer>(copy: "first" | "second", store: StoreName, mode: IDBTransactionMode, work: (held: IDBObjectStore) => IDBRequest<Answer>): Promise<Answer | undefined> {
  const held = await database(copy);
  if (held === null) return undefined;
  return new Promise((resolve, reject) => {
    try {
      const transaction = held.transaction(store, mode, { durability: "strict" });
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(new StoreError(transaction.error ?? request.error));
    } catch (error) {
      opened.delete(copy); // the browser closed the database: the next turn opens it anew
      reject(new StoreError(error));
    }
  });
}

const MOST_WAITING = 256;
const lanes: Readonly<Record<"soon" | "both", (() => Promise<void>)[]>> = { soon: [], both: [] };
let writing = false;

/** A write in both copies, one after the other; resolves once both have it, or `soon`, once the first has. */
function write<Answer>(when: keyof typeof lanes, store: StoreName, work: (held: IDBObjectStore) => IDBRequest<Answer>): Promise<void> {
  return new Promise((resolve, reject) => {
    if (lanes[when].length >= MOST_WAITING) return reject(new StoreError("the disk is too slow: too many writes wait"));
    lanes[when].push(async () => {
      try {
        await turn("first", store, "readwrite", work);
        if (when === "soon") resolve();
        await turn("second", store, "readwrite", work);
        resolve();
      } catch (error) {
        reject(error); // a second copy that failed after `soon` is made again by the next write
      }
    });
    void drain();
  });
}

/** Write what waits, what is wanted soon before all else, never two at once. */
async function drain(): Promise<void> {
  if (writing) return;
  writing = true;
  for (let next = lanes.soon.shift() ?? lanes.both.shift(); next !== undefined; next = lanes.soon.shift() ?? lanes.both.shift()) await next();
  writing = false;
}

/** Keep a value, in both copies before this resolves. */
export function put(store: StoreName, key: string, value: unknown): Promise<void> {
  return write("both", store, (held) => held.put(value, key));
}

/** Keep a value before all that waits; it is on the disk before this resolves, and its second copy follows. */
export function putSoon(store: StoreName, key: string, value: unknown): Promise<void> {
  return write("soon", store, (held) => held.put(value, key));
}

/** The value of a key, undefined where neither copy has one. */
export async function get<Value>(store: StoreName, key: string): Promise<Value | undefined> {
  const read = (copy: "first" | "second"): Promise<Value | undefined> => turn(copy, store, "readonly", (held) => held.get(key) as IDBRequest<Value | undefined>);
  return (await read("first")) ?? read("second");
}

/** Every value that a copy has, by key. */
export async function all<Value>(store: StoreName): Promise<Value[]> {
  const found = new Map<IDBValidKey, Value>();
  for (const copy of ["first", "second"] as const) {
    const keys = (await turn(copy, store, "readonly", (held) => held.getAllKeys())) ?? [];
    const values = (await turn(copy, store, "readonly", (held) => held.getAll() as IDBRequest<Value[]>)) ?? [];
    for (const [at, key] of keys.entries()) {
      const value = values[at];
      if (value !== undefined && !found.has(key)) found.set(key, value);
    }
  }
  return [...found].sort(([a], [b]) => indexedDB.cmp(a, b)).map(([, value]) => value);
}

/** Forget one key. */
export function remove(store: StoreName, key: string): Promise<void> {
  return write("both", store, (held) => held.delete(key));
}

/** Forget a whole drawer. */
export function clear(store: StoreName): Promise<void> {
  return write("both", store, (held) => held.clear());
}

/** Keep who this device is. */
export function keepIdentity(identity: Identity): Promise<void> {
  return put("identity", "mine", identity);
}

/** Who this device is, undefined before it is enrolled; a copy that a kill took is made again. */
export async function loadIdentity(): Promise<Identity | undefined> {
  const held = await get<Identity>("identity", "mine");
  if (held !== undefined) await keepIdentity(held).catch(() => undefined);
  return held;
}
