/** Which rows of a long list are in sight: five thousand incidents cost what twenty cost. */

/** Rows from `first` (included) to `last` (not included), and the height of the space before and after them in pixels. */
export interface Window {
  readonly first: number;
  readonly last: number;
  readonly before_px: number;
  readonly after_px: number;
}

/**
 * The rows of `count`, each `row_px` high, that are in sight of a box of `height_px` scrolled by `top_px`, with
 * `spare` more on each side. Law: before + shown + after = count × row_px, whatever the scroll.
 */
export function windowOf(count: number, row_px: number, top_px: number, height_px: number, spare = 6): Window {
  const most = Math.max(0, count);
  const first = Math.max(0, Math.min(most, Math.floor(Math.max(0, top_px) / row_px) - spare));
  const last = Math.max(first, Math.min(most, Math.ceil((Math.max(0, top_px) + Math.max(0, height_px)) / row_px) + spare));
  return { first, last, before_px: first * row_px, after_px: (most - last) * row_px };
}

/** How far to scroll so that row `index` is wholly in sight; `top_px` where it is already. */
export function scrollTo(index: number, row_px: number, top_px: number, height_px: number): number {
  const [start, end] = [index * row_px, (index + 1) * row_px];
  if (start < top_px) return start;
  return end > top_px + height_px ? end - height_px : top_px;
}
