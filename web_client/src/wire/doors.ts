/** The doors as typed functions: one's own session, and what a tablet does to be let in. */
import { call } from "./api";
import type { DeviceView, FactorView, NonceView, SessionView, TicketView } from "./types.gen";

/** What a person does at the door. */
export const doors = {
  /** Who is signed in here. */
  session: (): Promise<SessionView> => call("GET", "/api/session"),
  /** Sign in; `code` where the second factor is set up. */
  signIn: (name: string, password: string, code: string | null): Promise<SessionView> =>
    call("POST", "/api/session", { name, password, code, screen: "desk" }),
  /** Enter a demo without a password. */
  enterDemo: (): Promise<SessionView> => call("POST", "/api/session/demo"),
  /** End this session. */
  signOut: (): Promise<SessionView> => call("DELETE", "/api/session"),
  /** Somebody touches this screen. */
  active: (): Promise<SessionView> => call("POST", "/api/session/active"),
  /** Lock this screen now. */
  lock: (): Promise<SessionView> => call("POST", "/api/session/lock"),
  /** Open it again. */
  unlock: (password: string): Promise<SessionView> => call("POST", "/api/session/unlock", { password }),
  /** Take a new password. */
  password: (old: string, fresh: string): Promise<SessionView> => call("POST", "/api/session/password", { old, new: fresh }),
  /** Begin to set up a second factor. */
  factor: (): Promise<FactorView> => call("POST", "/api/session/factor"),
  /** Keep it, by its first code. */
  confirmFactor: (code: string): Promise<SessionView> => call("POST", "/api/session/factor/confirm", { code }),
};

const encoder = new TextEncoder();

/** Bytes as base64. */
export function base64(bytes: ArrayBuffer): string {
  return btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
}

/** A P-256 key pair whose private half never leaves this browser. */
export async function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
}

async function sign(key: CryptoKey, message: string): Promise<string> {
  return base64(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, encoder.encode(message)));
}

/** Enrol this device by the secret of a QR code; a person confirms it then. */
export async function enrol(secret: string, keys: CryptoKeyPair, name: string): Promise<DeviceView> {
  const key = base64(await crypto.subtle.exportKey("spki", keys.publicKey));
  const signature = await sign(keys.privateKey, `patrol.v1 enrol\n${secret}\n${key}`);
  return call("POST", "/api/devices", { secret, key, signature, name });
}

/** A session cookie for what a tablet asks by HTTP, by a signed challenge. */
export async function openSession(device: string, key: CryptoKey): Promise<void> {
  const { nonce } = await call<NonceView>("POST", `/api/devices/${encodeURIComponent(device)}/challenge`);
  const signature = await sign(key, `patrol.v1 connect\n${device}\n${nonce}`);
  await call("POST", `/api/devices/${encodeURIComponent(device)}/session`, { nonce, signature });
}

/** A ticket for one connection, by a signed challenge. */
export async function ticketFor(device: string, key: CryptoKey): Promise<TicketView> {
  const { nonce } = await call<NonceView>("POST", `/api/devices/${encodeURIComponent(device)}/challenge`);
  const signature = await sign(key, `patrol.v1 connect\n${device}\n${nonce}`);
  return call("POST", `/api/devices/${encodeURIComponent(device)}/ticket`, { nonce, signature });
}
