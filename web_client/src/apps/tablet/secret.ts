/** The secret of an enrolment code. */
const CODE = /^[\w-]{20,128}$/;

/** The secret in an address or in what was typed; null for anything else. */
export function secretIn(text: string): string | null {
  const secret = text.trim().split("#").at(-1) ?? "";
  return CODE.test(secret) ? secret : null;
}
