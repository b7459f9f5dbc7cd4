import { useCallback, useEffect, useLayoutEffect, useState, type RefObject, type UIEvent } from "react";
import { scrollTo, windowOf, type Window } from "../../model/rows";

/** The rows of a long list that are in sight, and what the scrolling box must be given; `shown` is scrolled into sight. */
export function useWindow(box: RefObject<HTMLElement | null>, count: number, row_px: number, shown: number): Window & { onScroll(event: UIEvent<HTMLElement>): void } {
  const [{ top_px, height_px }, setSight] = useState({ top_px: 0, height_px: 800 });
  useLayoutEffect(() => {
    const held = box.current;
    if (held === null) return undefined;
    const measure = (): void => setSight({ top_px: held.scrollTop, height_px: held.clientHeight });
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(held);
    return () => watch.disconnect();
  }, [box]);
  useEffect(() => {
    const held = box.current;
    if (held === null || shown < 0) return;
    const wanted = scrollTo(shown, row_px, held.scrollTop, held.clientHeight);
    if (wanted !== held.scrollTop) held.scrollTop = wanted;
  }, [box, shown, row_px]);
  const onScroll = useCallback((event: UIEvent<HTMLElement>) => {
    const { scrollTop, clientHeight } = event.currentTarget;
    setSight({ top_px: scrollTop, height_px: clientHeight });
  }, []);
  return { ...windowOf(count, row_px, top_px, height_px), onScroll };
}
