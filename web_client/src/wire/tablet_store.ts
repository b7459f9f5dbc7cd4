/**
 * What a tablet keeps over a crash, in IndexedDB: its identity, its state, what it still has to bring to the service.
 *
 * A write is on the disk before its promise resolves (`durability: "strict"`); one that fails changes nothing.
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

let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, VERSION);
    asked.onupgradeneeded = () => {
      for (const name of STORES) if (!asked.result.objectStoreNames.contains(name)) asked.result.createObjectStore(name);
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      asked.result.onclose = () => (opened = null);
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("an older page holds the storage: close it"));
  }).catch((error: unknown) => {
    opened = null;
    throw new StoreError(error);
  });
  return opened;
}

async function turn<Answer>(store: StoreName, mode: IDBTransactionMode, work: (held: IDBObjectStore) => IDBRequest<Answer>): Promise<Answer> {
  const held = await database();
  return new Promise((resolve, reject) => {
    try {
      const transaction = held.transaction(store, mode, { durability: "strict" });
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(new StoreError(transaction.error ?? request.error));
    } catch (error) {
      opened = null; // the browser closed the database: the next turn opens it anew
      reject(new StoreError(error));
    }
  });
}

/** Keep a value, on the disk before this resolves. */
export async function put(store: StoreName, key: string, value: unknown): Promise<void> {
  await turn(store, "readwrite", (held) => held.put(value, key));
}

/** The value of a key, undefined where there is none. */
export async function get<Value>(store: StoreName, key: string): Promise<Value | undefined> {
  return turn<Value | undefined>(store, "readonly", (held) => held.get(key) as IDBRequest<Value | undefined>);
}

/** Every value of a drawer, by key. */
export async function all<Value>(store: StoreName): Promise<Value[]> {
  return turn<Value[]>(store, "readonly", (held) => held.getAll() as IDBRequest<Value[]>);
}

/** Forget one key. */
export async function remove(store: StoreName, key: string): Promise<void> {
  await turn(store, "readwrite", (held) => held.delete(key));
}

/** Forget a whole drawer. */
export async function clear(store: StoreName): Promise<void> {
  await turn(store, "readwrite", (held) => held.clear());
}

/** Keep who this device is. */
export function keepIdentity(identity: Identity): Promise<void> {
  return put("identity", "mine", identity);
}

/** Who this device is, undefined before it is enrolled. */
export function loadIdentity(): Promise<Identity | undefined> {
  return get<Identity>("identity", "mine");
}
