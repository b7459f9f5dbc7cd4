import { useEffect, useRef } from "react";

/**
 * Keys by name; a key is left alone while a field or a part of a form has the focus, except Escape. Enter belongs to
 * the button that has the focus, but for the row of the incident that is selected already: there it sends.
 */
export function useKeys(actionOf: (key: string, held: boolean) => (() => void) | null, selected: string | null): void {
  const latest = useRef({ actionOf, selected });
  latest.current = { actionOf, selected };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const { actionOf: find, selected: incident } = latest.current;
      const target = event.target instanceof HTMLElement ? event.target : null;
      const typing = target?.closest("input, textarea, select, form, dialog") != null;
      if (typing && event.key !== "Escape") return;
      if (event.key.startsWith("Arrow") && target?.closest(".map") != null) return;
      const pressed = target?.closest<HTMLElement>("button, summary, a");
      if (event.key === "Enter" && pressed != null && (incident === null || pressed.dataset["incident"] !== incident)) return;
      const action = find(event.key, event.repeat);
      if (action === null) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
