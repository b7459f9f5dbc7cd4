/** Passkeys: the service's JSON to what the browser's WebAuthn takes, and its answer back to JSON. */
import { call } from "./api";
import type { PasskeyAsk, PasskeysView, SessionView } from "./types.gen";

/** Whether this page can have passkeys at all: browsers give none at an IP address or without TLS (but on localhost). */
export function passkeysWork(): boolean {
  const address = /^[\d.]+$|:/.test(location.hostname);
  return !address && isSecureContext && typeof PublicKeyCredential === "function";
}

/** The person closed the browser's window, or it found nothing: no "no" of the service. */
export class PasskeyGivenUp extends Error {}

function bytes(text: string): ArrayBuffer {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (char) => char.charCodeAt(0)).buffer;
}

function text(raw: ArrayBuffer): string {
  const coded = btoa(Array.from(new Uint8Array(raw), (byte) => String.fromCharCode(byte)).join(""));
  return coded.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

interface Named {
  readonly id: string;
  readonly type: "public-key";
}

interface CreationOptions extends Omit<PublicKeyCredentialCreationOptions, "challenge" | "user" | "excludeCredentials"> {
  readonly challenge: string;
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly excludeCredentials?: readonly Named[];
}

interface RequestOptions extends Omit<PublicKeyCredentialRequestOptions, "challenge" | "allowCredentials"> {
  readonly challenge: string;
}

async function asked(credential: Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const found = await credential;
    if (found instanceof PublicKeyCredential) return found;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
  throw new PasskeyGivenUp();
}

function head(made: PublicKeyCredential): { id: string; rawId: string; type: string } {
  return { id: made.id, rawId: text(made.rawId), type: made.type };
}

/** Make a passkey for whoever is signed in; the password is asked again where a factor is there already. */
export async function addPasskey(name: string, password: string): Promise<SessionView> {
  const { options } = await call<PasskeyAsk>("POST", "/api/session/passkeys", { password });
  const wish = options as unknown as CreationOptions;
  const made = await asked(
    navigator.credentials.create({
      publicKey: {
        ...wish,
        challenge: bytes(wish.challenge),
        user: { ...wish.user, id: bytes(wish.user.id) },
        excludeCredentials: (wish.excludeCredentials ?? []).map((one) => ({ type: one.type, id: bytes(one.id) })),
      },
    }),
  );
  const response = made.response as AuthenticatorAttestationResponse;
  const answer = { ...head(made), response: { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) } };
  return call("POST", "/api/session/passkeys/confirm", { answer, name });
}

/** Sign in with a passkey of this site. */
export async function enterByPasskey(): Promise<SessionView> {
  const { options } = await call<PasskeyAsk>("POST", "/api/session/passkey");
  const wish = options as unknown as RequestOptions;
  const made = await asked(navigator.credentials.get({ publicKey: { ...wish, challenge: bytes(wish.challenge), allowCredentials: [] } }));
  const response = made.response as AuthenticatorAssertionResponse;
  const answer = {
    ...head(made),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle === null ? null : text(response.userHandle),
    },
  };
  return call("POST", "/api/session/passkey/enter", { answer, screen: "desk" });
}

/** One's own passkeys, and for which host name new ones would be. */
export function ownPasskeys(): Promise<PasskeysView> {
  return call("GET", "/api/session/passkeys");
}

/** Forget one of them. */
export function removePasskey(passkey: string, password: string): Promise<SessionView> {
  return call("POST", `/api/session/passkeys/${encodeURIComponent(passkey)}/remove`, { password });
}
