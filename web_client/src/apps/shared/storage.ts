/** The browser's storage, or null where it is switched off: a page must work without it. */
export function localStore(): Storage | null {
  try {
    const probe = "patrol.probe";
    window.localStorage.setItem(probe, "1");
    window.localStorage.removeItem(probe);
    return window.localStorage;
  } catch {
    return null;
  }
}
