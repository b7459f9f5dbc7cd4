/** What a list of found places does with keys: pure, so that it is tested without a page. */

/** A list of `count` entries, open or not, with one of them lit (-1: none). */
export interface Listing {
  readonly open: boolean;
  readonly lit: number;
  readonly count: number;
}

/** What a key does: the list after it, and whether it chose, emptied the words, or was not for us. */
export type KeyDone = { readonly next: Listing; readonly act: "move" | "choose" | "close" | "clear" | "none" };

export const CLOSED: Listing = { open: false, lit: -1, count: 0 };

/** New answers have come: the first is lit, so that Enter takes the best. */
export function answered(count: number): Listing {
  return { open: true, lit: count > 0 ? 0 : -1, count };
}

/** The ARIA combobox's keys: arrows go round, Home and End to the edges, Enter chooses, Escape closes, then clears. */
export function pressed(list: Listing, key: string): KeyDone {
  const { open, lit, count } = list;
  const to = (place: number): KeyDone => ({ next: { ...list, open: true, lit: place }, act: "move" });
  if (key === "Escape") return open ? { next: { ...list, open: false }, act: "close" } : { next: CLOSED, act: "clear" };
  if (count === 0) return { next: list, act: "none" };
  if (key === "ArrowDown") return to(open ? (lit + 1) % count : Math.max(lit, 0));
  if (key === "ArrowUp") return to(open ? (lit - 1 + count) % count : count - 1);
  if (open && key === "Home") return to(0);
  if (open && key === "End") return to(count - 1);
  if (open && key === "Enter" && lit >= 0) return { next: { ...list, open: false }, act: "choose" };
  return { next: list, act: "none" };
}
