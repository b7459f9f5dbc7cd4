/** A tablet's identity in IndexedDB: the browser keeps the key there without ever showing it to a script. */

const DATABASE = "patrol";
const STORE = "identity";

/** Which device this is; `key` signs and cannot be read out. */
export interface Identity {
  readonly device: string;
  readonly team: string;
  readonly check: string;
  readonly key: CryptoKey;
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("IndexedDB"));
  });
}

/** Keep it, on the disk before this answers. */
export async function keepIdentity(identity: Identity): Promise<void> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const turn = database.transaction(STORE, "readwrite", { durability: "strict" });
    turn.objectStore(STORE).put(identity, "mine");
    turn.oncomplete = () => resolve();
    turn.onerror = () => reject(turn.error ?? new Error("IndexedDB"));
  });
}
